import { CronExpressionParser } from 'cron-parser';
import { parseTiming, type Timing } from '../../model/schedule.ts';
import { UsageError } from '../../model/sources.ts';

const hour = 3_600_000;

/**
 * Reads when a schedule is due, and makes sure that this time comes: whoever keeps it can rely on that.
 *
 * @throws UsageError with what to say instead.
 */
export function readTiming(words: string, defaultZone: string, now: Date): Timing {
  const timing = parseTiming(words, defaultZone);
  try {
    nextRun(timing, now);
  } catch (cause) {
    throw new UsageError(`I cannot tell when "${words.slice(0, 60)}" comes next. Say it in another way.`, { cause });
  }
  return timing;
}

/**
 * When the schedule is next due after a time. The pattern is read by the clock on the wall. A time that the clock
 * leaves out (summer time begins) is due as much later as the clock jumps; a time that it shows twice (summer time
 * ends) is due the first time only, unless the pattern names every hour.
 */
export function nextRun({ pattern, timeZone }: Timing, after: Date): Date {
  const from = after.getTime();
  const walls = CronExpressionParser.parse(pattern, {
    tz: 'UTC',
    currentDate: new Date(wallOf(from, timeZone) - disorderAt(from, timeZone)),
  });
  const isEveryHour = pattern.split(' ')[1] === '*';
  let best: number | undefined;
  for (;;) {
    const wall = walls.next().getTime();
    const times = instantsOf(wall, timeZone).slice(0, isEveryHour ? 2 : 1);
    for (const time of times) if (time > from && (best === undefined || time < best)) best = time;
    if (best !== undefined && wall >= wallOf(best, timeZone) + disorderAt(best, timeZone)) return new Date(best);
  }
}

/** The next times that the schedule is due, for people to look at. */
export function nextRuns(timing: Timing, after: Date, count: number): readonly Date[] {
  const runs: Date[] = [];
  for (let last = after; runs.length < count; ) {
    last = nextRun(timing, last);
    runs.push(last);
  }
  return runs;
}

/** When the schedule was due after one time and before another: the last `most` of them, and how many there were. */
export function runsBetween(
  timing: Timing,
  { after, before, most }: { readonly after: Date; readonly before: Date; readonly most: number },
): { readonly runs: readonly Date[]; readonly count: number } {
  let runs: Date[] = [];
  let count = 0;
  for (let at = nextRun(timing, after); at < before; at = nextRun(timing, at)) {
    count += 1;
    runs = [...runs, at].slice(-most);
  }
  return { runs, count };
}

/** For BullMQ's `settings.repeatStrategy`, of queues and of workers: its own skips a digest where a clock jumps by half an hour. */
export function repeatStrategy(millis: number, { pattern, tz }: { pattern?: string; tz?: string }): number | undefined {
  return pattern === undefined ? undefined : nextRun({ pattern, timeZone: tz ?? 'UTC' }, new Date(millis)).getTime();
}

/** How far times on the wall may stand from their order in truth: no zone jumps farther, and most days none does. */
function disorderAt(time: number, timeZone: string): number {
  const offsetAt = (other: number) => wallOf(other, timeZone) - other;
  const second = Math.floor(time / 1_000) * 1_000;
  return offsetAt(second - 24 * hour) === offsetAt(second + 24 * hour) ? 0 : 3 * hour;
}

/** What the clock on the wall shows, as if it were UTC. Clocks are changed at full quarters of an hour only. */
function wallOf(time: number, timeZone: string): number {
  const begun = time - (((time % quarter) + quarter) % quarter);
  const key = `${timeZone} ${begun}`;
  const offset = offsets.get(key) ?? shownAt(begun, timeZone) - begun;
  if (offsets.size > mostOffsets) offsets.clear();
  offsets.set(key, offset);
  return Math.floor((time + offset) / 1_000) * 1_000;
}

const quarter = 15 * 60_000;
/** Asking for the time in a zone is slow, and the same quarters are asked for over and over. */
const offsets = new Map<string, number>();
const mostOffsets = 10_000;

function shownAt(time: number, timeZone: string): number {
  const parts = clockOf(timeZone).formatToParts(time);
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value);
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
}

/** The times at which the wall shows this: one or two; where none, when it would be without the jump. */
function instantsOf(wall: number, timeZone: string): readonly number[] {
  const offsetAt = (time: number) => wallOf(time, timeZone) - time;
  const [before, after] = [offsetAt(wall - 24 * hour), offsetAt(wall + 24 * hour)];
  const candidates = [...new Set([wall - before, wall - after])].toSorted((a, b) => a - b);
  const shown = candidates.filter((time) => wallOf(time, timeZone) === wall);
  return shown.length > 0 ? shown : [wall - before];
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const known = clocks.get(timeZone);
  if (known !== undefined) return known;
  const clock = new Intl.DateTimeFormat('en', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  clocks.set(timeZone, clock);
  return clock;
}
