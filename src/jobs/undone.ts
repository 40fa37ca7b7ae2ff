import type { Job, Queue } from 'bullmq';
import type { Waiting } from '../model/bot-status.ts';

/** A job that runs for longer than this is not getting done. */
const longRunMs = 120_000;
/** Those that are put off come first: they are due within minutes, other delayed ones at a tick or when a plan expires. */
const most = 1_000;

/**
 * What is not done in a queue. A delayed job counts where it was begun before: others wait for their time. So does one
 * that was put off and is being tried again just now.
 */
export async function undoneIn(queue: Queue, now: Date): Promise<Waiting> {
  const [waiting, [oldest], delayed, active] = await Promise.all([
    queue.getWaitingCount(),
    queue.getJobs(['waiting'], 0, 0, true),
    queue.getJobs(['delayed'], 0, most - 1, true),
    queue.getJobs(['active'], 0, most - 1, true),
  ]);
  const isLong = ({ processedOn = now.getTime() }: Job): boolean => now.getTime() - processedOn > longRunMs;
  const putOff = [
    ...delayed.filter(({ attemptsStarted }) => attemptsStarted > 0),
    ...active.filter(({ attemptsStarted }) => attemptsStarted > 1),
  ];
  const running = active.filter((job) => isLong(job) && !putOff.includes(job));
  const [since] = [...(oldest === undefined ? [] : [oldest]), ...putOff, ...running].map(dueAt).toSorted();
  return {
    count: waiting + putOff.length + running.length,
    ...(putOff.length > 0 && { putOff: putOff.length }),
    ...(since !== undefined && { since }),
  };
}

/** When it could have been done first. */
function dueAt({ timestamp, opts: { delay = 0 } }: Job): string {
  return new Date(timestamp + delay).toISOString();
}
