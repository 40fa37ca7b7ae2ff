import { CronExpressionParser } from 'cron-parser';
import type { Timing } from '../../model/schedule.ts';

const hour = 3_600_000;

/**
 * When the schedule is next due after a time. The pattern is read by the clock on the wall. A time that the clock
 * leaves out (summer time begins) is due as much later as the clock jumps; a time that it shows twice (summer time
 * ends) is due the first time only, unless the pattern names every hour.
 */
export function nextRun({ pattern, timeZone }: Timing, after: Date): Date {
  const from = after.getTime();
  // On the wall, times may stand up to three hours from their order in truth: no zone jumps farther.
  const walls = CronExpressionParser.parse(pattern, {
    tz: 'UTC',
    currentDate: new Date(wallOf(from, timeZone) - 3 * hour),
  });
  const isEveryHour = pattern.split(' ')[1] === '*';
  let best: number | undefined;
  for (;;) {
    const wall = walls.next().getTime();
    const times = instantsOf(wall, timeZone).slice(0, isEveryHour ? 2 : 1);
    for (const time of times) if (time > from && (best === undefined || time < best)) best = time;
    if (best !== undefined && wall > wallOf(best, timeZone) + 3 * hour) return new Date(best);
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

/** What the clock on the wall shows, as if it were UTC. */
function wallOf(time: number, timeZone: string): number {
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
