import type { Cluster } from '../../model/sources.ts';
import { UsageError } from '../../model/sources.ts';
import { type FilesOptions, filesCluster } from './files-cluster.ts';
import { isMustGather, mustGatherCluster } from './must-gather.ts';

/**
 * Whatever the paths hold: an unpacked must-gather, or manifests.
 *
 * @throws UsageError for what cannot be read.
 */
export async function fileSource(paths: readonly string[], options: FilesOptions = {}): Promise<Cluster> {
  const gathered: string[] = [];
  for (const one of paths) if (one !== '-' && (await isMustGather(one))) gathered.push(one);
  const [first] = gathered;
  if (first === undefined) return filesCluster(paths, options);
  if (paths.length === 1) return mustGatherCluster(first);
  throw new UsageError(`${first} is a must-gather, which is a whole cluster of its own. Name it alone.`);
}
