import type { Actor } from './command.ts';
import type { Finding } from './finding.ts';
import { UsageError } from './sources.ts';
import { stableName } from './stable-name.ts';
import type { Target } from './target.ts';

/** Hides findings of one code until it ends by itself. Whatever it hides is still counted and said to be muted. */
export interface Mute {
  readonly id: string;
  readonly code: string;
  readonly cluster: string;
  readonly namespace: string;
  /** Absent: whatever is in the namespace. */
  readonly workload?: string;
  /** RFC 3339. */
  readonly until: string;
  readonly because: string;
  readonly by: Actor;
  /** RFC 3339. */
  readonly at: string;
}

export const mostMuteDays = 90;

/** Whether the mute is in force at the time. */
export function isInForce({ until, at }: Pick<Mute, 'until' | 'at'>, now: string): boolean {
  return Date.parse(at) <= Date.parse(now) && Date.parse(now) < Date.parse(until);
}

/**
 * Whether the mute is about the finding. One that names no namespace, because it is about a whole check, belongs to
 * the namespace that was asked about.
 */
export function isAbout(mute: Mute, { code, subject }: Pick<Finding, 'code' | 'subject'>, target: Target): boolean {
  const namespace = subject.namespace ?? (subject.kind === 'Namespace' ? subject.name : target.namespace);
  return (
    mute.code === code &&
    mute.cluster === target.cluster &&
    mute.namespace === namespace &&
    (mute.workload === undefined || mute.workload === stableName(subject))
  );
}

const units = { h: 3_600_000, d: 24 * 3_600_000, w: 7 * 24 * 3_600_000 } as const;

/**
 * Reads when a mute ends: `7d`, `12h`, `2w`, `2026-12-01` (its beginning, in UTC), with or without `for` or `until`
 * before it.
 *
 * @throws UsageError where that is no time, is over, or is too far off.
 */
export function parseEnd(typed: string, now: string): string {
  const word = typed
    .trim()
    .toLowerCase()
    .replace(/^(?:for|until)\s+/, '');
  const end = endOf(word, Date.parse(now));
  if (end === undefined) {
    throw new UsageError(
      `I cannot read "${word.slice(0, 60)}" as an end. Say for example 12h, 7d, 2w or until 2026-12-01.`,
    );
  }
  if (end <= Date.parse(now)) throw new UsageError(`${word} is over already. Name a time to come, for example 7d.`);
  if (end - Date.parse(now) > mostMuteDays * units.d) {
    throw new UsageError(
      `A mute lasts at most ${mostMuteDays} days. Say for example ${mostMuteDays}d, and mute anew then.`,
    );
  }
  return new Date(end).toISOString();
}

function endOf(word: string, now: number): number | undefined {
  const [, count = '', unit = ''] = /^(\d{1,4})\s*([hdw])$/.exec(word) ?? [];
  if (unit === 'h' || unit === 'd' || unit === 'w') return now + Number(count) * units[unit];
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(word) ?? [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const end = Date.UTC(Number(year), Number(month) - 1, Number(day));
  return new Date(end).toISOString().startsWith(word) ? end : undefined;
}
