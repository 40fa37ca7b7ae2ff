import { type CountersConfig, readCounters } from './config-counters.ts';
import { type Environment, type Reader, reader } from './environment.ts';

export { type CountersConfig, type PrometheusConfig, readCountersConfig } from './config-counters.ts';
export { ConfigError, type Environment, variables } from './environment.ts';

export interface CommonConfig {
  readonly redisUrl: string;
  readonly listenHost: string;
  readonly healthPort: number;
  readonly logLevel: string;
  readonly shutdownMs: number;
}

/** Whoever talks to Slack. */
export interface SlackConfig {
  readonly slackApiUrl?: string;
  readonly botToken: string;
}

/** Whoever talks to a cluster. */
export interface ClusterConfig {
  readonly cluster: string;
  readonly kubeconfig?: string;
  readonly kubeContext?: string;
}

export type Transport =
  | { readonly mode: 'socket'; readonly appToken: string }
  | { readonly mode: 'http'; readonly signingSecret: string; readonly port: number };

export interface BotConfig extends CommonConfig, SlackConfig {
  readonly transport: Transport;
  readonly clusters: readonly string[];
  readonly defaultCluster?: string;
  /** Absent: fixes are off. */
  readonly policyFile?: string;
  /** Needed where the policy lets anything be fixed. */
  readonly approvalKey?: string;
  /** Of one person: so many at once, and then so many a minute. */
  readonly requestsPerMinute: number;
}

export interface WorkerConfig extends CommonConfig, SlackConfig, ClusterConfig, CountersConfig {
  readonly concurrency: number;
  /** Absent: fixes are off. */
  readonly policyFile?: string;
}

/** It has no way to Slack. */
export interface FixerConfig extends CommonConfig, ClusterConfig {
  readonly policyFile: string;
  readonly approvalKey: string;
  readonly freezeConfigMap?: { readonly namespace: string; readonly name: string };
}

const clusterName = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

export function readBotConfig(env: Environment): BotConfig {
  const read = reader(env);
  const common = { ...readCommon(read), ...readSlack(read) };
  const transport = readTransport(read);
  const clusters = list(read.text('CLUSTERS') ?? '');
  if (clusters.length === 0)
    read.problem('CLUSTERS is not set. Name at least one cluster, for example CLUSTERS=prod-eu.');
  for (const name of clusters) {
    if (!clusterName.test(name))
      read.problem(`CLUSTERS holds "${name}". A cluster's name holds small letters, digits and hyphens.`);
  }
  const defaultCluster = read.text('DEFAULT_CLUSTER');
  if (defaultCluster !== undefined && !clusters.includes(defaultCluster)) {
    read.problem(`DEFAULT_CLUSTER is "${defaultCluster}", which CLUSTERS does not name.`);
  }
  const policyFile = read.text('POLICY_FILE');
  return read.result({
    ...common,
    transport,
    clusters,
    requestsPerMinute: read.number('REQUESTS_PER_MINUTE', 1, 100_000),
    ...(defaultCluster !== undefined && { defaultCluster }),
    ...(policyFile !== undefined && { policyFile }),
    ...(policyFile !== undefined && read.isSet('APPROVAL_KEY') && { approvalKey: readApprovalKey(read) }),
  });
}

export function readWorkerConfig(env: Environment): WorkerConfig {
  const read = reader(env);
  const policyFile = read.text('POLICY_FILE');
  return read.result({
    ...readCommon(read),
    ...readSlack(read),
    ...readCluster(read),
    concurrency: read.number('WORKER_CONCURRENCY', 1, 50),
    ...readCounters(read),
    ...(policyFile !== undefined && { policyFile }),
  });
}

export function readFixerConfig(env: Environment): FixerConfig {
  const read = reader(env);
  const policyFile = read.text('POLICY_FILE') ?? '';
  if (policyFile === '')
    read.problem('POLICY_FILE is not set. Set it to the policy: without one, nothing may be applied.');
  const freeze = read.text('FREEZE_CONFIGMAP');
  const [, namespace, name] = /^([a-z0-9-]+)\/([a-z0-9.-]+)$/.exec(freeze ?? '') ?? [];
  const freezeConfigMap = namespace === undefined || name === undefined ? undefined : { namespace, name };
  if (freeze !== undefined && freezeConfigMap === undefined)
    read.problem(`FREEZE_CONFIGMAP is "${freeze}". Give a namespace and a name, for example meshbot/meshbot-freeze.`);
  return read.result({
    ...readCommon(read),
    ...readCluster(read),
    policyFile,
    approvalKey: readApprovalKey(read),
    ...(freezeConfigMap !== undefined && { freezeConfigMap }),
  });
}

function readApprovalKey(read: Reader): string {
  return read.secret('APPROVAL_KEY', /^\S{32,}$/, 'at least 32 characters, for example of openssl rand -hex 32');
}

function readCluster(read: Reader): ClusterConfig {
  const cluster = read.text('CLUSTER') ?? '';
  if (!clusterName.test(cluster)) {
    read.problem(`CLUSTER is "${cluster}". Give the cluster's name in small letters, digits and hyphens.`);
  }
  const [kubeconfig, kubeContext] = [read.text('KUBECONFIG'), read.text('KUBE_CONTEXT')];
  return {
    cluster,
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(kubeContext !== undefined && { kubeContext }),
  };
}

function readCommon(read: Reader): CommonConfig {
  const redisUrl = read.secret('REDIS_URL', /^rediss?:\/\//, 'redis://… or rediss://…');
  if (/^rediss?:\/\/[^:@/]*:PASSWORD@/.test(redisUrl))
    read.problem('REDIS_URL has the password of the example. Invent one: openssl rand -hex 24.');
  return {
    redisUrl,
    listenHost: read.text('LISTEN_HOST') ?? '0.0.0.0',
    healthPort: read.number('HEALTH_PORT', 0, 65_535),
    logLevel: read.oneOf('LOG_LEVEL', ['trace', 'debug', 'info', 'warn', 'error', 'silent']),
    shutdownMs: read.number('SHUTDOWN_SECONDS', 0, 3_600) * 1000,
  };
}

function readSlack(read: Reader): SlackConfig {
  const slackApiUrl = read.text('SLACK_API_URL');
  return {
    botToken: read.secret('SLACK_BOT_TOKEN', /^xoxb-/, 'xoxb-…'),
    ...(slackApiUrl !== undefined && { slackApiUrl }),
  };
}

function readTransport(read: Reader): Transport {
  if (read.oneOf('SLACK_MODE', ['socket', 'http']) === 'socket') {
    return { mode: 'socket', appToken: read.secret('SLACK_APP_TOKEN', /^xapp-/, 'xapp-…') };
  }
  const signingSecret = read.secret('SLACK_SIGNING_SECRET', /^\S{16,}$/, 'at least 16 characters');
  return { mode: 'http', signingSecret, port: read.number('HTTP_PORT', 0, 65_535) };
}

function list(text: string): readonly string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
