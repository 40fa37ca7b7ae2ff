import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { type LiveCluster, liveCluster } from '../../src/clients/kubernetes/live-cluster.ts';
import { onEnd } from './ending.ts';

const own =
  process.env.MESHBOT_CLUSTER_DIR ??
  path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'meshbot-cluster');

/** Access to the cluster of MESHBOT_TEST_KUBECONFIG, else to the one of `npm run cluster -- up`; never that of KUBECONFIG. */
export function clusterEnv(): { readonly KUBECONFIG: string } | undefined {
  const file = process.env.MESHBOT_TEST_KUBECONFIG ?? path.join(own, 'kubeconfig');
  return existsSync(file) ? { KUBECONFIG: file } : undefined;
}

/** The istioctl of our own cluster, where it is built. */
export function istioctl(): string | undefined {
  const file = path.join(own, 'bin', 'istioctl');
  return existsSync(file) ? file : undefined;
}

export const noCluster =
  'there is no cluster that answers. Start one with npm run cluster -- up and then -- bookinfo, or set MESHBOT_TEST_KUBECONFIG.';

/** The cluster, if there is one and it answers. */
export async function openCluster(): Promise<LiveCluster | undefined> {
  const env = clusterEnv();
  if (env === undefined) return undefined;
  const cluster = await liveCluster({ kubeconfig: env.KUBECONFIG });
  onEnd(() => cluster.close());
  try {
    await cluster.ready();
    return cluster;
  } catch {
    return undefined;
  }
}
