import type { ConnectionOptions, Job } from 'bullmq';
import type { Log } from '../model/log.ts';
import { type ApplyDeps, applyPlan } from './apply.ts';
import { settleInterrupted } from './apply-settle.ts';
import { type Consumer, consumeQueue, type Work } from './consume-queue.ts';
import { applyJobSchema, applyQueueName, fixerKeys } from './fix-queue.ts';

/** The part of a Redis client that is used beside BullMQ. */
interface Redis {
  readonly status: string;
  set(key: string, value: string, unit: 'EX', seconds: number): Promise<unknown>;
}

export interface FixConsumerSettings {
  readonly redis: Redis & ConnectionOptions;
  readonly deps: ApplyDeps;
  /** After how long without a sign of life a fixer's job goes to another. */
  readonly lockMs: number;
  /** How often changes are looked for that were begun and not ended. */
  readonly settleEveryMs: number;
}

const aliveSeconds = 15;
const seenSeconds = 30 * 24 * 3600;

/** Applies the plans of one cluster from its queue, one at a time, until closed. */
export function consumeFixes({ redis, deps, lockMs, settleEveryMs }: FixConsumerSettings): Pick<Consumer, 'close'> {
  const { cluster, log } = deps;
  const queue = applyQueueName(cluster);
  // A job that comes back is no second write: what was begun is only looked at.
  const read = (job: Job) => workOf(job, deps);
  const consumer = consumeQueue({ connection: redis, queue, concurrency: 1, lockMs, log, read });
  const stops = [
    every(settleEveryMs, () => settleInterrupted(deps), log, 'Begun changes cannot be looked for'),
    every((aliveSeconds * 1000) / 3, () => beat(redis, cluster), log, 'No heartbeat'),
  ];
  return {
    close(graceMs) {
      for (const stop of stops) stop();
      return consumer.close(graceMs);
    },
  };
}

function workOf(job: Job, deps: ApplyDeps): Work | undefined {
  const parsed = applyJobSchema.safeParse(job.data);
  if (!parsed.success) {
    deps.log.error({ job: job.id, problems: parsed.error.issues }, 'A job makes no sense');
    return undefined;
  }
  const { id } = parsed.data;
  return { id, run: () => applyPlan(id, deps) };
}

/** Now and then again, one after the other; a failure is logged. Gives what stops it. */
function every(ms: number, work: () => Promise<void>, log: Log, failed: string): () => void {
  let running = false;
  const run = async (): Promise<void> => {
    if (running) return;
    running = true;
    await work()
      .catch((error: unknown) => log.warn({ error }, failed))
      .finally(() => (running = false));
  };
  void run();
  const timer = setInterval(() => void run(), ms);
  return () => clearInterval(timer);
}

/** Lets people be told that nobody is there to apply. */
async function beat(redis: Redis, cluster: string): Promise<void> {
  if (redis.status !== 'ready') return;
  const { alive, seen } = fixerKeys(cluster);
  const now = new Date().toISOString();
  await redis.set(seen, now, 'EX', seenSeconds);
  await redis.set(alive, now, 'EX', aliveSeconds);
}
