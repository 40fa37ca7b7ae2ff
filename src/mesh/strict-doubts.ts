import { type Ref, ref } from '../model/finding.ts';
import type { Observed } from '../model/observed.ts';
import { listed } from '../model/statement.ts';
import type { Service, Workload } from '../model/workload.ts';
import { callsOf, placesOf } from './calls.ts';
import { bySender, contradictions, isServed, trafficTo, unscrapedPods } from './observed.ts';
import { amountOf, howToScrape, howToSeeAnew, windowOf, youngProxies } from './observed-window.ts';
import { type Changed, effectOn } from './strict.ts';

/** What speaks against going STRICT, or leaves it open. */
export interface Doubt {
  readonly code: 'would-break' | 'plaintext-senders' | 'cannot-tell' | 'quiet';
  readonly subject: Ref;
  readonly to?: string;
  readonly detail?: readonly string[];
  readonly next?: string;
}

/** Callers whose calls would fail, or may. */
export function doubtsOfChanges(
  changes: readonly Changed[],
  workloads: readonly Workload[],
  home: string | undefined,
): readonly Doubt[] {
  const afterOf = new Map(changes.map(({ before, after }) => [before, after]));
  const effects = new Map(changes.map((change) => [change.before, effectOn(change)]));
  const byName = new Map(workloads.map((one) => [`${one.namespace}/${one.name}`, ref(one)]));
  return callsOf(changes.map(({ before }) => before)).flatMap((call) => {
    const { namespace, workload } = call[0].client;
    const client = byName.get(`${namespace}/${workload}`) ?? { kind: 'Workload', namespace, name: workload };
    return (['breaks', 'unclear'] as const).flatMap((effect) => {
      const alike = call.filter((one) => effects.get(one) === effect);
      const detail = [...new Set(alike.flatMap((one) => afterOf.get(one)?.because ?? []))];
      return placesOf(alike, call, home).map((place) => doubt(effect, client, place, detail));
    });
  });
}

function doubt(effect: 'breaks' | 'unclear', subject: Ref, to: string, detail: readonly string[]): Doubt {
  if (effect === 'breaks') return { code: 'would-break', subject, to, detail };
  return { code: 'cannot-tell', subject, to: `whether it would still reach ${to} is not known beforehand`, detail };
}

/** What the metrics of one workload say against it, or leave out. */
export function doubtsOfTraffic(
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
  const senders = [...plaintext].flatMap(([sender, traffic]): readonly Doubt[] => {
    const open = odd.has(`plaintext ${sender}`)
      ? 'though by the configuration it sends mTLS'
      : openOf(sender, own, hasExceptions);
    if (open === 'explained') return [];
    const [who, detail] = [sender || 'callers that the metrics cannot name', [amountOf(traffic, observed)]];
    const again = howToSeeAnew(observed);
    if (open === undefined) {
      return [
        { code: 'plaintext-senders', subject, to: who, detail, next: `Take these callers into the mesh; ${again}.` },
      ];
    }
    const next = `Look at that caller; ${again}.`;
    return [{ code: 'cannot-tell', subject, to: `${who} called it in plaintext, ${open}`, detail, next }];
  });
  return [...senders, ...unscraped(workload, observed), ...young(workload, observed)];
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

/** Who is not called tells nothing of its callers. Where nobody is, nothing is known at all. */
export function doubtsOfSilence(
  workloads: readonly Workload[],
  observed: Observed,
  services: readonly Service[],
  place: Ref,
): readonly Doubt[] {
  const silent = workloads.filter((one) => trafficTo(one, observed).length === 0 && isServed(one, services));
  const window = windowOf(observed);
  const isKnown = workloads.some((one) => trafficTo(one, observed).length > 0);
  if (silent.length === 0 || isKnown) {
    return silent.map((one) => ({ code: 'quiet', subject: ref(one), detail: [window] }));
  }
  const to = `nobody called it ${window}, so its callers are not known`;
  return [{ code: 'cannot-tell', subject: place, to, next: 'Ask again when callers have come.' }];
}
