import type { History } from '../../jobs/digests/history.ts';
import type { Schedule } from '../../jobs/digests/schedules.ts';
import type { Target } from '../../model/target.ts';
import type { Health } from '../../report/health.ts';

/** A namespace as the digests about it know it. */
export interface Row extends Health {
  readonly cluster: string;
  readonly namespace: string;
  /** When the oldest of what counts here was seen. RFC 3339. Absent: no digest has looked yet. */
  readonly seenAt?: string;
  /** Of the digests that looked. Empty: all there are. */
  readonly topics: readonly string[];
  /** The one that looked last. */
  readonly schedule: Schedule;
}

/** What one digest knows of a namespace. All are known by names that are the same in every digest. */
interface Look {
  readonly schedule: Schedule;
  readonly seenAt: string | undefined;
  /** Severities by fingerprint. */
  readonly bad: ReadonlyMap<string, string>;
  readonly unknown: readonly string[];
  readonly muted: readonly string[];
  readonly gaps: readonly string[];
  readonly beyond: number;
}

/** What one digest knows of one of its namespaces. */
export function lookOf(namespace: string, schedule: Schedule, { state, last }: History): Look {
  const isHere = ({ target }: { readonly target: Target }) => target.namespace === namespace;
  const known = Object.entries(state.known).filter(
    ([, one]) => isHere(one) && one.told !== 'fixed' && one.told !== 'muted',
  );
  const isSeen = ([, { finding, unseenSince }]: (typeof known)[number]) =>
    unseenSince === undefined && finding.severity !== 'unknown';
  const digest = last?.digest;
  const isAsked = digest?.asked.some(isHere) ?? true;
  return {
    schedule,
    seenAt: isAsked ? state.ranAt : undefined,
    bad: new Map(known.filter(isSeen).map(([id, { finding }]) => [id, finding.severity])),
    unknown: [
      ...known.filter((one) => !isSeen(one)).map(([id]) => id),
      ...(digest?.blind ?? []).filter(isHere).map(({ id }) => id),
    ],
    muted: (digest?.muted ?? []).filter(isHere).map(({ fingerprint }) => fingerprint),
    gaps: (digest?.looked.gaps ?? []).filter(isHere).map(({ says }) => says),
    beyond: digest === undefined ? 0 : digest.beyond.known + digest.beyond.blind,
  };
}

/**
 * What several digests know of one place, together: one that asks about less, or could not see, takes nothing back of
 * what another found. It is as old as the oldest of them.
 */
export function rowOf(namespace: string, looks: readonly Look[]): Row | undefined {
  const newest = looks.toSorted((a, b) => (b.seenAt ?? '').localeCompare(a.seenAt ?? ''));
  const [last] = newest;
  if (last === undefined) return undefined;
  const { schedule } = last;
  const counted = newest.filter((one) => one.seenAt !== undefined && !newest.some((other) => replaces(other, one)));
  const seenAt = counted.at(-1)?.seenAt;
  const topics = counted.map((one) => one.schedule.topics);
  return {
    ...healthOf(counted),
    schedule,
    namespace,
    cluster: schedule.cluster,
    topics: topics.some((ids) => ids.length === 0) ? [] : [...new Set(topics.flat())],
    ...(seenAt !== undefined && { seenAt }),
  };
}

/** Whether a later look asked all that an earlier one asked, and saw all of it. */
function replaces(later: Look, earlier: Look): boolean {
  if (later.seenAt === undefined || earlier.seenAt === undefined || later.seenAt <= earlier.seenAt) return false;
  if (later.unknown.length + later.gaps.length + later.beyond > 0) return false;
  const { topics } = later.schedule;
  const asked = earlier.schedule.topics;
  return topics.length === 0 || (asked.length > 0 && asked.every((id) => topics.includes(id)));
}

function healthOf(looks: readonly Look[]): Health {
  const bad = new Map<string, string>();
  for (const [id, severity] of looks.flatMap((look) => [...look.bad])) {
    if (bad.get(id) !== 'error') bad.set(id, severity);
  }
  const others = (ids: readonly string[]) => new Set(ids.filter((id) => !bad.has(id))).size;
  const count = (severity: string) => Array.from(bad.values()).filter((one) => one === severity).length;
  return {
    error: count('error'),
    warning: count('warning'),
    unknown: others(looks.flatMap(({ unknown }) => unknown)),
    muted: others(looks.flatMap(({ muted }) => muted)),
    gaps: new Set(looks.flatMap(({ gaps }) => gaps)).size,
    beyond: looks.reduce((sum, { beyond }) => sum + beyond, 0),
  };
}
