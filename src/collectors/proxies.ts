import { endpointsPath, withEndpoints } from '../mesh/envoy-endpoints.ts';
import { certificatesPath, istioVersionIn, meshCertificates, nodePath } from '../mesh/envoy-identity.ts';
import { inboundModes, inboundPath } from '../mesh/envoy-inbound.ts';
import { outboundClusters, outboundPath } from '../mesh/envoy-outbound.ts';
import type { Proxies, RunningProxy, UnseenProxy } from '../model/proxy.ts';
import { type ProxySource, SourceError } from '../model/sources.ts';
import { contains, type Target } from '../model/target.ts';
import type { Workload } from '../model/workload.ts';
import { type Collected, type Collection, defineCollector } from './collector.ts';
import { inTurn } from './in-turn.ts';

/** One pod to be asked. */
interface Asked {
  readonly namespace: string;
  readonly pod: string;
  readonly workload: string;
}

const mostOfWorkload = 3;
const mostInAll = 60;
/** For all of them: an answer without the slowest is better than none. */
const budgetMs = 6_000;
const maxBytes = 8 << 20;
/** Some two thousand endpoints. */
const maxEndpointBytes = 2 << 20;
/** Pods; each is asked five things. */
const atOnce = 4;
const podMs = 4_000;

/** What a sample of the ready sidecars really runs with. A proxy that cannot be asked takes no other with it. */
export const proxies = defineCollector({
  kind: 'proxies',
  // Port-forwarding is granted apart, namespace by namespace: deploy/components/mesh-portforward.
  reads: [],
  async collect(collection): Promise<Collected<'proxies'>> {
    const { proxies: source } = collection.sources;
    if (source === undefined) {
      throw new SourceError('not-in-source', 'There is no running proxy to ask here, so this is what the objects say.');
    }
    const { sample, of } = sampleOf(await collection.evidence('workloads'), collection.target);
    const value = await askAll(sample, source, collection);
    refuseIfBlind(value);
    const notes = notesOf(sample.length, of, value);
    return { value, coverage: { seen: value.seen.length, of, unit: 'proxy', notes } };
  },
});

/** Those in question first, and of each workload one pod before the second of any. */
function sampleOf(
  workloads: readonly Workload[],
  target: Target,
): { readonly sample: readonly Asked[]; readonly of: number } {
  const rank = (workload: Workload) => (contains(target, workload) ? 0 : 1);
  const ready = workloads
    .toSorted((a, b) => rank(a) - rank(b))
    .map((workload) => ({ workload, pods: askable(workload) }));
  const sample = Array.from({ length: mostOfWorkload }, (_, round) =>
    ready.flatMap(({ workload: { namespace, name }, pods }) => {
      const pod = pods[round];
      return pod === undefined ? [] : [{ namespace, pod: pod.name, workload: name }];
    }),
  ).flat();
  return { sample: sample.slice(0, mostInAll), of: ready.reduce((sum, { pods }) => sum + pods.length, 0) };
}

function askable({ pods }: Workload): Workload['pods'] {
  return pods.filter(({ dataPlane, terminating }) => dataPlane.mode === 'sidecar' && dataPlane.ready && !terminating);
}

/** A right is granted for a whole namespace: where one pod may not be asked, the others are left alone. */
async function askAll(sample: readonly Asked[], source: ProxySource, { target, signal }: Collection): Promise<Proxies> {
  const either = AbortSignal.any([signal, AbortSignal.timeout(budgetMs)]);
  const closed = new Map<string, UnseenProxy>();
  const answers = await inTurn(sample, atOnce, async (asked) => {
    const refused = closed.get(asked.namespace);
    const answer = refused === undefined ? await ask(asked, source, target, either) : { ...refused, pod: asked.pod };
    if ('reason' in answer && answer.reason === 'forbidden') closed.set(asked.namespace, answer);
    return answer;
  });
  return {
    seen: answers.filter((one) => 'outbound' in one),
    unseen: answers.filter((one) => 'reason' in one),
  };
}

async function ask(
  asked: Asked,
  source: ProxySource,
  { namespace }: Target,
  either: AbortSignal,
): Promise<RunningProxy | UnseenProxy> {
  const signal = AbortSignal.any([either, AbortSignal.timeout(podMs)]);
  const pod = { namespace: asked.namespace, name: asked.pod };
  const paths = [inboundPath, outboundPath(namespace), certificatesPath, nodePath];
  try {
    const [endpoints, ...answers] = await Promise.all([
      endpointsOf(pod, namespace, source, signal),
      ...paths.map((path) => source.get(pod, path, { maxBytes, signal })),
    ]);
    return { ...asked, ...read(answers, endpoints) };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return { namespace: asked.namespace, pod: asked.pod, reason: error.reason, detail: error.message };
  }
}

/** Where there are more than are worth reading, the rest of what the proxy says is still worth knowing. */
async function endpointsOf(
  pod: { readonly namespace: string; readonly name: string },
  namespace: string | undefined,
  source: ProxySource,
  signal: AbortSignal,
): Promise<string | SourceError> {
  try {
    return await source.get(pod, endpointsPath(namespace), { maxBytes: maxEndpointBytes, signal });
  } catch (error) {
    if (error instanceof SourceError && error.reason === 'partial') return error;
    throw error;
  }
}

/** Keeps a few words of each answer: the rest is never stored. */
function read(
  [listener = '', clusters = '', certs = '', node = '']: readonly string[],
  endpoints: string | SourceError,
) {
  const inbound = inboundModes(listener);
  const certificates = meshCertificates(certs);
  const istioVersion = istioVersionIn(node);
  const { outbound, warming } = outboundClusters(clusters);
  return {
    ...(istioVersion !== undefined && { istioVersion }),
    ...(inbound !== undefined && { inbound }),
    warming,
    ...(typeof endpoints === 'string'
      ? { outbound: withEndpoints(outbound, endpoints) }
      : { outbound, endpointsUnread: endpoints.message }),
    ...(certificates !== undefined && { certificates }),
  };
}

/** @throws SourceError where not one proxy was seen although there are some. */
function refuseIfBlind({ seen, unseen }: Proxies): void {
  const [first] = unseen;
  if (first === undefined || seen.length > 0) return;
  const namespaces = [...new Set(unseen.map(({ namespace }) => namespace))];
  if (unseen.every(({ reason }) => reason === 'forbidden')) {
    const grants = namespaces.map((name) => `kubectl apply -n ${name} -k deploy/components/mesh-portforward`);
    throw new SourceError(
      'forbidden',
      `I may not ask the proxies in ${namespaces.join(', ')} for what they run with.`,
      {
        next: `It is optional: an admin can allow get and create on pods/portforward there: ${grants.slice(0, 3).join('; ')}.`,
      },
    );
  }
  throw new SourceError(
    first.reason,
    `None of ${unseen.length} proxies could be asked what it runs with: ${first.detail}`,
    {
      next: 'Ask again; if it stays so, try it by hand: istioctl proxy-config listeners POD.',
    },
  );
}

function notesOf(asked: number, of: number, { seen, unseen }: Proxies): readonly string[] {
  const unread = seen.flatMap(({ endpointsUnread }) => endpointsUnread ?? []);
  const alike = Map.groupBy(unseen, ({ namespace, reason }) => `${namespace} ${reason}`);
  return [
    ...(asked < of
      ? [`${asked} of ${of} proxies were asked: at most ${mostOfWorkload} of a workload and ${mostInAll} in all.`]
      : []),
    ...Array.from(alike.values(), (pods) => {
      const [{ namespace, detail } = { namespace: '', detail: '' }] = pods;
      return `${pods.length} of the proxies in ${namespace} could not be asked: ${detail}`;
    }),
    ...unread.slice(0, 1).map((why) => `${unread.length} proxies have too many endpoints to compare: ${why}`),
  ];
}
