import type { Finding } from './finding.ts';
import type { Mute } from './mute.ts';
import type { Question } from './question.ts';
import type { Target } from './target.ts';

/** What is kept of a finding from run to run. */
export type Followed = Pick<
  Finding,
  'check' | 'code' | 'severity' | 'subject' | 'says' | 'to' | 'toService' | 'because' | 'next'
>;

/**
 * Why a known finding could not be seen. `not-answered`: its question got no report. `not-judged`: the check said that
 * it does not know. `partial`: what the check reads was not there in full. `not-asked`: the schedule no longer asks.
 * `given-up`: it was not seen for so long that it is no longer followed.
 */
export type Unseen = 'not-answered' | 'not-judged' | 'partial' | 'not-asked' | 'given-up';

export interface DigestItem {
  readonly fingerprint: string;
  readonly finding: Followed;
  /** The target of the question that found it. */
  readonly target: Target;
  /** RFC 3339. */
  readonly firstSeen: string;
  /** When it was last seen to be so. RFC 3339. */
  readonly lastBad: string;
  /** What it was before it got worse or better. */
  readonly was?: Followed & { readonly fingerprint: string };
  /** How often it came and went in the last runs that saw it. */
  readonly flaps?: number;
  readonly unseen?: { readonly since: string; readonly reason: Unseen; readonly detail: string };
  readonly mute?: Mute;
}

/** Every finding that is known or present is in one of these, and in one only, unless it is more than can be followed. */
export const buckets = [
  'new',
  'worse',
  'better',
  'fixed',
  'unchanged',
  'flapping',
  'muted',
  'muteEnded',
  'notSeen',
] as const;
export type Bucket = (typeof buckets)[number];

/** Something that cannot be told, without a known finding behind it. */
export interface Blind {
  /** The same from run to run. */
  readonly id: string;
  readonly target: Target;
  /** A sentence. */
  readonly says: string;
  readonly next?: string;
  /** RFC 3339: since which run. */
  readonly since: string;
}

/** A run that did not take place when it should have. */
export interface Missed {
  /** RFC 3339: when it was due. */
  readonly due: string;
  /** A sentence. */
  readonly why: string;
}

/** How many findings there were at one run, those that are muted left out. */
export interface TrendPoint {
  /** RFC 3339. */
  readonly at: string;
  readonly error: number;
  readonly warning: number;
  /** What could not be seen or told. */
  readonly unknown: number;
}

/**
 * How much there is to say. `news`: something is new, worse, or no longer muted. `changes`: something else changed.
 * `sign-of-life`: nothing did for a week. `nothing`: no message is due.
 */
export type Say = 'news' | 'changes' | 'sign-of-life' | 'nothing';

/** What changed from the last run to this one. */
export interface Digest extends Readonly<Record<Bucket, readonly DigestItem[]>> {
  readonly version: 1;
  /** RFC 3339. */
  readonly at: string;
  /** When the run before was. Absent: this is the first. */
  readonly before?: string;
  readonly say: Say;
  readonly asked: readonly Question[];
  readonly blind: readonly Blind[];
  /** How many findings are more than can be followed, and how many more could not be told: the least bad ones. */
  readonly beyond: { readonly known: number; readonly blind: number };
  /** Mutes that ended since the run before. */
  readonly endedMutes: readonly Mute[];
  readonly missed: readonly Missed[];
  /** This run last. */
  readonly trend: readonly TrendPoint[];
  readonly looked: {
    /** How many reports were read, and how many checks spoke in them. */
    readonly reports: number;
    readonly checks: number;
    /** What the reports stand without, though no finding says so. */
    readonly gaps: readonly Gap[];
  };
  /** What can be seen or told again: how many of `blind` and of the gaps have ended. Absent in what older versions kept. */
  readonly back?: number;
}

/** Evidence that an answer stands without. */
export interface Gap {
  readonly target: Target;
  /** A sentence, or some. */
  readonly says: string;
  readonly next?: string;
  /** RFC 3339: since which run. Absent in what older versions kept. */
  readonly since?: string;
}
