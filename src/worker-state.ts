import type { Redis } from 'ioredis';
import type { LiveCluster } from './clients/kubernetes/live-cluster.ts';
import { keepSaying, saveWorkerState } from './jobs/worker-state.ts';
import type { Logger } from './log.ts';
import type { Policy } from './model/policy.ts';
import { type Cluster, SourceError, type Sources } from './model/sources.ts';
import type { RightsState } from './model/worker-state.ts';
import { release } from './release.ts';
import { mayRead, rightName } from './report/rights.ts';
import { rightsIn } from './rights.ts';

export interface StateSettings {
  readonly redis: Redis;
  readonly cluster: string;
  readonly sources: Pick<Sources, 'cluster'>;
  /** Absent: fixes are off. */
  readonly policy?: Policy;
  readonly log: Logger;
}

const everyMs = 5 * 60_000;

/** Says now and then how this worker is, for `/mesh status`. Gives what stops it. */
export function tellState({ redis, cluster, sources: { cluster: source }, policy, log }: StateSettings): () => void {
  const startedAt = new Date().toISOString();
  const say = async (): Promise<void> => {
    const rights = isLive(source) ? { rights: await rightsOf(source) } : {};
    const own = policy === undefined ? {} : { policy: policy.hash };
    const at = new Date().toISOString();
    const state = { version: 1, release: release(), startedAt, at, source: source.source, ...own, ...rights } as const;
    await saveWorkerState(redis, cluster, state);
  };
  return keepSaying(say, everyMs, log);
}

function isLive(cluster: Cluster): cluster is LiveCluster {
  return cluster.kind === 'live' && 'connection' in cluster;
}

/** Which rights we have in a cluster. */
export async function rightsOf(cluster: LiveCluster): Promise<RightsState> {
  try {
    const { account, rights } = await rightsIn(cluster);
    const lacks = rights
      .filter(({ state }) => state === 'missing')
      .map((right) => ({ right: rightName(right), evidence: right.evidence, grant: mayRead }));
    return { status: 'known', account, held: rights.filter(({ state }) => state === 'held').length, lacks };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return { status: 'unknown', why: [error.message, error.next].filter((part) => part !== undefined).join(' ') };
  }
}
