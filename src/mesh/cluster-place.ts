import type { ClusterName } from '../model/proxy.ts';

/** `reviews:9080`, `reviews:9080 subset v1`; with its namespace where that is not the one in question. */
export function clusterPlace({ host, port, subset }: ClusterName, home: string | undefined): string {
  const [name = host, namespace] = host.split('.');
  const service = namespace === undefined || namespace === home ? name : `${namespace}/${name}`;
  return `${service}:${port}${subset === undefined ? '' : ` subset ${subset}`}`;
}
