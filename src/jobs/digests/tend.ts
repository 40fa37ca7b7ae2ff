import type { Log } from '../../model/log.ts';
import type { Absences } from './absences.ts';
import { lateMs, overdueTick } from './due.ts';
import type { Histories } from './history.ts';
import type { DigestPosts } from './posts.ts';
import type { DigestQueues, Ticker } from './queue.ts';
import type { Schedule } from './schedule.ts';
import type { Schedules } from './schedules.ts';

export interface TendDeps {
  readonly cluster: string;
  readonly schedules: Pick<Schedules, 'list'>;
  readonly queues: Pick<DigestQueues, 'schedule' | 'unschedule' | 'tickers' | 'add'>;
  readonly posts: Pick<DigestPosts, 'all' | 'remove'>;
  readonly histories: Pick<Histories, 'remove'>;
  readonly absences: Absences;
  readonly now: () => Date;
  readonly log: Log;
}

/**
 * Brings the queue to what the schedules of a cluster say, whatever it lost, and has made up for what is overdue. A
 * digest that is on its way already is not made again: a run is known by its tick.
 */
export async function tend(deps: TendDeps): Promise<void> {
  const { cluster, queues, log } = deps;
  await deps.absences.beat();
  // What was posted comes first: who posted meanwhile is in the list.
  const posts = await deps.posts.all();
  const [schedules, found] = await Promise.all([deps.schedules.list(), queues.tickers(cluster)]);
  await forgetOthers(posts, schedules, deps);
  const mine = schedules.filter((one) => one.cluster === cluster);
  const tickers = new Map(found.map((ticker) => [ticker.id, ticker]));
  for (const schedule of mine.filter(({ paused }) => paused === undefined)) {
    const { id } = schedule;
    try {
      await tendOne(schedule, tickers.get(id), posts.get(id)?.done, deps);
    } catch (error) {
      // One that cannot be followed takes no other with it.
      log.error({ error, schedule: id }, 'A schedule cannot be followed');
    }
    tickers.delete(id);
  }
  for (const { id } of tickers.values()) await queues.unschedule({ id, cluster });
}

async function tendOne(
  schedule: Schedule,
  ticker: Ticker | undefined,
  done: string | undefined,
  { cluster, queues, log, now }: TendDeps,
): Promise<void> {
  const { id } = schedule;
  if (!isSound(ticker, schedule, now())) await queues.schedule(schedule);
  const tick = overdueTick(schedule, done, now());
  if (tick === undefined) return;
  log.warn({ schedule: id, tick }, 'A digest is overdue');
  await queues.add(cluster, { version: 1, scheduleId: id, tick, reason: 'missed' });
}

/** What is known of schedules that are gone: one that comes back under its old id begins anew. */
async function forgetOthers(
  posts: ReadonlyMap<string, unknown>,
  schedules: readonly Schedule[],
  deps: TendDeps,
): Promise<void> {
  const ids = new Set(schedules.map(({ id }) => id));
  for (const id of posts.keys()) {
    if (ids.has(id)) continue;
    await deps.histories.remove(id);
    await deps.posts.remove(id);
  }
}

function isSound(ticker: Ticker | undefined, { pattern, timeZone }: Schedule, now: Date): boolean {
  return (
    ticker !== undefined &&
    ticker.pattern === pattern &&
    ticker.timeZone === timeZone &&
    ticker.next.getTime() > now.getTime() - lateMs
  );
}

/** How many digests of a cluster should be out for more than five minutes and are not. One that never comes is one. */
export async function countOverdue({
  cluster,
  schedules,
  posts,
  now,
}: Omit<TendDeps, 'queues' | 'absences' | 'log' | 'histories'>): Promise<number> {
  const [mine, posted] = await Promise.all([schedules.list({ cluster }), posts.all()]);
  const isOverdue = (one: Schedule) => {
    try {
      return overdueTick(one, posted.get(one.id)?.done, now()) !== undefined;
    } catch {
      return true;
    }
  };
  return mine.filter(isOverdue).length;
}
