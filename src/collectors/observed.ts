import { resources } from '../model/resources.ts';
import { SourceError } from '../model/sources.ts';
import type { Pod } from '../model/workload.ts';
import { type Collection, defineCollector } from './collector.ts';
import { projectPod } from './pods.ts';
import { fromPrometheus } from './prometheus-counts.ts';
import { fromProxies } from './proxy-counts.ts';

/**
 * Calls that arrived at the proxies of the servers in question, by how they arrived. Only the servers' word counts: at
 * the client, `connection_security_policy` is always `unknown`. Prometheus remembers, so it is asked where there is one.
 *
 * @see istio/proxy source/extensions/filters/http/istio_stats/istio_stats.cc
 */
export const observed = defineCollector({
  kind: 'observed',
  reads: [resources.pods],
  async collect(collection) {
    const { sources, target, signal } = collection;
    const { metrics, proxyMetrics, cluster } = sources;
    if (metrics !== undefined) {
      return fromPrometheus(metrics, { namespace: target.namespace, pods: sidecarsOf(collection), signal });
    }
    if (proxyMetrics !== undefined && cluster.kind === 'live') {
      return fromProxies(proxyMetrics, await sidecarsOf(collection), signal);
    }
    throw new SourceError('not-in-source', 'No metrics were read, so nothing is known of what was on the wire.', {
      next: 'Name a Prometheus: PROMETHEUS_URL for the worker, --prometheus on the command line. Or let me read the proxies themselves: PROXY_METRICS, --proxy-metrics.',
    });
  },
});

async function sidecarsOf({
  sources: { cluster },
  target: { namespace },
  signal,
}: Collection): Promise<readonly Pod[]> {
  const options = { ...(namespace !== undefined && { namespace }), signal };
  const pods = await cluster.list(resources.pods, options, (object) => projectPod(object)?.pod);
  return pods.filter(
    ({ dataPlane, phase, terminating }) => dataPlane.mode === 'sidecar' && phase === 'Running' && !terminating,
  );
}
