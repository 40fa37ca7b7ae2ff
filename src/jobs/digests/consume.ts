import type { ConnectionOptions, Job } from 'bullmq';
import { type Consumer, consumeQueue, type Work } from '../consume-queue.ts';
import { type MuteEndDeps, tellEnded } from '../mute-ends.ts';
import { type DigestDeps, runDigest, type TickJob } from './digest.ts';
import { digestJobSchema, digestQueueName } from './queue.ts';
import { type TendDeps, tend } from './tend.ts';

export interface DigestConsumerSettings {
  readonly redis: ConnectionOptions;
  readonly deps: DigestDeps & TendDeps & MuteEndDeps;
  /** How many digests are made or posted at once. */
  readonly concurrency: number;
  /** After how long without a sign of life a worker's job goes to another. */
  readonly lockMs: number;
  /** How often it is looked whether all that was due was made. */
  readonly tendEveryMs: number;
  /** Runs the work for one digest, so that whatever it calls can tell which one it is for. */
  readonly within: <T>(requestId: string, work: () => Promise<T>) => Promise<T>;
}

/** Makes the digests of one cluster until closed. */
export async function consumeDigests({
  redis,
  deps,
  tendEveryMs,
  within,
  ...settings
}: DigestConsumerSettings): Promise<Consumer> {
  const { cluster, log } = deps;
  const tending = (): Promise<void> =>
    tend(deps).catch((error: unknown) => log.warn({ error }, 'Schedules cannot be looked at'));
  // What was lost is known before the first digest is made.
  await tending();
  const telling = (): Promise<void> =>
    tellEnded(deps).catch((error: unknown) => log.warn({ error }, 'Mutes cannot be looked at'));
  const timer = setInterval(() => void tending().then(telling), tendEveryMs);
  const read = (job: Job) => workOf(job, deps, within);
  const consumer = consumeQueue({ connection: redis, queue: digestQueueName(cluster), log, read, ...settings });
  return {
    running: consumer.running,
    close(graceMs) {
      clearInterval(timer);
      return consumer.close(graceMs);
    },
  };
}

function workOf(job: Job, deps: DigestDeps, within: DigestConsumerSettings['within']): Work | undefined {
  const parsed = digestJobSchema.safeParse(job.data);
  const tick = parsed.data?.tick ?? tickOf(job);
  if (!parsed.success || tick === undefined) {
    deps.log.error({ job: job.id, problems: parsed.error?.issues }, 'A job makes no sense');
    return undefined;
  }
  const data: TickJob = { ...parsed.data, tick };
  return {
    id: job.id ?? data.scheduleId,
    run: (taken, signal) =>
      within(`${data.scheduleId}@${tick}`, () =>
        runDigest(
          data,
          { ...deps, log: deps.log.child({ schedule: data.scheduleId }) },
          { stalled: taken.stalledCounter, signal },
        ),
      ),
  };
}

/** BullMQ keeps the time of the tick with each job that it makes of a schedule. */
function tickOf({ opts: { prevMillis } }: Job): string | undefined {
  return prevMillis === undefined ? undefined : new Date(prevMillis).toISOString();
}
