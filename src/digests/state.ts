import type { Followed, TrendPoint } from '../model/digest.ts';
import type { Target } from '../model/target.ts';

/** What a schedule remembers from run to run. Plain JSON. */
export interface DigestState {
  readonly version: 1;
  /** RFC 3339; absent before the first run. */
  readonly ranAt?: string;
  /** When there last was something to say. RFC 3339. */
  readonly saidAt?: string;
  /** By fingerprint. */
  readonly known: Readonly<Record<string, Known>>;
  /** What could not be told, by what it is, with since when. */
  readonly blind: Readonly<Record<string, string>>;
  /** What the answers stood without, by what it is, with since when. Absent in what older versions kept. */
  readonly gaps?: Readonly<Record<string, string>>;
  readonly trend: readonly TrendPoint[];
}

export interface Known {
  readonly finding: Followed;
  readonly target: Target;
  /** The questions whose reports held it. */
  readonly questions: readonly string[];
  readonly firstSeen: string;
  readonly lastBad: string;
  /** What the last digest that spoke of it said. `fixed` ones are kept for a while, to know them again. */
  readonly told: 'bad' | 'flapping' | 'muted' | 'fixed';
  /** The last runs that saw it, oldest first: `x` it was so, `.` it was not. */
  readonly runs: string;
  readonly unseenSince?: string;
}

export const emptyState: DigestState = { version: 1, known: {}, blind: {}, trend: [] };

/** The state without what is known of these places, which may not be told any more. */
export function forget(state: DigestState, places: readonly Target[]): DigestState {
  const isKept = ([, { target }]: readonly [string, Known]) =>
    places.every(({ namespace }) => namespace !== target.namespace);
  return { ...state, known: Object.fromEntries(Object.entries(state.known).filter(isKept)) };
}

/** Findings followed by one schedule; the least bad ones go first. */
export const mostKnown = 1_000;
export const mostBlind = 500;
export const mostGaps = 1_000;
export const trendRuns = 30;
/** Runs that are looked at for flapping, and how many turns in them are flapping. */
export const flapRuns = 6;
export const flapTurns = 3;
/** How long a finding that cannot be seen is carried. */
export const carriedDays = 14;
export const signOfLifeDays = 7;

/** How often it came and went. */
export function turnsOf(runs: string): number {
  return Array.from(runs).filter((run, index) => index > 0 && run !== runs[index - 1]).length;
}

export function isFlapping(runs: string): boolean {
  return turnsOf(runs) >= flapTurns;
}
