import type { ConnectionOptions } from 'bullmq';
import type { Asked, BotStatus, ClusterStatus, Pulse, RedisStatus, Waiting } from '../model/bot-status.ts';
import type { StoreRedis } from './audit/commit.ts';
import { scheduleBook } from './digests/book.ts';
import { overdueTick } from './digests/due.ts';
import { digestPosts } from './digests/posts.ts';
import { digestQueueName } from './digests/queue.ts';
import { loadFixerState } from './fixer-state.ts';
import { applyQueueName, fixerKeys, remedyQueueName } from './fixes/queue.ts';
import { type OpenQueues, openQueues } from './open-queues.ts';
import { queueName, workerKeys } from './queue.ts';
import { undoneIn } from './undone.ts';
import { loadWorkerState } from './worker-state.ts';

export interface Redis extends StoreRedis, DigestRedis {
  readonly status: string;
  get(key: string): Promise<string | null>;
  set(key: string, value: string, unit: 'EX', seconds: number): Promise<unknown>;
  ping(): Promise<unknown>;
  info(section: string): Promise<string>;
}

type DigestRedis = Parameters<typeof digestPosts>[0];

/** What Redis says of itself and of the clusters. Never throws. `kept`: the queues of whoever looks often. */
export async function lookAround(
  redis: Redis & ConnectionOptions,
  clusters: readonly string[],
  now = new Date(),
  kept?: OpenQueues,
): Promise<Pick<BotStatus, 'redis' | 'clusters'>> {
  const queues = kept ?? openQueues(redis);
  try {
    const [own, ...found] = await Promise.all([
      asked(() => redisStatus(redis)),
      ...clusters.map((name) => asked(() => clusterStatus(name, redis, queues, now))),
    ]);
    const none = { status: 'unknown', why: noAnswer } as const;
    return { redis: own, clusters: clusters.map((name, index) => ({ name, found: found[index] ?? none })) };
  } finally {
    if (kept === undefined) await queues.close();
  }
}

const noAnswer = 'My store (Redis) does not answer.';

/** What somebody says, or that nobody does. */
export async function asked<T>(
  ask: () => Promise<T>,
  why: (error: unknown) => string = () => noAnswer,
): Promise<Asked<T>> {
  try {
    return { status: 'known', value: await ask() };
  } catch (error) {
    return { status: 'unknown', why: why(error) };
  }
}

async function redisStatus(redis: Redis): Promise<RedisStatus> {
  const begun = performance.now();
  await redis.ping();
  const latencyMs = performance.now() - begun;
  return { latencyMs, server: await asked(() => serverOf(redis), whyNoInfo) };
}

async function serverOf(redis: Redis) {
  const [server, memory] = await Promise.all([redis.info('server'), redis.info('memory')]);
  return {
    version: fieldOf(server, 'redis_version') ?? 'of no known version',
    usedBytes: Number(fieldOf(memory, 'used_memory') ?? 0),
    maxBytes: Number(fieldOf(memory, 'maxmemory') ?? 0),
  };
}

/** Redis answers a command that the account may not use; a connection that is gone does not. */
function whyNoInfo(error: unknown): string {
  const isRefused = error instanceof Error && error.name === 'ReplyError';
  return isRefused ? 'INFO is not allowed to my account, so version and memory are not known.' : noAnswer;
}

function fieldOf(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(info)?.[1];
}

async function clusterStatus(name: string, redis: Redis, queues: OpenQueues, now: Date): Promise<ClusterStatus> {
  const undone = async (queue: string) => undoneIn(await queues.get(queue), now);
  const [worker, fixer, questions, remedies, applies, digesting, digests, state, fixerState] = await Promise.all([
    pulseOf(redis, workerKeys(name)),
    pulseOf(redis, fixerKeys(name)),
    undone(queueName(name)),
    undone(remedyQueueName(name)),
    undone(applyQueueName(name)),
    undone(digestQueueName(name)),
    overdueDigests(name, redis, now),
    loadWorkerState(redis, name),
    loadFixerState(redis, name),
  ]);
  return {
    ...{ worker, fixer, questions, remedies, applies, digesting, digests },
    ...(state !== undefined && { state }),
    ...(fixerState !== undefined && { fixerState }),
  };
}

async function overdueDigests(name: string, redis: Redis, now: Date): Promise<Waiting> {
  const [book, posts] = await Promise.all([scheduleBook(redis, () => now, {}).read(), digestPosts(redis).all()]);
  const ticks = book
    .filter(({ cluster }) => cluster === name)
    .flatMap((one) => overdueTick(one, posts.get(one.id)?.done, now) ?? []);
  const [since] = ticks.toSorted();
  return { count: ticks.length, ...(since !== undefined && { since }) };
}

async function pulseOf(redis: Redis, keys: { readonly alive: string; readonly seen: string }): Promise<Pulse> {
  const [alive, seenAt] = await Promise.all([redis.get(keys.alive), redis.get(keys.seen)]);
  return { alive: alive !== null, ...(seenAt !== null && { seenAt }) };
}
