import type { Redis } from 'ioredis';
import { noFixes } from './clients/files/policy.ts';
import { slackMessenger } from './clients/slack.ts';
import { identify, slackClient } from './clients/slack-client.ts';
import { readWorkerConfig, type WorkerConfig } from './config.ts';
import type { Probe } from './health.ts';
import { asks } from './jobs/asks.ts';
import type { CheckDeps } from './jobs/check.ts';
import { consumeChecks } from './jobs/consume.ts';
import { mutes } from './jobs/mutes.ts';
import { names } from './jobs/names.ts';
import { openQueues } from './jobs/open-queues.ts';
import { queueName } from './jobs/queue.ts';
import { deliveryRecords } from './jobs/records.ts';
import { createLogger, forRequests, type Logger, withinRequest } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Policy } from './model/policy.ts';
import { ruleFor } from './model/policy-decisions.ts';
import { runAsMain } from './process.ts';
import { openService } from './service.ts';
import { slackLogger } from './slack-log.ts';
import { startDigests } from './worker-digests.ts';
import { startFixes } from './worker-fixes.ts';
import { watchSlack } from './worker-slack.ts';
import { tellState } from './worker-state.ts';

export interface WorkerDeps extends Pick<CheckDeps, 'answer' | 'sources'> {
  readonly log?: Logger;
  /** What else has to answer before this worker counts as ready: the cluster. */
  readonly probes?: Readonly<Record<string, Probe>>;
  readonly progressEveryMs?: number;
  readonly lockMs?: number;
  /** Absent: fixes are off. */
  readonly policy?: Policy;
  /** How often each plan that is not over is looked at, whatever got lost. */
  readonly sweepEveryMs?: number;
  /** The time of day, where it is not the machine's. */
  readonly now?: () => Date;
}

export interface RunningWorker {
  /** Where `/livez`, `/readyz` and `/metrics` are. */
  readonly healthUrl: string;
  stop(): Promise<void>;
}

const progressEveryMs = 2_500;
const lockMs = 15_000;
const sweepEveryMs = 15_000;

/** Answers the questions about one cluster, until stopped. */
export async function startWorker(config: WorkerConfig, deps: WorkerDeps): Promise<RunningWorker> {
  const log = deps.log ?? createLogger({ level: config.logLevel });
  const name = `meshbot-worker-${config.cluster}`;
  const service = await openService({ ...config, name, log, probes: deps.probes ?? {} });
  const { redis, metrics } = service;
  const slack = await slackFor(config, metrics, log);
  const policy = deps.policy ?? noFixes;
  const checks = { ...checkDeps(config, deps, redis, policy), messenger: slack.messenger, log, watch: metrics.checks };
  const taking = { redis, concurrency: config.concurrency, lockMs: deps.lockMs ?? lockMs };
  const consumer = consumeChecks({ ...taking, onTaken: metrics.taken, within: withinRequest, deps: checks });
  const sweep = { sweepEveryMs: deps.sweepEveryMs ?? sweepEveryMs };
  const fixes = startFixes({ ...taking, ...sweep, policy, slack, checks, metrics });
  const digests = await startDigests({ ...taking, policy, slack, checks, metrics });
  const stopTelling = tellState({ ...deps, redis, cluster: config.cluster, slack, names: checks.names, log });
  const queues = openQueues(redis);
  metrics.gauge('meshbot_questions_running', 'Questions being answered now', consumer.running);
  metrics.gauge('meshbot_questions_waiting', 'Questions that wait', async () =>
    (await queues.get(queueName(config.cluster))).getWaitingCount(),
  );
  service.started();
  log.info({ cluster: config.cluster }, 'The worker is ready');
  return {
    healthUrl: service.healthUrl,
    async stop() {
      stopTelling();
      await Promise.all([
        consumer.close(config.shutdownMs),
        fixes.close(config.shutdownMs),
        digests.close(config.shutdownMs),
      ]);
      await queues.close();
      await service.close();
      log.info('The worker has stopped');
    },
  };
}

function checkDeps({ cluster }: WorkerConfig, { answer, sources, ...deps }: WorkerDeps, redis: Redis, policy: Policy) {
  const now = deps.now ?? (() => new Date());
  return {
    cluster,
    answer,
    sources,
    records: deliveryRecords(redis, now),
    asks: asks(redis),
    names: names(redis),
    mutes: mutes(redis, now),
    now,
    progressEveryMs: deps.progressEveryMs ?? progressEveryMs,
    isOffered: ({ fix, ...place }) => ruleFor(policy, fix, { cluster, ...place }) !== undefined,
  } satisfies Partial<CheckDeps>;
}

async function slackFor({ botToken, slackApiUrl }: WorkerConfig, metrics: Metrics, log: Logger) {
  const settings = {
    token: botToken,
    logger: slackLogger(log),
    ...(slackApiUrl !== undefined && { apiUrl: slackApiUrl }),
  };
  const client = slackClient(settings);
  const home = await identify(client, log);
  const messenger = slackMessenger({ ...settings, onCall: metrics.slackCall }, home.botName);
  return { client, home, ...watchSlack({ messenger, client }) };
}

if (import.meta.main) {
  const { answer } = await import('./jobs/answer.ts');
  const { liveCluster } = await import('./clients/kubernetes/live-cluster.ts');
  const { sourcesOf } = await import('./clients/kubernetes/proxy-source.ts');
  const { openCounters } = await import('./counters.ts');
  const { readPolicy } = await import('./clients/files/policy.ts');
  const { fixes } = await import('./fixes/index.ts');
  const { topics } = await import('./topics/index.ts');
  await runAsMain(readWorkerConfig, async (config, log) => {
    const cluster = await liveCluster({
      name: config.cluster,
      logger: forRequests(log),
      ...(config.kubeconfig !== undefined && { kubeconfig: config.kubeconfig }),
      ...(config.kubeContext !== undefined && { context: config.kubeContext }),
    });
    const counters = openCounters(config);
    const sources = { ...sourcesOf(cluster), ...counters.sources };
    const probes = { cluster: () => cluster.ready().then(() => undefined) };
    const policy =
      config.policyFile === undefined
        ? {}
        : {
            policy: readPolicy(
              config.policyFile,
              fixes.map(({ id }) => id),
              { topics: topics.map(({ id }) => id) },
            ),
          };
    const worker = await startWorker(config, { answer, sources, log, probes, ...policy });
    return { stop: () => worker.stop().finally(() => Promise.all([cluster.close(), counters.close()])) };
  });
}
