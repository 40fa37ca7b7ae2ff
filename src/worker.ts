import type { Redis } from 'ioredis';
import { patientRedis, redisReady } from './clients/redis.ts';
import { slackMessenger } from './clients/slack.ts';
import { identify, slackClient } from './clients/slack-client.ts';
import { readWorkerConfig, type WorkerConfig } from './config.ts';
import { type Probe, serveHealth } from './health.ts';
import { asks } from './jobs/asks.ts';
import type { CheckDeps } from './jobs/check.ts';
import { consumeChecks } from './jobs/consume.ts';
import type { Messenger } from './jobs/messenger.ts';
import { checkQueues } from './jobs/queue.ts';
import { deliveryRecords } from './jobs/records.ts';
import { createLogger, forRequests, type Logger, withinRequest } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { runAsMain } from './process.ts';
import { slackLogger } from './slack-log.ts';

export interface WorkerDeps extends Pick<CheckDeps, 'answer' | 'sources'> {
  readonly log?: Logger;
  /** What else has to answer before this worker counts as ready: the cluster. */
  readonly probes?: Readonly<Record<string, Probe>>;
  readonly progressEveryMs?: number;
  readonly lockMs?: number;
}

export interface RunningWorker {
  /** Where `/livez`, `/readyz` and `/metrics` are. */
  readonly healthUrl: string;
  stop(): Promise<void>;
}

const redisTimeoutMs = 60_000;
const progressEveryMs = 2_500;
const lockMs = 15_000;

/** Answers the questions about one cluster, until stopped. */
export async function startWorker(config: WorkerConfig, deps: WorkerDeps): Promise<RunningWorker> {
  const log = deps.log ?? createLogger({ level: config.logLevel });
  const metrics = createMetrics();
  const redis = patientRedis({
    url: config.redisUrl,
    name: `meshbot-worker-${config.cluster}`,
    onError: (error) => log.warn({ error }, 'Redis does not answer'),
  });
  let started = false;
  const probes = {
    started: () => (started ? undefined : 'not yet'),
    redis: () => (redis.status === 'ready' ? undefined : 'no connection'),
    ...deps.probes,
  };
  const { listenHost: host, healthPort: port } = config;
  const health = await serveHealth({ host, port, registry: metrics.registry, probes });
  await redisReady(redis, redisTimeoutMs);
  const messenger = await messengerFor(config, metrics, log);
  const consumer = consumeChecks({
    redis,
    concurrency: config.concurrency,
    lockMs: deps.lockMs ?? lockMs,
    onTaken: metrics.taken,
    within: withinRequest,
    deps: { ...checkDeps(config, deps, redis), messenger, log, watch: metrics.checks },
  });
  const queues = checkQueues(redis);
  metrics.gauge('meshbot_questions_running', 'Questions being answered now', consumer.running);
  metrics.gauge(
    'meshbot_questions_waiting',
    'Questions that wait',
    async () => (await queues.state(config.cluster)).waiting,
  );
  started = true;
  log.info({ cluster: config.cluster }, 'The worker is ready');
  return {
    healthUrl: health.url,
    async stop() {
      await consumer.close(config.shutdownMs);
      await queues.close();
      redis.disconnect();
      await health.close();
      log.info('The worker has stopped');
    },
  };
}

function checkDeps({ cluster }: WorkerConfig, { answer, sources, ...deps }: WorkerDeps, redis: Redis) {
  const now = () => new Date();
  return {
    cluster,
    answer,
    sources,
    records: deliveryRecords(redis, now),
    asks: asks(redis),
    now,
    progressEveryMs: deps.progressEveryMs ?? progressEveryMs,
  } satisfies Partial<CheckDeps>;
}

async function messengerFor(
  { botToken, slackApiUrl }: WorkerConfig,
  metrics: Metrics,
  log: Logger,
): Promise<Messenger> {
  const slack = {
    token: botToken,
    logger: slackLogger(log),
    ...(slackApiUrl !== undefined && { apiUrl: slackApiUrl }),
  };
  const { botName } = await identify(slackClient(slack), log);
  return slackMessenger({ ...slack, onCall: metrics.slackCall }, botName);
}

if (import.meta.main) {
  const { answer } = await import('./jobs/answer.ts');
  const { liveCluster } = await import('./clients/kubernetes/live-cluster.ts');
  const { sourcesOf } = await import('./clients/kubernetes/proxy-source.ts');
  const { openCounters } = await import('./counters.ts');
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
    const worker = await startWorker(config, { answer, sources, log, probes });
    return { stop: () => worker.stop().finally(() => Promise.all([cluster.close(), counters.close()])) };
  });
}
