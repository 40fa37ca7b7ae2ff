import type { Observed } from '../model/observed.ts';
import { type Metrics, type MetricsAnswer, type Series, SourceError } from '../model/sources.ts';
import type { Pod } from '../model/workload.ts';
import type { Collected } from './collector.ts';
import { trafficLabels, trafficOf } from './traffic.ts';

const windowSeconds = 15 * 60;
const ofWindow = '15m';

export interface Asked {
  /** Absent: the whole mesh. */
  readonly namespace: string | undefined;
  /** Pods in question that have a proxy. */
  readonly pods: Promise<readonly Pod[]>;
  readonly signal: AbortSignal;
}

/** What Prometheus knows of the calls within the last minutes. */
export async function fromPrometheus(
  metrics: Metrics,
  { namespace, pods: sidecars, signal }: Asked,
): Promise<Collected<'observed'>> {
  const ask = (promql: string) => whole(metrics, promql, signal);
  const [http, tcp, scraped, pods] = await Promise.all([
    ask(calls('istio_requests_total', namespace)),
    ask(connections(namespace)),
    ask(scrapes(namespace)),
    sidecars,
  ]);
  const traffic = [...trafficOf(http, 'http'), ...trafficOf(tcp, 'tcp')];
  const proxies = pods.map((pod) => ({
    namespace: pod.namespace,
    pod: pod.name,
    scraped: scraped.some((series) => isOf(pod, series)),
  }));
  const value: Observed = { windowSeconds, traffic, proxies };
  const seen = proxies.filter((one) => one.scraped).length;
  return { value, coverage: { seen, of: proxies.length, unit: 'metrics endpoint', notes: notes() } };
}

function notes(): readonly string[] {
  return [
    `Metrics cover the last ${windowSeconds / 60} minutes; of a proxy that is scraped for less, all since its start.`,
  ];
}

/** @throws SourceError where the answer may lack a part: what is not in it may be there all the same. */
export async function whole(metrics: Metrics, promql: string, signal: AbortSignal): Promise<MetricsAnswer['series']> {
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

/** Those that were opened, and one for those that were open before and still carry something. */
function connections(namespace: string | undefined): string {
  const carried = ['istio_tcp_received_bytes_total', 'istio_tcp_sent_bytes_total'].map(
    (counter) => `increase(${arrived(counter, namespace)}[${ofWindow}]) > 0`,
  );
  const open = `group by (${trafficLabels.join(',')}) (${carried.join(' or ')})`;
  return `${calls('istio_tcp_connections_opened_total', namespace)} or ${open}`;
}

/** What servers count; at the clients `connection_security_policy` is always `unknown`. */
function arrived(counter: string, namespace: string | undefined): string {
  const place = namespace === undefined ? '' : `,destination_workload_namespace=${quoted(namespace)}`;
  return `${counter}{reporter=~"destination|waypoint"${place}}`;
}

/** A counter that was born within the window counts whole: `increase` does not see its first step. */
function calls(counter: string, namespace: string | undefined): string {
  const series = arrived(counter, namespace);
  const before = `${series} offset ${ofWindow}`;
  const grown = `increase(${series}[${ofWindow}]) and ${before}`;
  const born = `last_over_time(${series}[${ofWindow}]) unless ${before}`;
  return `sum by (${trafficLabels.join(',')}) ((${grown}) or (${born})) > 0`;
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

function isOf(pod: Pod, { labels: { namespace = pod.namespace, pod: name, instance = '' } }: Series): boolean {
  if (name === pod.name && namespace === pod.namespace) return true;
  return pod.ip !== undefined && !pod.hostNetwork && instance.replace(/:\d+$/, '').replace(/^\[|\]$/g, '') === pod.ip;
}
