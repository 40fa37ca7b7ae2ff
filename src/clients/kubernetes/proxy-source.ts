import { type Cluster, type ProxySource, SourceError, type Sources } from '../../model/sources.ts';
import type { LiveCluster } from './live-cluster.ts';
import { podHttp } from './pod-http.ts';

const adminPort = 15_000;

/** A cluster, and where it is live also the proxies in it. */
export function sourcesOf(cluster: Cluster): Sources {
  return isLive(cluster) ? { cluster, proxies: proxySource(cluster) } : { cluster };
}

function isLive(cluster: Cluster): cluster is LiveCluster {
  return cluster.kind === 'live' && 'connection' in cluster;
}

/** Envoy's admin interface listens on the pod's loopback only: port-forwarding reaches it. */
function proxySource({ connection }: LiveCluster): ProxySource {
  const http = podHttp(connection);
  return {
    async get(pod, path, options) {
      const { status, body } = await http.get(pod, adminPort, path, options);
      if (status === 200) return body;
      const place = `${pod.namespace}/${pod.name}`;
      throw new SourceError('invalid', `The proxy of pod ${place} answers ${status} to ${path.split('?', 1)[0]}.`, {
        next: 'Compare its version with those that meshbot is tested with.',
      });
    },
  };
}
