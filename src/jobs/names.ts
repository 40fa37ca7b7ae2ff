import type { Snapshot } from '../model/evidence.ts';
import { prefix } from './queue.ts';

/** Names that questions came across: for suggestions only, never for an answer. */
export interface Names {
  /** Keeps the names of namespaces, and of the workloads of the namespace that was asked about. */
  learn(snapshot: Snapshot): Promise<void>;
  namespaces(cluster: string): Promise<readonly string[]>;
  workloads(cluster: string, namespace: string): Promise<readonly string[]>;
}

interface Redis {
  get(key: string): Promise<string | null>;
  set(key: string, value: string, unit: 'EX', seconds: number): Promise<unknown>;
}

const kept = 7 * 24 * 3600;
const most = 5_000;

export function names(redis: Redis): Names {
  const save = async (key: string, found: readonly string[]): Promise<void> => {
    await redis.set(key, JSON.stringify([...new Set(found)].toSorted().slice(0, most)), 'EX', kept);
  };
  const load = async (key: string): Promise<readonly string[]> => {
    const text = await redis.get(key);
    return text === null ? [] : (JSON.parse(text) as string[]);
  };
  return {
    async learn({ target: { cluster, namespace }, evidence: { namespaces, workloads } }) {
      if (namespaces?.status === 'collected') {
        await save(
          namespacesKey(cluster),
          namespaces.value.items.map(({ name }) => name),
        );
      }
      if (namespace !== undefined && workloads?.status === 'collected') {
        const own = workloads.value.filter((one) => one.namespace === namespace);
        await save(
          workloadsKey(cluster, namespace),
          own.map(({ name }) => name),
        );
      }
    },
    namespaces: (cluster) => load(namespacesKey(cluster)),
    workloads: (cluster, namespace) => load(workloadsKey(cluster, namespace)),
  };
}

function namespacesKey(cluster: string): string {
  return `${prefix}:names:${cluster}`;
}

function workloadsKey(cluster: string, namespace: string): string {
  return `${prefix}:names:${cluster}:${namespace}`;
}
