import type { Bucket, DigestItem } from '../model/digest.ts';
import { bySeverity } from '../model/finding.ts';
import { isAbout, isInForce, type Mute } from '../model/mute.ts';
import type { Present, Run } from './run.ts';
import type { Sight } from './sight.ts';
import { carriedDays, flapRuns, isFlapping, type Known, turnsOf } from './state.ts';

/** What becomes of one finding at one run. */
export interface Step {
  readonly fingerprint: string;
  /** Absent: it was said to be fixed before, and is only remembered. */
  readonly bucket?: Bucket | 'overflow';
  readonly item: DigestItem;
  /** Absent: it is followed no longer. */
  readonly known?: Known;
  /** Whether the reader has not been told this yet. */
  readonly isFresh: boolean;
}

export interface Moment {
  readonly run: Pick<Run, 'at' | 'mutes'>;
  readonly sight: Sight;
}

/** A finding that is there. */
export function stepPresent(fingerprint: string, here: Present, before: Known | undefined, { run }: Moment): Step {
  const known: Known = {
    ...here,
    questions: [...new Set([...here.questions, ...(before?.questions ?? [])])],
    firstSeen: before === undefined || before.told === 'fixed' ? run.at : before.firstSeen,
    lastBad: run.at,
    runs: seen(before, 'x'),
    told: 'bad',
  };
  const mute = muteOf(known, run);
  if (mute !== undefined) return mutedStep(fingerprint, known, before, mute);
  const bucket = bucketOf(known, before);
  if (isFlapping(known.runs) && bucket !== 'worse') return flapping(fingerprint, known, before);
  const isOther = before !== undefined && (bucket === 'worse' || bucket === 'better');
  const one = step(fingerprint, bucket, known, before, isOther ? { was: { ...before.finding, fingerprint } } : {});
  // What came and went, and stays now, is bad for good.
  return before?.told === 'flapping' ? { ...one, isFresh: true } : one;
}

/** What was muted as a warning was not muted as an error: that it is one now is said. */
function mutedStep(fingerprint: string, known: Known, before: Known | undefined, mute: Mute): Step {
  const isWorse = before?.told === 'muted' && bySeverity(known.finding, before.finding) < 0;
  const was = isWorse ? { was: { ...before.finding, fingerprint } } : {};
  const one = step(fingerprint, 'muted', { ...known, told: 'muted' }, before, { mute, ...was });
  return isWorse ? { ...one, isFresh: true } : one;
}

function bucketOf({ finding }: Known, before: Known | undefined): Bucket {
  if (before === undefined || before.told === 'fixed') return 'new';
  if (before.told === 'muted') return 'muteEnded';
  const change = bySeverity(finding, before.finding) || extentOf(before.finding) - extentOf(finding);
  if (change === 0) return 'unchanged';
  return change < 0 ? 'worse' : 'better';
}

/** Whether it is about the whole of a Service, or only about some of its workloads. */
function extentOf({ to = '', toService = to }: Known['finding']): 1 | 0 {
  return toService === to || toService.endsWith(`/${to}`) ? 1 : 0;
}

/** A finding that is known and not there: gone, or out of sight. */
export function stepAbsent(fingerprint: string, before: Known, { run, sight }: Moment): Step {
  const unseen = sight(before);
  if (unseen !== undefined) return stepUnseen(fingerprint, before, unseen, run);
  const known: Known = { ...withoutUnseen(before), runs: seen(before, '.'), told: 'fixed' };
  if (before.told === 'fixed') {
    const isForgotten = !known.runs.includes('x');
    return { fingerprint, item: itemOf(fingerprint, known), isFresh: false, ...(!isForgotten && { known }) };
  }
  if (!isFlapping(known.runs)) return step(fingerprint, 'fixed', known, before);
  const mute = muteOf(known, run);
  if (mute !== undefined) return step(fingerprint, 'muted', { ...known, told: 'muted' }, before, { mute });
  return flapping(fingerprint, known, before);
}

const day = 24 * 3_600_000;

/** A finding that is known and could not be seen. */
export function stepUnseen(
  fingerprint: string,
  before: Known,
  { reason, detail }: NonNullable<ReturnType<Sight>>,
  run: Moment['run'],
): Step {
  const since = before.unseenSince ?? run.at;
  const isTooLong = Date.parse(run.at) - Date.parse(since) > carriedDays * day;
  const isOver = isTooLong || reason === 'not-asked';
  const known: Known = { ...before, unseenSince: since };
  if (before.told === 'fixed') {
    return { fingerprint, item: itemOf(fingerprint, known), isFresh: false, ...(!isOver && { known }) };
  }
  const unseen = { since, reason: isTooLong && reason !== 'not-asked' ? 'given-up' : reason, detail } as const;
  if (isOver) {
    return { fingerprint, bucket: 'notSeen', item: { ...itemOf(fingerprint, known), unseen }, isFresh: true };
  }
  const mute = muteOf(known, run);
  if (mute !== undefined) return step(fingerprint, 'muted', { ...known, told: 'muted' }, before, { mute, unseen });
  return step(fingerprint, 'notSeen', known, before, { unseen });
}

export function muteOf({ finding, target }: Pick<Known, 'finding' | 'target'>, run: Moment['run']): Mute | undefined {
  return run.mutes.find((mute) => isInForce(mute, run.at) && isAbout(mute, finding, target));
}

export function itemOf(fingerprint: string, { finding, target, firstSeen, lastBad }: Known): DigestItem {
  return { fingerprint, finding, target, firstSeen, lastBad };
}

function flapping(fingerprint: string, known: Known, before: Known | undefined): Step {
  const flaps = turnsOf(known.runs);
  const one = step(fingerprint, 'flapping', { ...known, told: 'flapping' }, before, { flaps });
  return { ...one, isFresh: before?.told !== 'flapping' };
}

/** What came into sight again, or left it, is worth telling, even where the finding itself is the same. */
function step(
  fingerprint: string,
  bucket: Bucket,
  known: Known,
  before: Known | undefined,
  more: Partial<DigestItem> = {},
): Step {
  const isElsewhere = (before?.unseenSince === undefined) !== (known.unseenSince === undefined);
  const isFresh = bucket !== 'muted' && ((bucket !== 'unchanged' && bucket !== 'notSeen') || isElsewhere);
  return { fingerprint, bucket, item: { ...itemOf(fingerprint, known), ...more }, known, isFresh };
}

function seen(before: Known | undefined, mark: 'x' | '.'): string {
  return `${before?.runs ?? ''}${mark}`.slice(-flapRuns);
}

function withoutUnseen({ unseenSince: _, ...known }: Known): Known {
  return known;
}
