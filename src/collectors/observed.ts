import type { Observed, Traffic } from '../model/observed.ts';
import { type Metrics, type MetricsAnswer, type Series, SourceError } from '../model/sources.ts';
import type { Pod } from '../model/workload.ts';
import { type Collection, defineCollector } from './collector.ts';
import { projectPod } from './pods.ts';
import { resources } from './resources.ts';

const windowSeconds = 15 * 60;
const ofWindow = '15m';
const unit = 'metrics endpoint';

/**
 * Calls that arrived at the proxies of the servers in question, by how they arrived. Only the servers' word counts: at
 * the client, `connection_security_policy` is always `unknown`.
 *
 * @see istio/proxy source/extensions/filters/http/istio_stats/istio_stats.cc
 */
export const observed = defineCollector({
  kind: 'observed',
  reads: [resources.pods],
  async collect(collection) {
    const { metrics } = collection.sources;
    if (metrics === undefined) {
      throw new SourceError('not-in-source', 'No Prometheus was asked, so nothing is known of what was on the wire.', {
        next: 'Name one: PROMETHEUS_URL for the worker, --prometheus on the command line.',
      });
    }
    const { namespace } = collection.target;
    const ask = (promql: string) => whole(metrics, promql, collection.signal);
    const [http, tcp, scraped, pods] = await Promise.all([
      ask(calls('istio_requests_total', namespace)),
      ask(calls('istio_tcp_connections_opened_total', namespace)),
      ask(scrapes(namespace)),
      sidecarsOf(collection),
    ]);
    const traffic = [...trafficOf(http, 'http'), ...trafficOf(tcp, 'tcp')];
    const proxies = pods.map((pod) => ({
      namespace: pod.namespace,
      pod: pod.name,
      scraped: scraped.some((series) => isOf(pod, series)),
    }));
    const value: Observed = { windowSeconds, traffic, proxies };
    const seen = proxies.filter((one) => one.scraped).length;
    return { value, coverage: { seen, of: proxies.length, unit, notes: notes() } };
  },
});

function notes(): readonly string[] {
  return [
    `Metrics cover the last ${windowSeconds / 60} minutes; of a proxy that is scraped for less, all since its start.`,
  ];
}

/** @throws SourceError where the answer may lack a part: what is not in it may be there all the same. */
async function whole(metrics: Metrics, promql: string, signal: AbortSignal): Promise<MetricsAnswer['series']> {
  const { series, warnings, partial } = await metrics.query(promql, { signal });
  if (!partial) return series;
  throw new SourceError(
    'partial',
    `${metrics.source} answered in part only: ${warnings[0] ?? 'it does not say why'}.`,
    {
      next: 'Look after its stores, then ask again.',
    },
  );
}

const labels = [
  'source_workload',
  'source_workload_namespace',
  'destination_workload',
  'destination_workload_namespace',
  'destination_service_name',
  'connection_security_policy',
].join(',');

/** A counter that was born within the window counts whole: `increase` does not see its first step. */
function calls(counter: string, namespace: string | undefined): string {
  const place = namespace === undefined ? '' : `,destination_workload_namespace=${quoted(namespace)}`;
  const series = `${counter}{reporter=~"destination|waypoint"${place}}`;
  const before = `${series} offset ${ofWindow}`;
  const grown = `increase(${series}[${ofWindow}]) and ${before}`;
  const born = `last_over_time(${series}[${ofWindow}]) unless ${before}`;
  return `sum by (${labels}) ((${grown}) or (${born})) > 0`;
}

/** Which pods' metrics come in: what every proxy has, or what it counted. */
function scrapes(namespace: string | undefined): string {
  const [place, server] =
    namespace === undefined
      ? ['', '']
      : // A label that a scrape configuration does not give is empty.
        [`,namespace=~${quoted(`${namespace}|`)}`, `,destination_workload_namespace=${quoted(namespace)}`];
  const always = `{__name__=~"envoy_server_uptime|envoy_server_live|istio_build|istio_agent_startup_duration_seconds"${place}}`;
  const counted = `{__name__=~"istio_requests_total|istio_tcp_connections_opened_total",reporter="destination"${server}}`;
  const by = 'count by (namespace,pod,instance)';
  return `${by} (${always}) or ${by} (${counted})`;
}

/** A label's value as PromQL writes it. */
export function quoted(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

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

function isOf(pod: Pod, { labels: { namespace = pod.namespace, pod: name, instance = '' } }: Series): boolean {
  if (name === pod.name && namespace === pod.namespace) return true;
  return pod.ip !== undefined && !pod.hostNetwork && instance.replace(/:\d+$/, '').replace(/^\[|\]$/g, '') === pod.ip;
}

function trafficOf(series: readonly Series[], protocol: Traffic['protocol']): readonly Traffic[] {
  return series.filter(({ value }) => Number.isFinite(value)).map((one) => callOf(one, protocol));
}

function callOf({ labels: label, value }: Series, protocol: Traffic['protocol']): Traffic {
  const client = named(label.source_workload_namespace, label.source_workload);
  const server = named(label.destination_workload_namespace, label.destination_workload);
  const service = label.destination_service_name;
  const wire = wireOf(label.connection_security_policy);
  if (wire === undefined || server === undefined) throw unlabelled();
  return {
    ...(client !== undefined && { client }),
    server,
    ...(service !== undefined && service !== 'unknown' && { service }),
    protocol,
    wire,
    count: Math.max(1, Math.round(value)),
  };
}

function named(namespace: string | undefined, workload: string | undefined) {
  const known = (value: string | undefined): value is string => !['', '-', 'unknown', undefined].includes(value);
  return known(namespace) && known(workload) ? { namespace, workload } : undefined;
}

/** ztunnel says `unknown` where a sidecar says `none`. @see istio/ztunnel src/proxy/metrics.rs */
function wireOf(policy: string | undefined): Traffic['wire'] | undefined {
  if (policy === 'mutual_tls') return 'mtls';
  return policy === 'none' || policy === 'unknown' ? 'plaintext' : undefined;
}

function unlabelled(): SourceError {
  return new SourceError(
    'partial',
    'The metrics do not say how calls arrived: connection_security_policy, or the server’s name, is not among their labels.',
    { next: 'Look for a Telemetry object or a recording rule that drops these labels, and let them in again.' },
  );
}
