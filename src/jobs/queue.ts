import { createHash } from 'node:crypto';
import type { ConnectionOptions, Queue } from 'bullmq';
import { z } from 'zod';
import { openQueues, prefix } from './open-queues.ts';

export { prefix };

export const actorSchema = z
  .object({
    team: z.string().min(1).max(50),
    enterprise: z.string().min(1).max(50).exactOptional(),
    user: z.string().min(1).max(50),
  })
  .readonly();

/** One question on its way to a worker: plain data, nothing secret, nothing that expires. */
export const checkJobSchema = z
  .object({
    version: z.literal(1),
    requestId: z.string().min(1).max(100),
    topic: z.string().min(1).max(63),
    target: z.object({
      cluster: z.string().min(1).max(63),
      namespace: z.string().min(1).max(63).exactOptional(),
      workload: z.string().min(1).max(253).exactOptional(),
      from: z.array(z.string().min(1).max(63)).max(100).readonly().exactOptional(),
      strictReady: z.literal(true).exactOptional(),
    }),
    channel: z.string().min(1).max(50),
    requestedBy: actorSchema,
    requestedAt: z.iso.datetime(),
    /** What to type to ask the same again, without `/mesh`. */
    command: z.string().min(1).max(4_000),
  })
  .readonly();

export type CheckJob = z.infer<typeof checkJobSchema>;

/** The queue cannot be reached now: nothing was kept. */
export class QueueDown extends Error {
  override readonly name = 'QueueDown';
}

export type Enqueued =
  | { readonly status: 'queued' }
  /** The same question from the same channel is waiting or being answered. */
  | { readonly status: 'joined'; readonly requestId: string };

/** How busy a cluster's queue is. */
export interface QueueState {
  /** Questions ahead of the last one. */
  readonly waiting: number;
  /** When a worker of this cluster last gave a sign of life, if one ever did. RFC 3339. */
  readonly workerSeenAt?: string;
  readonly workerAlive: boolean;
}

export interface CheckQueues {
  /** Resolves once the job is kept by Redis. Fails within a second with {@link QueueDown}. */
  add(job: CheckJob): Promise<Enqueued>;
  state(cluster: string): Promise<QueueState>;
  close(): Promise<void>;
}

/** The part of a Redis client that is used beside BullMQ. */
export interface Redis {
  readonly status: string;
  get(key: string): Promise<string | null>;
  set(key: string, value: string, unit: 'EX', seconds: number): Promise<unknown>;
  hget(key: string, field: string): Promise<string | null>;
  hgetall(key: string): Promise<Record<string, string>>;
  hset(key: string, fields: Record<string, string>): Promise<unknown>;
  hdel(key: string, ...fields: string[]): Promise<unknown>;
  hincrby(key: string, field: string, by: number): Promise<number>;
  expire(key: string, seconds: number): Promise<unknown>;
}

export function queueName(cluster: string): string {
  return `check-${cluster}`;
}

/** Two questions with one id are the same question asked in the same place. */
export function questionId({ topic, target, channel }: CheckJob): string {
  const { cluster, namespace = '', workload = '', from = [], strictReady = false } = target;
  const asked = [channel, topic, cluster, namespace, workload, from.toSorted(), strictReady];
  return createHash('sha256').update(JSON.stringify(asked)).digest('hex').slice(0, 32);
}

export function workerKeys(cluster: string): { readonly alive: string; readonly seen: string } {
  return { alive: `${prefix}:worker-alive:${cluster}`, seen: `${prefix}:worker-seen:${cluster}` };
}

const day = 24 * 3600;

/** The queues as the bot sees them, one per cluster. The client must fail rather than wait when Redis is away. */
export function checkQueues(redis: Redis & ConnectionOptions): CheckQueues {
  const queues = openQueues(redis);
  const queueOf = (cluster: string): Promise<Queue> => queues.get(queueName(cluster));

  return {
    async add(job) {
      const parsed = checkJobSchema.parse(job);
      try {
        return await enqueue(await queueOf(parsed.target.cluster), parsed);
      } catch (cause) {
        throw new QueueDown('The queue does not answer', { cause });
      }
    },
    async state(cluster) {
      const queue = await queueOf(cluster);
      const { alive, seen } = workerKeys(cluster);
      const [waiting, isAlive, seenAt] = await Promise.all([
        queue.getWaitingCount(),
        redis.get(alive),
        redis.get(seen),
      ]);
      return {
        waiting: Math.max(0, waiting - 1),
        workerAlive: isAlive !== null,
        ...(seenAt !== null && { workerSeenAt: seenAt }),
      };
    },
    close: () => queues.close(),
  };
}

async function enqueue(queue: Queue, job: CheckJob): Promise<Enqueued> {
  const { id = '' } = await queue.add('check', job, {
    jobId: job.requestId,
    deduplication: { id: questionId(job) },
    // Runs put themselves off; this is for when even that fails, because Redis was away.
    attempts: 360,
    backoff: { type: 'fixed', delay: 5_000 },
    removeOnComplete: { age: day, count: 1_000 },
    removeOnFail: { age: 7 * day, count: 1_000 },
  });
  return id === job.requestId ? { status: 'queued' } : { status: 'joined', requestId: id };
}
