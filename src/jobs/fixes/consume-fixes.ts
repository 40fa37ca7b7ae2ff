import type { ConnectionOptions, Job } from 'bullmq';
import { type Consumer, consumeQueue, type Work } from '../consume-queue.ts';
import { every, heartbeat } from '../pulse.ts';
import { type ApplyDeps, applyPlan } from './apply.ts';
import { settleInterrupted } from './apply-settle.ts';
import { applyJobSchema, applyQueueName, fixerKeys } from './queue.ts';
import { tryPlan } from './try.ts';

export interface FixConsumerSettings {
  readonly redis: Parameters<typeof heartbeat>[0] & ConnectionOptions;
  readonly deps: ApplyDeps;
  /** After how long without a sign of life a fixer's job goes to another. */
  readonly lockMs: number;
  /** How often changes are looked for that were begun and not ended. */
  readonly settleEveryMs: number;
}

/** Applies the plans of one cluster from its queue, one at a time, until closed. */
export function consumeFixes({ redis, deps, lockMs, settleEveryMs }: FixConsumerSettings): Pick<Consumer, 'close'> {
  const { cluster, log } = deps;
  const queue = applyQueueName(cluster);
  // A job that comes back is no second write: what was begun is only looked at.
  const read = (job: Job) => workOf(job, deps);
  const consumer = consumeQueue({ connection: redis, queue, concurrency: 1, lockMs, log, read });
  const stops = [
    every(settleEveryMs, () => settleInterrupted(deps), log, 'Begun changes cannot be looked for'),
    heartbeat(redis, fixerKeys(cluster), log),
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
  if (job.name === 'try') return { id: `try-${id}`, run: () => tryPlan(id, deps) };
  return { id, run: () => applyPlan(id, deps) };
}
