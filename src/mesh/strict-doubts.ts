import { type Ref, ref } from '../model/finding.ts';
import type { Observed } from '../model/observed.ts';
import type { WorkloadName } from '../model/report.ts';
import { listed } from '../model/statement.ts';
import type { Service, Workload } from '../model/workload.ts';
import { callsOf, placesOf, serviceOf } from './calls.ts';
import { bySender, contradictions, isCallable, trafficTo, unscrapedPods } from './observed.ts';
import { amountOf, howToScrape, howToSeeAnew, youngPods, youngProxies } from './observed-window.ts';
import { type Changed, effectOn } from './strict.ts';

/**
 * What speaks against going STRICT, or leaves it open. `quiet`: nobody called this workload. `unseen`: somebody may
 * call, of whom nothing was seen. These two are for people to weigh.
 */
export interface Doubt {
  readonly code: 'would-break' | 'plaintext-senders' | 'cannot-tell' | 'quiet' | 'unseen';
  readonly subject: Ref;
  readonly to?: string;
  readonly toService?: string;
  readonly detail?: readonly string[];
  readonly next?: string;
}

export function isAgainst({ code }: Doubt): boolean {
  return code !== 'quiet' && code !== 'unseen';
}

/** Callers whose calls would fail, or may. One that is scaled to none, or suspended, calls nobody until that is changed. */
export function doubtsOfChanges(
  changes: readonly Changed[],
  workloads: readonly Workload[],
  home: string | undefined,
): readonly Doubt[] {
  const afterOf = new Map(changes.map(({ before, after }) => [before, after]));
  const effects = new Map(changes.map((change) => [change.before, effectOn(change)]));
  const resting = workloads.filter(({ pods, replicas }) => pods.length === 0 && replicas === 0);
  const atRest = new Set(resting.map(({ kind, namespace, name }) => [kind, namespace, name].join('/')));
  return callsOf(changes.map(({ before }) => before)).flatMap((call) => {
    const client = refTo(call[0].client);
    const isAtRest = atRest.has([client.kind, client.namespace, client.name].join('/'));
    return (['breaks', 'unclear'] as const).flatMap((effect) => {
      const alike = call.filter((one) => effects.get(one) === effect);
      const detail = [...new Set(alike.flatMap((one) => afterOf.get(one)?.because ?? []))];
      const about = { subject: client, detail, toService: serviceOf(call) };
      return placesOf(alike, call, home).map((place) => doubt(isAtRest ? 'rests' : effect, about, place));
    });
  });
}

function refTo({ kind = 'Workload', namespace, workload }: WorkloadName): Ref {
  return { kind, namespace, name: workload };
}

function doubt(effect: 'breaks' | 'unclear' | 'rests', about: Omit<Doubt, 'code' | 'to'>, to: string): Doubt {
  if (effect === 'breaks') return { code: 'would-break', ...about, to };
  if (effect === 'rests') {
    return { code: 'unseen', ...about, to: `it is at rest now, and may not reach ${to} when it runs again` };
  }
  return { code: 'cannot-tell', ...about, to: `whether it would still reach ${to} is not known beforehand` };
}

/** Who was seen to call one workload in plaintext. */
export function doubtsOfSenders(
  workload: Workload,
  observed: Observed,
  changes: readonly Changed[],
  hasExceptions: boolean,
): readonly Doubt[] {
  const subject = ref(workload);
  const { namespace, name } = workload;
  const own = changes.filter(({ before: { server } }) => server.namespace === namespace && server.workload === name);
  const foretold = own.map(({ before }) => before);
  const odd = new Set(contradictions(workload, observed, foretold).map(({ client, seen }) => `${seen} ${client}`));
  const plaintext = bySender(trafficTo(workload, observed).filter(({ wire }) => wire === 'plaintext'));
  return [...plaintext].flatMap(([sender, traffic]): readonly Doubt[] => {
    const open = odd.has(`plaintext ${sender}`)
      ? 'though by the configuration it sends mTLS'
      : openOf(sender, own, hasExceptions);
    if (open === 'explained') return [];
    const [who, detail] = [whoIs(sender), [amountOf(traffic, observed)]];
    const again = howToSeeAnew(observed);
    if (open === undefined) {
      return [
        { code: 'plaintext-senders', subject, to: who, detail, next: `Take these callers into the mesh; ${again}.` },
      ];
    }
    const next = `Look at that caller; ${again}.`;
    return [{ code: 'cannot-tell', subject, to: `${who} called it in plaintext, ${open}`, detail, next }];
  });
}

/** The empty name is of those that the metrics cannot name. */
export function whoIs(sender: string): string {
  return sender || 'callers that the metrics cannot name';
}

/** What the proxies of one workload cannot have counted. */
export function doubtsOfCounting(
  workload: Workload,
  { observed, takenAt }: { readonly observed: Observed; readonly takenAt: string },
  services: readonly Service[],
): readonly Doubt[] {
  const isNew = isCallable(workload, services) ? youngPods(workload, observed, takenAt) : [];
  return [...unscraped(workload, observed), ...young(workload, observed), ...fresh(workload, isNew)];
}

/**
 * Why a sender of plaintext need not break: `explained` where it is one that sends plaintext by the configuration, and
 * would then send mTLS.
 */
function openOf(sender: string, changes: readonly Changed[], hasExceptions: boolean): string | undefined {
  const plain = changes.filter(({ before }) => before.wire === 'plaintext' && before.outcome === 'works');
  const from = ({ before: { client } }: Changed) => `${client.namespace}/${client.workload}`;
  const mine = plain.filter((one) => from(one) === sender);
  if (mine.length > 0 && mine.every((one) => effectOn(one) === 'none')) return 'explained';
  const others = sender === '' ? plain.filter((one) => effectOn(one) === 'none').map(from) : [];
  if (others.length > 0) return `and it may be ${listed([...new Set(others)])}, which would go on to work`;
  return hasExceptions ? 'perhaps on a port that would still take it: metrics name no ports' : undefined;
}

function unscraped(workload: Workload, observed: Observed): readonly Doubt[] {
  const detail = unscrapedPods(workload, observed);
  if (detail.length === 0) return [];
  const to = 'metrics of its proxies do not come in';
  return [{ code: 'cannot-tell', subject: ref(workload), to, detail, next: howToScrape(observed) }];
}

/** What a proxy counted before its last start is lost: a caller that comes now and then may not have come since. */
function young(workload: Workload, observed: Observed): readonly Doubt[] {
  const detail = youngProxies(workload, observed);
  if (detail.length === 0) return [];
  const to = 'its proxies have not counted for long enough to know its callers';
  const next = 'Ask again when they have run for 15 min, or set PROMETHEUS_URL, which knows what was before.';
  return [{ code: 'cannot-tell', subject: ref(workload), to, detail, next }];
}

/** Whoever called before these pods were there may have been counted by nobody. */
function fresh(workload: Workload, detail: readonly string[]): readonly Doubt[] {
  if (detail.length === 0) return [];
  const to = 'all its pods are too young to know its callers';
  const next = 'Ask again when one of them has run for 15 min.';
  return [{ code: 'cannot-tell', subject: ref(workload), to, detail, next }];
}
