import { type Sample, samplesOf } from '../mesh/exposition.ts';
import type { CountingProxy, Traffic } from '../model/observed.ts';
import { type ProxyMetrics, SourceError } from '../model/sources.ts';
import type { Pod } from '../model/workload.ts';
import type { Collected } from './collector.ts';
import { inTurn } from './in-turn.ts';
import { trafficOf } from './traffic.ts';

const counters = { http: 'istio_requests_total', tcp: 'istio_tcp_connections_opened_total' } as const;
const uptime = 'envoy_server_uptime';
const names: ReadonlySet<string> = new Set([...Object.values(counters), uptime]);

const mostPods = 200;
const atOnce = 10;
const podMs = 3_000;
/** For all of them: an answer without the slowest is better than none. */
const budgetMs = 8_000;

interface Answer {
  readonly proxy: CountingProxy;
  readonly traffic: readonly Traffic[];
  /** Why it could not be read. */
  readonly failure?: SourceError;
}

/** What the sidecars counted since they started, read from each of them. One that cannot be read takes no other with it. */
export async function fromProxies(
  source: ProxyMetrics,
  pods: readonly Pod[],
  signal: AbortSignal,
): Promise<Collected<'observed'>> {
  const answers = await readAll(source, pods.slice(0, mostPods), signal);
  refuseIfBlind(answers, source);
  const unread = pods.slice(mostPods).map((pod): CountingProxy => proxyOf(pod, false));
  const proxies = [...answers.map(({ proxy }) => proxy), ...unread];
  const seen = proxies.filter(({ scraped }) => scraped);
  return {
    value: { traffic: summed(answers.flatMap(({ traffic }) => traffic)), proxies },
    coverage: {
      seen: seen.length,
      of: proxies.length,
      unit: 'metrics endpoint',
      notes: notesOf(seen, unread.length, answers),
    },
  };
}

/** Where none of the first can be reached, a NetworkPolicy is in the way of all. */
async function readAll(source: ProxyMetrics, pods: readonly Pod[], signal: AbortSignal): Promise<readonly Answer[]> {
  const either = AbortSignal.any([signal, AbortSignal.timeout(budgetMs)]);
  let [reached, failed] = [0, 0];
  return inTurn(pods, atOnce, async (pod) => {
    const answer = reached === 0 && failed >= atOnce ? skipped(pod) : await read(source, pod, either);
    if (answer.failure === undefined) reached += 1;
    else failed += 1;
    return answer;
  });
}

async function read(source: ProxyMetrics, pod: Pod, either: AbortSignal): Promise<Answer> {
  try {
    if (pod.ip === undefined) throw new SourceError('unreachable', 'It has no address yet.');
    if (either.aborted) throw new SourceError('timeout', 'There was no time left to read it.');
    const text = await source.read(pod.ip, { signal: AbortSignal.any([either, AbortSignal.timeout(podMs)]) });
    const samples = samplesOf(text, names);
    const upSeconds = samples.find(({ name }) => name === uptime)?.value;
    const proxy = { ...proxyOf(pod, true), ...(upSeconds !== undefined && { upSeconds }) };
    return { proxy, traffic: [...arrived(samples, pod, 'http'), ...arrived(samples, pod, 'tcp')] };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return { proxy: proxyOf(pod, false), traffic: [], failure: error };
  }
}

function proxyOf({ namespace, name }: Pod, scraped: boolean): CountingProxy {
  return { namespace, pod: name, scraped };
}

function skipped(pod: Pod): Answer {
  const failure = new SourceError('unreachable', 'It was not tried, for none of those before it could be reached.');
  return { proxy: proxyOf(pod, false), traffic: [], failure };
}

/** What a sidecar says of calls to its own workload; an application's metrics may be merged with its own. */
function arrived(samples: readonly Sample[], { namespace }: Pod, protocol: Traffic['protocol']): readonly Traffic[] {
  const own = samples.filter(
    ({ name, value, labels }) =>
      name === counters[protocol] &&
      value > 0 &&
      labels.reporter === 'destination' &&
      (labels.destination_workload_namespace ?? namespace) === namespace,
  );
  return trafficOf(own, protocol);
}

/** Pods of one workload count alike. */
function summed(traffic: readonly Traffic[]): readonly Traffic[] {
  const alike = Map.groupBy(traffic, ({ count, ...call }) => JSON.stringify(call));
  return [...alike.values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : [{ ...first, count: others.reduce((sum, { count }) => sum + count, first.count) }],
  );
}

/** @throws SourceError where not one proxy was read although there are some. */
function refuseIfBlind(answers: readonly Answer[], { source }: ProxyMetrics): void {
  const failures = answers.flatMap(({ failure }) => failure ?? []);
  const [first] = failures;
  if (first === undefined || failures.length < answers.length) return;
  const unlabelled = failures.find(({ reason }) => reason === 'partial');
  if (unlabelled !== undefined) throw unlabelled;
  throw new SourceError('unreachable', `I could read ${source} on none of ${answers.length} pods: ${first.message}`, {
    next: 'Run the worker within the pod network, and let NetworkPolicies allow it to reach that port; or set PROMETHEUS_URL; or PROXY_METRICS=off.',
  });
}

function notesOf(seen: readonly CountingProxy[], unread: number, answers: readonly Answer[]): readonly string[] {
  const ages = seen.flatMap(({ upSeconds }) => upSeconds ?? []);
  const minutes = (seconds: number) => `${Math.floor(seconds / 60)} min`;
  const span = ages.length === 0 ? '' : `, ${minutes(Math.min(...ages))} to ${minutes(Math.max(...ages))} ago`;
  const failed = answers.filter(({ failure }) => failure !== undefined);
  const [first] = failed;
  return [
    `Each proxy counts since it started${span}; what proxies counted that are gone is not known.`,
    ...(first === undefined ? [] : [`Not seen: ${namesOf(failed)}. ${first.failure?.message}`]),
    ...(unread === 0 ? [] : [`${unread} more proxies were not read: at most ${mostPods} are.`]),
  ];
}

function namesOf(failed: readonly Answer[]): string {
  const names = failed.slice(0, 5).map(({ proxy: { namespace, pod } }) => `${namespace}/${pod}`);
  return [...names, ...(failed.length > 5 ? [`${failed.length - 5} more`] : [])].join(', ');
}
