import { createHash } from 'node:crypto';
import type { ConnectionOptions, JobsOptions } from 'bullmq';
import { z } from 'zod';
import { openQueues, prefix } from '../open-queues.ts';
import { actorSchema, type Enqueued, QueueDown } from '../queue.ts';

const name = z.string().min(1).max(253);
/** Unguessable; BullMQ takes no colon in an id. */
const planId = z.string().regex(/^[a-z0-9]{8,64}$/);

/** A fix that somebody asked for, on its way to the worker of its cluster. */
export const proposeJobSchema = z
  .object({
    version: z.literal(1),
    /** Becomes the plan's id. */
    requestId: planId,
    fix: z.string().min(1).max(63),
    target: z
      .object({
        cluster: z.string().min(1).max(63),
        namespace: z.string().min(1).max(63).exactOptional(),
        name: name.exactOptional(),
      })
      .readonly(),
    channel: z.string().min(1).max(50),
    requestedBy: actorSchema,
    requestedAt: z.iso.datetime(),
    /** What to type to ask the same again, without `/mesh`. */
    command: z.string().min(1).max(4_000),
    /** The plan that is to be taken back. Fix, target and channel are that plan's. */
    undoOf: planId.exactOptional(),
  })
  .readonly();
export type ProposeJob = z.infer<typeof proposeJobSchema>;

/** What is done with one plan next is decided by its state, wherever the job came from. */
export const advanceJobSchema = z.object({ version: z.literal(1), id: planId }).readonly();
export type AdvanceJob = z.infer<typeof advanceJobSchema>;

/** A plan that the fixer is to apply, or to try without writing. All that counts stands in the store. */
export const applyJobSchema = z.object({ version: z.literal(1), id: planId }).readonly();
export type ApplyJob = z.infer<typeof applyJobSchema>;

export interface RemedyQueues {
  /** Resolves once the job is kept by Redis. Fails with {@link QueueDown}, as all of these do. */
  propose(job: ProposeJob): Promise<Enqueued>;
  /** The worker looks at this plan. What happened before this call is seen by the run that follows it. */
  wake(cluster: string, id: string): Promise<void>;
  /** The worker looks at it after a while, besides whatever wakes it before. */
  wakeLater(cluster: string, id: string, delayMs: number): Promise<void>;
  /**
   * Hands a cleared plan to the fixer: once for each version of its remediation, however often it is called, and again
   * where the fixer broke over it.
   */
  apply(cluster: string, id: string, version: number): Promise<void>;
  /** Has the fixer look whether a proposed plan could be applied: once at a time, and after all that is to be applied. */
  try(cluster: string, id: string): Promise<void>;
  close(): Promise<void>;
}

/** The worker's: jobs `propose` and `advance`. */
export function remedyQueueName(cluster: string): string {
  return `remedy-${cluster}`;
}

/** The fixer's: jobs `apply` and `try`. */
export function applyQueueName(cluster: string): string {
  return `apply-${cluster}`;
}

/** Signs of life of a cluster's fixer. */
export function fixerKeys(cluster: string): { readonly alive: string; readonly seen: string } {
  return { alive: `${prefix}:fixer-alive:${cluster}`, seen: `${prefix}:fixer-seen:${cluster}` };
}

const day = 24 * 3600;
const bounded = { removeOnComplete: { age: day, count: 1_000 }, removeOnFail: { age: 7 * day, count: 1_000 } };
/** Whatever is lost comes back with the next sweep. */
const trying = { removeOnComplete: true, removeOnFail: true, attempts: 1, priority: 10 };
const looking = { removeOnComplete: true, removeOnFail: { age: day, count: 100 } };

/** The queues of fixes, as the bot, the worker and the fixer put jobs into them. */
export function remedyQueues(redis: ConnectionOptions & { readonly status: string }): RemedyQueues {
  const queues = openQueues(redis);

  async function add(queueName: string, kind: string, data: object, options: JobsOptions): Promise<string> {
    try {
      const { id = '' } = await (await queues.get(queueName)).add(kind, data, options);
      return id;
    } catch (cause) {
      throw new QueueDown('The queue does not answer', { cause });
    }
  }

  async function advance(cluster: string, id: string, when: 'now' | 'later', delay: number): Promise<void> {
    const job: AdvanceJob = advanceJobSchema.parse({ version: 1, id });
    await add(remedyQueueName(cluster), 'advance', job, { ...looking, delay, deduplication: { id: `${when}-${id}` } });
  }

  return {
    async propose(job) {
      const parsed = proposeJobSchema.parse(job);
      const { requestId: jobId, target } = parsed;
      const deduplication = { id: proposalId(parsed) };
      // Runs put themselves off; this is for when even that fails, because Redis was away.
      const attempts = { attempts: 360, backoff: { type: 'fixed', delay: 5_000 } };
      const options = { ...bounded, ...attempts, jobId, deduplication };
      const id = await add(remedyQueueName(target.cluster), 'propose', parsed, options);
      return id === jobId ? { status: 'queued' } : { status: 'joined', requestId: id };
    },
    wake: (cluster, id) => advance(cluster, id, 'now', 0),
    wakeLater: (cluster, id, delayMs) => advance(cluster, id, 'later', delayMs),
    async apply(cluster, id, version) {
      const job: ApplyJob = applyJobSchema.parse({ version: 1, id });
      // One that broke is handed over again: nothing is written but from `cleared`, and that once.
      const options = { ...bounded, removeOnFail: true, jobId: `${id}-${version}`, attempts: 1 };
      await add(applyQueueName(cluster), 'apply', job, options);
    },
    async try(cluster, id) {
      const job: ApplyJob = applyJobSchema.parse({ version: 1, id });
      await add(applyQueueName(cluster), 'try', job, { ...trying, jobId: `try-${id}` });
    },
    close: () => queues.close(),
  };
}

/** The same fix of the same object asked for in the same place. */
function proposalId({ fix, target, channel, undoOf = '' }: ProposeJob): string {
  const { cluster, namespace = '', name = '' } = target;
  const asked = [channel, fix, cluster, namespace, name, undoOf];
  return createHash('sha256').update(JSON.stringify(asked)).digest('hex').slice(0, 32);
}
