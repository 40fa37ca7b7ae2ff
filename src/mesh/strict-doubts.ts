import { type Ref, ref } from '../model/finding.ts';
import type { Observed } from '../model/observed.ts';
import type { Service, Workload } from '../model/workload.ts';
import { callsOf, placesOf } from './calls.ts';
import { amountOf, bySender, contradictions, isServed, trafficTo, unscrapedPods } from './observed.ts';
import { type Change, effectOn } from './strict.ts';

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
  changes: readonly Change[],
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
export function doubtsOfTraffic(workload: Workload, observed: Observed, changes: readonly Change[]): readonly Doubt[] {
  const subject = ref(workload);
  const foretold = changes.map(({ before }) => before);
  const odd = new Set(contradictions(workload, observed, foretold).map(({ client, seen }) => `${seen} ${client}`));
  const plaintext = bySender(trafficTo(workload, observed).filter(({ wire }) => wire === 'plaintext'));
  const senders = Array.from(plaintext, ([sender, traffic]): Doubt => {
    const detail = [amountOf(traffic, observed)];
    if (!odd.has(`plaintext ${sender}`)) {
      return { code: 'plaintext-senders', subject, to: sender || 'callers that the metrics cannot name', detail };
    }
    const to = `${sender} called it in plaintext, though by the configuration it sends mTLS`;
    return { code: 'cannot-tell', subject, to, detail, next: 'Ask again when the window has passed.' };
  });
  return [...senders, ...unscraped(subject, unscrapedPods(workload, observed))];
}

function unscraped(subject: Ref, pods: readonly string[]): readonly Doubt[] {
  if (pods.length === 0) return [];
  const next = 'Let Prometheus scrape port 15090 of these pods; on OpenShift a PodMonitor in the namespace does it.';
  return [{ code: 'cannot-tell', subject, to: 'metrics of its proxies do not come in', detail: pods, next }];
}

/** Who is not called tells nothing of its callers. Where nobody is, nothing is known at all. */
export function doubtsOfSilence(
  workloads: readonly Workload[],
  observed: Observed,
  services: readonly Service[],
  place: Ref,
): readonly Doubt[] {
  const silent = workloads.filter((one) => trafficTo(one, observed).length === 0 && isServed(one, services));
  const window = `the last ${observed.windowSeconds / 60} min`;
  const isKnown = workloads.some((one) => trafficTo(one, observed).length > 0);
  if (silent.length === 0 || isKnown) {
    return silent.map((one) => ({ code: 'quiet', subject: ref(one), detail: [`within ${window}`] }));
  }
  const to = `nobody called it within ${window}, so its callers are not known`;
  return [{ code: 'cannot-tell', subject: place, to, next: 'Ask again when callers have come.' }];
}
