import type { Redis } from 'ioredis';
import { auditLog } from './jobs/audit/audit.ts';
import { type AuditWatch, watchAudit } from './jobs/audit/watch.ts';
import { openPlans } from './jobs/fixes/open-plans.ts';
import type { Remediations } from './jobs/fixes/remediations.ts';
import { type OpenQueues, openQueues } from './jobs/open-queues.ts';
import { lookAround } from './jobs/status.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { ClusterStatus, Pulse, RedisStatus, Waiting } from './model/bot-status.ts';

export interface AroundSettings {
  readonly redis: Redis;
  readonly queues: OpenQueues;
  readonly clusters: readonly string[];
  readonly audit: Pick<AuditWatch, 'sight'>;
  /** Absent: fixes are off. */
  readonly remediations: Pick<Remediations, 'open' | 'load'> | undefined;
}

interface Around {
  readonly redis?: RedisStatus;
  readonly clusters: readonly { readonly name: string; readonly found: ClusterStatus }[];
  /** Milliseconds of the epoch. */
  readonly at: number;
}

const pingMs = 1_500;
/** One look serves all that a scrape reads. */
const freshMs = 2_000;
/** A worker speaks every five minutes; what it said before that says nothing of now. */
const saidSeconds = 11 * 60;
const queueNames = ['check', 'remedy', 'apply', 'digest'] as const;

/** What the bot keeps looking at, for its metrics and for `/mesh status`. */
export interface Surroundings {
  readonly queues: OpenQueues;
  readonly audit: Pick<AuditWatch, 'sight'>;
  close(): Promise<void>;
}

/** Watches the queues and the audit log, and exports what is seen. */
export function watchAround(
  metrics: Metrics,
  { log, ...settings }: Pick<AroundSettings, 'redis' | 'clusters' | 'remediations'> & { readonly log: Logger },
): Surroundings {
  const { redis } = settings;
  const queues = openQueues(redis);
  const audit = watchAudit({ audit: auditLog(redis), log, isReady: () => redis.status === 'ready' });
  exportAround(metrics, { ...settings, queues, audit });
  return {
    queues,
    audit,
    async close() {
      audit.close();
      await queues.close();
    },
  };
}

/**
 * Tells of all clusters what workers and fixers cannot tell once they are gone. What is not known is absent: only of
 * Redis it is known at once.
 */
export function exportAround(metrics: Metrics, settings: AroundSettings): void {
  const look = keptFor(freshMs, () => around(settings));
  metrics.gauge('meshbot_redis_up', 'Whether Redis answers the bot', () => redisUp(settings.redis));
  exportMemory(metrics, look);
  exportClusters(metrics, look, settings.remediations !== undefined);
  exportQueues(metrics, look);
  if (settings.remediations !== undefined) exportPlans(metrics, settings.remediations, settings.clusters);
  metrics.gauges('meshbot_audit_broken', 'Whether the last walk of the audit log found it broken', [], async () => {
    const sight = settings.audit.sight();
    return sight.status === 'known' ? [{ labels: {}, value: sight.value.broken === undefined ? 0 : 1 }] : [];
  });
}

type Look = () => Promise<Around>;

function exportMemory(metrics: Metrics, look: Look): void {
  const memory = async (which: 'usedBytes' | 'maxBytes') => {
    const server = (await look()).redis?.server;
    return server?.status === 'known' ? [{ labels: {}, value: server.value[which] }] : [];
  };
  metrics.gauges('meshbot_redis_memory_used_bytes', 'Memory that Redis uses', [], () => memory('usedBytes'));
  metrics.gauges('meshbot_redis_memory_max_bytes', 'Memory that Redis may use; 0: no limit', [], () =>
    memory('maxBytes'),
  );
}

function exportClusters(metrics: Metrics, look: Look, canFix: boolean): void {
  const each = (name: string, help: string, read: (found: ClusterStatus, at: number) => number | undefined): void =>
    metrics.gauges(name, help, ['target_cluster'], async () => {
      const { clusters, at } = await look();
      return clusters.flatMap(({ name: target_cluster, found }) => {
        const value = read(found, at);
        return value === undefined ? [] : [{ labels: { target_cluster }, value }];
      });
    });
  each(
    'meshbot_cluster_worker_silent_seconds',
    'Time since the last sign of life of a worker; +Inf: there never was one',
    ({ worker }, at) => silence(worker, at),
  );
  if (canFix) {
    each(
      'meshbot_cluster_fixer_silent_seconds',
      'Time since the last sign of life of a fixer; +Inf: there never was one',
      ({ fixer }, at) => silence(fixer, at),
    );
  }
  each('meshbot_cluster_slack_refused', 'Whether Slack refused what the worker did last', ({ state }, at) =>
    state?.slack === undefined || age(state.at, at) > saidSeconds ? undefined : Number(state.slack.code !== undefined),
  );
  each(
    'meshbot_cluster_digests_overdue',
    'Digests that were due more than five minutes ago and are not out',
    ({ digests }) => digests.count,
  );
}

function exportQueues(metrics: Metrics, look: Look): void {
  const labels = ['target_cluster', 'queue'] as const;
  const each = (name: string, help: string, read: (waiting: Waiting, at: number) => number): void =>
    metrics.gauges(name, help, labels, async () => {
      const { clusters, at } = await look();
      return clusters.flatMap(({ name: target_cluster, found }) =>
        queueNames.map((queue) => ({ labels: { target_cluster, queue }, value: read(queueOf(found, queue), at) })),
      );
    });
  each('meshbot_cluster_jobs_undone', 'Jobs that wait, were put off, or run for long', ({ count }) => count);
  each('meshbot_cluster_oldest_job_seconds', 'Age of the oldest job that is not done; 0: none', ({ since }, at) =>
    age(since, at),
  );
}

function queueOf(found: ClusterStatus, queue: (typeof queueNames)[number]): Waiting {
  const { questions: check, remedies: remedy, applies: apply, digesting: digest } = found;
  return { check, remedy, apply, digest }[queue];
}

function exportPlans(
  metrics: Metrics,
  remediations: NonNullable<AroundSettings['remediations']>,
  clusters: readonly string[],
): void {
  const labels = ['target_cluster', 'state'] as const;
  const plans = keptFor(freshMs, () =>
    Promise.all(
      clusters.map(async (target_cluster) => ({
        target_cluster,
        plans: await openPlans(remediations, target_cluster),
      })),
    ),
  );
  const read = async (value: (count: number, since: string | undefined) => number) =>
    (await plans()).flatMap(({ target_cluster, plans: all }) =>
      all.map(({ state, count, since }) => ({ labels: { target_cluster, state }, value: value(count, since) })),
    );
  metrics.gauges('meshbot_cluster_plans', 'Plans by the state that they are in; unclear ones for an hour', labels, () =>
    read((count) => count),
  );
  metrics.gauges('meshbot_cluster_plan_oldest_seconds', 'How long a plan is in this state; 0: none is', labels, () =>
    read((_, since) => age(since, Date.now())),
  );
}

async function around({ redis, queues, clusters }: AroundSettings): Promise<Around> {
  const now = new Date();
  const seen = await lookAround(redis, clusters, now, queues);
  return {
    at: now.getTime(),
    ...(seen.redis.status === 'known' && { redis: seen.redis.value }),
    clusters: seen.clusters.flatMap(({ name, found }) =>
      found.status === 'known' ? [{ name, found: found.value }] : [],
    ),
  };
}

async function redisUp(redis: Pick<Redis, 'ping'>): Promise<number> {
  const late = Promise.withResolvers<number>();
  const timer = setTimeout(() => late.resolve(0), pingMs);
  const ping = redis.ping().then(
    () => 1,
    () => 0,
  );
  return Promise.race([ping, late.promise]).finally(() => clearTimeout(timer));
}

function silence({ seenAt }: Pulse, at: number): number {
  return seenAt === undefined ? Number.POSITIVE_INFINITY : age(seenAt, at);
}

/** In seconds; 0 where there is nothing. */
function age(since: string | undefined, at: number): number {
  return since === undefined ? 0 : Math.max(0, (at - Date.parse(since)) / 1000);
}

/** What was read just now, or is being read, is read once. */
function keptFor<T>(ms: number, read: () => Promise<T>): () => Promise<T> {
  let last: { readonly at: number; readonly value: Promise<T> } | undefined;
  return () => {
    if (last === undefined || Date.now() - last.at > ms) last = { at: Date.now(), value: read() };
    return last.value;
  };
}
