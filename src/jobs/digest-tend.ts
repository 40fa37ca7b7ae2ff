import type { Log } from '../model/log.ts';
import type { Absences } from './digest-absences.ts';
import { lateMs, overdueTick } from './digest-due.ts';
import type { DigestPosts } from './digest-posts.ts';
import type { DigestQueues, Ticker } from './digest-queue.ts';
import type { Schedule } from './digest-schedule.ts';
import type { Schedules } from './schedules.ts';

export interface TendDeps {
  readonly cluster: string;
  readonly schedules: Pick<Schedules, 'list'>;
  readonly queues: Pick<DigestQueues, 'schedule' | 'unschedule' | 'tickers' | 'add'>;
  readonly posts: Pick<DigestPosts, 'all'>;
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
  const [mine, posts, all] = await Promise.all([
    deps.schedules.list({ cluster }),
    deps.posts.all(),
    queues.tickers(cluster),
  ]);
  const tickers = new Map(all.map((ticker) => [ticker.id, ticker]));
  const now = deps.now();
  for (const schedule of mine.filter(({ paused }) => paused === undefined)) {
    const { id } = schedule;
    if (!isSound(tickers.get(id), schedule, now)) await queues.schedule(schedule);
    tickers.delete(id);
    const tick = overdueTick(schedule, posts.get(id)?.done, now);
    if (tick === undefined) continue;
    log.warn({ schedule: id, tick }, 'A digest is overdue');
    await queues.add(cluster, { version: 1, scheduleId: id, tick, reason: 'missed' });
  }
  for (const { id } of tickers.values()) await queues.unschedule({ id, cluster });
}

function isSound(ticker: Ticker | undefined, { pattern, timeZone }: Schedule, now: Date): boolean {
  return (
    ticker !== undefined &&
    ticker.pattern === pattern &&
    ticker.timeZone === timeZone &&
    ticker.next.getTime() > now.getTime() - lateMs
  );
}

/** How many digests of a cluster should be out for more than five minutes and are not. */
export async function countOverdue({
  cluster,
  schedules,
  posts,
  now,
}: Omit<TendDeps, 'queues' | 'absences' | 'log'>): Promise<number> {
  const [mine, posted] = await Promise.all([schedules.list({ cluster }), posts.all()]);
  return mine.filter((one) => overdueTick(one, posted.get(one.id)?.done, now()) !== undefined).length;
}
