import { type Environment, type Reader, reader } from './environment.ts';

export { ConfigError, type Environment, variables } from './environment.ts';

export interface CommonConfig {
  readonly redisUrl: string;
  readonly slackApiUrl?: string;
  readonly botToken: string;
  readonly listenHost: string;
  readonly healthPort: number;
  readonly logLevel: string;
  readonly shutdownMs: number;
}

export type Transport =
  | { readonly mode: 'socket'; readonly appToken: string }
  | { readonly mode: 'http'; readonly signingSecret: string; readonly port: number };

export interface BotConfig extends CommonConfig {
  readonly transport: Transport;
  readonly clusters: readonly string[];
  readonly defaultCluster?: string;
}

export interface WorkerConfig extends CommonConfig, CountersConfig {
  readonly cluster: string;
  readonly concurrency: number;
  readonly kubeconfig?: string;
  readonly kubeContext?: string;
}

/** Where calls on the wire are counted. */
export interface CountersConfig {
  readonly prometheus?: PrometheusConfig;
  /** The port where proxies serve their metrics. */
  readonly proxyMetricsPort?: number;
}

export interface PrometheusConfig {
  readonly url: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly caFile?: string;
}

const clusterName = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

export function readBotConfig(env: Environment): BotConfig {
  const read = reader(env);
  const common = readCommon(read);
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
  return read.result({ ...common, transport, clusters, ...(defaultCluster !== undefined && { defaultCluster }) });
}

export function readWorkerConfig(env: Environment): WorkerConfig {
  const read = reader(env);
  const common = readCommon(read);
  const cluster = read.text('CLUSTER') ?? '';
  if (!clusterName.test(cluster)) {
    read.problem(`CLUSTER is "${cluster}". Give the cluster's name in small letters, digits and hyphens.`);
  }
  const [kubeconfig, kubeContext] = [read.text('KUBECONFIG'), read.text('KUBE_CONTEXT')];
  return read.result({
    ...common,
    cluster,
    concurrency: read.number('WORKER_CONCURRENCY', 1, 50),
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(kubeContext !== undefined && { kubeContext }),
    ...readCounters(read),
  });
}

/** Where calls on the wire are counted, if anywhere. */
export function readCountersConfig(env: Environment): CountersConfig {
  const read = reader(env);
  return read.result(readCounters(read));
}

function readCounters(read: Reader): CountersConfig {
  const prometheus = readPrometheus(read);
  const port = read.oneOf('PROXY_METRICS', ['off', '15090', '15020']);
  return {
    ...(prometheus !== undefined && { prometheus }),
    ...(port !== 'off' && { proxyMetricsPort: Number(port) }),
  };
}

function readPrometheus(read: Reader): PrometheusConfig | undefined {
  const url = read.text('PROMETHEUS_URL');
  if (url === undefined) return undefined;
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
    read.problem(
      'PROMETHEUS_URL is not an address. Give one like https://thanos-querier.openshift-monitoring.svc:9091.',
    );
  const [token, tokenFile] = [read.text('PROMETHEUS_TOKEN'), read.file('PROMETHEUS_TOKEN')];
  if (token !== undefined && tokenFile !== undefined)
    read.problem('PROMETHEUS_TOKEN and PROMETHEUS_TOKEN_FILE are both set. Set one.');
  const caFile = read.text('PROMETHEUS_CA_FILE');
  return {
    url,
    ...(token !== undefined && { token }),
    ...(tokenFile !== undefined && { tokenFile }),
    ...(caFile !== undefined && { caFile }),
  };
}

function readCommon(read: Reader): CommonConfig {
  const slackApiUrl = read.text('SLACK_API_URL');
  const redisUrl = read.secret('REDIS_URL', /^rediss?:\/\//, 'redis://… or rediss://…');
  return {
    redisUrl,
    botToken: read.secret('SLACK_BOT_TOKEN', /^xoxb-/, 'xoxb-…'),
    listenHost: read.text('LISTEN_HOST') ?? '0.0.0.0',
    healthPort: read.number('HEALTH_PORT', 0, 65_535),
    logLevel: read.oneOf('LOG_LEVEL', ['trace', 'debug', 'info', 'warn', 'error', 'silent']),
    shutdownMs: read.number('SHUTDOWN_SECONDS', 0, 3_600) * 1000,
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
