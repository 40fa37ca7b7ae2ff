import type { ConnectionOptions, JobSchedulerJson, JobsOptions, Queue } from 'bullmq';
import { z } from 'zod';
import type { Timing } from '../../model/schedule.ts';
import { openQueues } from '../open-queues.ts';
import { QueueDown } from '../queue.ts';

/** A digest that is due, on its way to the worker of its cluster. What to ask and where to post stands in the store. */
export const digestJobSchema = z
  .object({
    version: z.literal(1),
    scheduleId: z.string().regex(/^[a-z0-9]{4,40}$/),
    /** When it was due. Absent in what BullMQ makes at a tick: such a job carries the time itself. */
    tick: z.iso.datetime().exactOptional(),
    /** `run`: somebody asked for it now. `missed`: nobody took the job of that tick. */
    reason: z.enum(['tick', 'run', 'missed']),
  })
  .readonly();
export type DigestJob = z.infer<typeof digestJobSchema>;

/** What is due where: as much of a schedule as a queue knows. */
export type Due = Timing & { readonly id: string; readonly cluster: string };

/** What BullMQ makes the jobs of one schedule from. */
export interface Ticker extends Timing {
  readonly id: string;
  readonly next: Date;
}

export interface DigestQueues {
  /** A job at each tick from the next one on, in place of what was there for this id. Fails with {@link QueueDown}, as all of these do. */
  schedule(due: Due): Promise<void>;
  unschedule(due: Pick<Due, 'id' | 'cluster'>): Promise<void>;
  tickers(cluster: string): Promise<readonly Ticker[]>;
  /** One job for each schedule, tick and reason, however often it is called while that job is there. */
  add(cluster: string, job: DigestJob & { readonly tick: string }): Promise<void>;
  close(): Promise<void>;
}

export function digestQueueName(cluster: string): string {
  return `digest-${cluster}`;
}

/** Runs put themselves off; attempts are for when even that fails, because Redis was away. */
const options: JobsOptions = {
  attempts: 360,
  backoff: { type: 'fixed', delay: 5_000 },
  removeOnComplete: true,
  removeOnFail: { age: 24 * 3600, count: 100 },
};

export function digestQueues(redis: ConnectionOptions & { readonly status: string }): DigestQueues {
  const queues = openQueues(redis);

  async function ask<T>(cluster: string, what: (queue: Queue) => Promise<T>): Promise<T> {
    try {
      return await what(await queues.get(digestQueueName(cluster)));
    } catch (cause) {
      throw new QueueDown('The queue does not answer', { cause });
    }
  }

  return {
    async schedule({ id, cluster, pattern, timeZone }) {
      const data: DigestJob = { version: 1, scheduleId: id, reason: 'tick' };
      const template = { name: 'digest', data, opts: options };
      await ask(cluster, (queue) => queue.upsertJobScheduler(id, { pattern, tz: timeZone }, template));
    },
    async unschedule({ id, cluster }) {
      await ask(cluster, (queue) => queue.removeJobScheduler(id));
    },
    tickers: (cluster) => ask(cluster, async (queue) => (await queue.getJobSchedulers()).map(tickerOf)),
    async add(cluster, job) {
      const parsed = digestJobSchema.parse(job);
      const jobId = `${job.reason}-${job.scheduleId}-${Date.parse(job.tick)}`;
      await ask(cluster, (queue) => queue.add('digest', parsed, { ...options, jobId }));
    },
    close: () => queues.close(),
  };
}

function tickerOf({ key, pattern = '', tz = 'UTC', next = 0 }: JobSchedulerJson): Ticker {
  return { id: key, pattern, timeZone: tz, next: new Date(next) };
}
