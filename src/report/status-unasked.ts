import type { BotStatus, ClusterStatus } from '../model/bot-status.ts';
import { counted } from './words.ts';

/** What could not be asked, or was not: it is neither well nor a problem. Each without subject: `how full Redis is`. */
export function unasked(status: BotStatus): readonly string[] {
  const { redis, clusters, policy } = status;
  return [
    ...(redis.status === 'known' && redis.value.server.status === 'unknown' ? ['how full Redis is'] : []),
    ...clusters.flatMap(({ name, found }) => {
      if (found.status === 'unknown') return [];
      return [
        ...unaskedOfWorker(name, found.value),
        ...(policy === undefined ? [] : unaskedOfFixer(name, found.value)),
      ];
    }),
  ];
}

function unaskedOfWorker(name: string, { state }: ClusterStatus): readonly string[] {
  if (state?.rights?.status !== 'known' || state.rights.forward !== undefined) return [];
  return [`whether proxies may be asked themselves in ${name}, as no question was answered there yet`];
}

function unaskedOfFixer(name: string, { state, fixerState }: ClusterStatus): readonly string[] {
  if (fixerState === undefined) return [];
  const { rights } = fixerState;
  // A worker that asked an API server is in a cluster; files have none.
  if (rights === undefined) return state?.rights === undefined ? [] : [`which rights the fixer of ${name} has`];
  if (rights.status === 'unknown') return [];
  return rights.value.flatMap(({ fix, asked, notAsked }) => {
    if (asked === 0) return [`the rights of ${fix} in ${name}, as no namespace is known there yet`];
    return notAsked === 0 ? [] : [`the rights of ${fix} in ${counted(notAsked, 'more namespace')} of ${name}`];
  });
}
