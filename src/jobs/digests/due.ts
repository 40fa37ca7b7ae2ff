import type { Missed } from '../../model/digest.ts';
import { dayOf, timeOf } from '../../report/digest-words.ts';
import type { Absence } from './absences.ts';
import type { DigestJob } from './queue.ts';
import type { Schedule } from './schedule.ts';
import { runsBetween } from './schedule-preview.ts';

/** A digest that comes later than this is late: it says so, unless it only waited behind others, and somebody should look. */
export const lateMs = 5 * 60_000;
/** How far back it is looked for what was missed, and how many of those are told one by one. */
const farthestMs = 31 * 24 * 3_600_000;
const mostTold = 5;

/** What one run is for. */
export interface DueRun {
  /** RFC 3339. */
  readonly tick: string;
  readonly missed: readonly Missed[];
}

export interface Moment {
  readonly now: Date;
  /** The last tick that was settled. */
  readonly done: string | undefined;
  readonly absences: readonly Absence[];
}

/**
 * The tick that a job leads to: its own, or the last one that came due since, as one digest is enough for all of them.
 * Nothing where that was settled before.
 */
export function dueRun(
  schedule: Schedule,
  job: DigestJob & { readonly tick: string },
  moment: Moment,
): DueRun | undefined {
  const { now, done } = moment;
  const after = afterOf(schedule, done, now);
  if (job.reason === 'run') {
    if (done !== undefined && job.tick <= done) return undefined;
    return { tick: job.tick, missed: missedOf(schedule, { after, before: missable(schedule, job.tick) }, moment) };
  }
  // The clock of whoever made the job may be a little ahead.
  const before = new Date(Math.max(now.getTime(), Date.parse(job.tick)) + 1);
  const { runs } = runsBetween(schedule, { after, before, most: 1 });
  const tick = runs[0]?.toISOString();
  if (tick === undefined) return undefined;
  const isLate = now.getTime() - Date.parse(tick) > lateMs && !isWaiting(job, tick, moment);
  const until = new Date(isLate ? Date.parse(tick) + 1 : tick);
  const missed = missedOf(schedule, { after, before: until }, moment);
  return {
    tick,
    missed: missed.map((one) => (one.due === tick ? { ...one, why: `${one.why} It comes only now.` } : one)),
  };
}

/** Whether it comes late only because others came first: its worker was there all the time, and it was in the queue. */
function isWaiting(job: DigestJob & { readonly tick: string }, tick: string, { absences }: Moment): boolean {
  return job.reason === 'tick' && job.tick === tick && absenceAt(new Date(tick), absences) === undefined;
}

/** Until when what was due counts as missed by who asks for one now: what is on its way is not, nor what was paused. */
function missable({ paused }: Schedule, tick: string): Date {
  const end = Date.parse(tick) - lateMs;
  return new Date(paused === undefined ? end : Math.min(end, Date.parse(paused.at)));
}

/** The last tick that should be settled by now and is not. */
export function overdueTick(schedule: Schedule, done: string | undefined, now: Date): string | undefined {
  if (schedule.paused !== undefined) return undefined;
  const before = new Date(now.getTime() - lateMs);
  return runsBetween(schedule, { after: afterOf(schedule, done, now), before, most: 1 }).runs[0]?.toISOString();
}

function afterOf({ since }: Schedule, done: string | undefined, now: Date): Date {
  const times = [since, done ?? since].map((time) => Date.parse(time));
  return new Date(Math.max(...times, now.getTime() - farthestMs));
}

function missedOf(
  schedule: Schedule,
  { after, before }: { readonly after: Date; readonly before: Date },
  { absences }: Moment,
): readonly Missed[] {
  const { runs, count } = runsBetween(schedule, { after, before, most: mostTold });
  const more = count - runs.length;
  return runs.map((run, index) => {
    const why = whyMissed(schedule, run, absences);
    return { due: run.toISOString(), why: index === 0 && more > 0 ? `${why} So it was with ${more} before it.` : why };
  });
}

function whyMissed({ timeZone, cluster }: Schedule, due: Date, absences: readonly Absence[]): string {
  const absence = absenceAt(due, absences);
  if (absence === undefined) return `I cannot tell why. Ask an admin to look at the log of the worker of ${cluster}.`;
  const time = (at: string) => `${dayOf(at, timeZone)}, ${timeOf(at, timeZone)}`;
  const [from, to] = [time(absence.from), time(absence.to)];
  return `the worker of ${cluster}, or Redis, was away from ${from} to ${to}.`;
}

function absenceAt(due: Date, absences: readonly Absence[]): Absence | undefined {
  return absences.findLast(({ from, to }) => Date.parse(from) <= due.getTime() && due.getTime() <= Date.parse(to));
}
