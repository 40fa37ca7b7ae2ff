import { type ConnectionOptions, DelayedError, type Job, UnrecoverableError, Worker } from 'bullmq';
import type { Log } from '../model/log.ts';
import { repeatStrategy } from './digests/schedule-preview.ts';
import { prefix } from './open-queues.ts';
import type { Settled } from './settle.ts';

/** What one job asks to be done. */
export interface Work {
  /** Unique among the jobs of its queue that may run at once. */
  readonly id: string;
  run(job: Job, signal: AbortSignal): Promise<Settled>;
}

export interface QueueConsumerSettings {
  readonly connection: ConnectionOptions;
  readonly queue: string;
  readonly concurrency: number;
  /** After how long without a sign of life a worker's job goes to another. */
  readonly lockMs: number;
  readonly log: Log;
  /** Nothing where the job makes no sense. */
  readonly read: (job: Job) => Work | undefined;
}

export interface Consumer {
  readonly running: () => number;
  /** Takes no more jobs, waits for those it has, and gives back what is not done in time. */
  close(graceMs: number): Promise<void>;
}

/** Does the jobs of one queue until closed. */
export function consumeQueue({ connection, queue, log, lockMs, read, ...settings }: QueueConsumerSettings): Consumer {
  const stop = new AbortController();
  let closing = false;
  const running = new Set<string>();

  async function take(job: Job, token: string | undefined): Promise<void> {
    // A pause does not end the wait for the next job that is under way.
    if (closing) return putOff(job, token, 0);
    const work = read(job);
    if (work === undefined) throw new UnrecoverableError('The job makes no sense');
    // BullMQ gives a job twice to one worker when its lock ran out while Redis was away.
    if (running.has(work.id)) return putOff(job, token, lockMs);
    running.add(work.id);
    try {
      const settled = await work.run(job, stop.signal);
      if (settled.status === 'later') await putOff(job, token, settled.delayMs);
    } finally {
      running.delete(work.id);
    }
  }

  const worker = new Worker(queue, take, {
    connection,
    prefix,
    settings: { repeatStrategy },
    concurrency: settings.concurrency,
    lockDuration: lockMs,
    // Redis refuses a fraction, and BullMQ would then look for stalled jobs in vain, for five seconds after its end too.
    stalledInterval: Math.ceil(lockMs / 3),
    // Our own count of stalls ends the job with a message; BullMQ's would end it without one.
    maxStalledCount: 1_000,
  });
  worker.on('error', (error) => log.warn({ error }, 'The queue does not answer'));
  worker.on('failed', (job, error) => log.error({ job: job?.id, error }, 'A job failed'));

  return {
    running: () => running.size,
    async close(graceMs) {
      closing = true;
      await worker.pause(true);
      await until(() => running.size === 0, graceMs);
      stop.abort();
      await until(() => running.size === 0, 2_000);
      await worker.close(true);
    },
  };
}

async function putOff(job: Job, token: string | undefined, delayMs: number): Promise<never> {
  await job.moveToDelayed(Date.now() + delayMs, token);
  throw new DelayedError();
}

async function until(done: () => boolean, timeoutMs: number): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!done() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 50));
}
