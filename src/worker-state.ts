import type { Redis } from 'ioredis';
import type { LiveCluster } from './clients/kubernetes/live-cluster.ts';
import type { Names } from './jobs/names.ts';
import { every } from './jobs/pulse.ts';
import { saveWorkerState } from './jobs/worker-state.ts';
import type { Logger } from './log.ts';
import type { Policy } from './model/policy.ts';
import { type Cluster, type Metrics, SourceError, type Sources } from './model/sources.ts';
import type { MetricsSight, RightsState, WorkerState } from './model/worker-state.ts';
import { release } from './release.ts';
import { mayRead, rightName } from './report/rights.ts';
import { forwardRights, rightsIn } from './rights.ts';
import type { WatchedSlack } from './worker-slack.ts';

export interface StateSettings {
  readonly redis: Redis;
  readonly cluster: string;
  readonly sources: Pick<Sources, 'cluster' | 'metrics'>;
  readonly slack: Pick<WatchedSlack, 'check' | 'sight' | 'onTurn'>;
  readonly names: Pick<Names, 'namespaces'>;
  /** Absent: fixes are off. */
  readonly policy?: Policy;
  readonly log: Logger;
}

const everyMs = 5 * 60_000;
const metricsPatienceMs = 10_000;
const untold = 'The state of the worker is not told';

/** Says now and then how this worker is, for `/mesh status`; at once when it loses Slack. Gives what stops it. */
export function tellState({ redis, cluster, sources, slack, names, policy, log }: StateSettings): () => void {
  const startedAt = new Date().toISOString();
  let looked: Pick<WorkerState, 'rights' | 'metrics'> | undefined;
  const save = async (): Promise<void> => {
    const sight = slack.sight();
    await saveWorkerState(redis, cluster, {
      ...{ version: 1, release: release(), startedAt, at: new Date().toISOString(), source: sources.cluster.source },
      ...(policy !== undefined && { policy: policy.hash }),
      ...looked,
      ...(sight !== undefined && { slack: sight }),
    });
  };
  const look = async (): Promise<void> => {
    const namespaces = await names.namespaces(cluster);
    const [found] = await Promise.all([lookAt(sources, namespaces, policy !== undefined), slack.check()]);
    looked = found;
    await save();
  };
  const stop = every(everyMs, look, log, untold);
  // Before the first look there is more to say than this: it says it itself.
  slack.onTurn(() => {
    if (looked !== undefined) save().catch((error: unknown) => log.warn({ error }, untold));
  });
  return stop;
}

async function lookAt(
  { cluster, metrics }: StateSettings['sources'],
  namespaces: readonly string[],
  fixes: boolean,
): Promise<Pick<WorkerState, 'rights' | 'metrics'>> {
  const [rights, seen] = await Promise.all([
    isLive(cluster) ? rightsOf(cluster, { namespaces, fixes }) : undefined,
    metrics === undefined ? undefined : metricsSight(metrics),
  ]);
  return { ...(rights !== undefined && { rights }), ...(seen !== undefined && { metrics: seen }) };
}

function isLive(cluster: Cluster): cluster is LiveCluster {
  return cluster.kind === 'live' && 'connection' in cluster;
}

export interface RightsOptions {
  /** Those whose proxies might be asked. */
  readonly namespaces?: readonly string[];
  /** Whether fixes are on: only then is it told what they lack. */
  readonly fixes?: boolean;
}

/** Which rights we have in a cluster. */
export async function rightsOf(
  cluster: LiveCluster,
  { namespaces = [], fixes = false }: RightsOptions = {},
): Promise<RightsState> {
  try {
    const [{ account, rights }, forward] = await Promise.all([rightsIn(cluster), forwardRights(cluster, namespaces)]);
    const asked = rights.filter(({ evidence }) => fixes || evidence.length > 0);
    const lacks = asked
      .filter(({ state }) => state === 'missing')
      .map((right) => ({
        ...{ right: rightName(right), evidence: right.evidence, grant: mayRead },
        ...(right.fixes !== undefined && { fixes: right.fixes }),
      }));
    const held = asked.filter(({ state }) => state === 'held').length;
    return { status: 'known', account, held, lacks, ...(forward !== undefined && { forward }) };
  } catch (error) {
    return { status: 'unknown', why: whyOf(error) };
  }
}

async function metricsSight(metrics: Metrics): Promise<MetricsSight> {
  const { source } = metrics;
  try {
    await metrics.query('vector(1)', { signal: AbortSignal.timeout(metricsPatienceMs) });
    return { source };
  } catch (error) {
    return { source, why: whyOf(error) };
  }
}

const longest = 900;

/** What a source says of why it does not answer, and what to do. */
export function whyOf(error: unknown): string {
  if (!(error instanceof SourceError)) throw error;
  return [error.message, error.next]
    .filter((part) => part !== undefined)
    .join(' ')
    .slice(0, longest);
}
