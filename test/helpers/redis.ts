import { Redis } from 'ioredis';
import { type OwnRedis, startRedis as startOwn } from '../../src/sandbox/redis.ts';
import { waitFor } from './wait.ts';

export { freePort } from '../../src/sandbox/redis.ts';
export type { OwnRedis as TestRedis };

/**
 * A redis-server of our own. It hands what it acknowledges to the system, which keeps it when the server is killed, and
 * does not wait for the disk, which would be half the time of some tests.
 */
export async function startRedis(): Promise<OwnRedis> {
  const redis = await startOwn();
  const hurry = () => ask(redis, (client) => client.config('SET', 'appendfsync', 'no'));
  await hurry();
  return {
    ...redis,
    async start() {
      await redis.start();
      await hurry();
    },
  };
}

/**
 * Stops Redis, does something, and starts it again. Resolves once all that were connected are connected again: a client that is
 * closed while it waits for its next attempt would keep the process for seconds.
 *
 * @see https://github.com/redis/ioredis/pull/2169
 */
export async function restart(redis: OwnRedis, meanwhile = async () => {}): Promise<void> {
  const before = await connected(redis);
  await redis.stop();
  try {
    await meanwhile();
  } finally {
    await redis.start();
  }
  await waitFor(async () => {
    const now = await connected(redis);
    return before.every((name) => now.includes(name));
  });
}

/** The names of the connections; those that tests open for themselves have none. */
function connected(redis: OwnRedis): Promise<readonly string[]> {
  return ask(redis, async (client) =>
    Array.from(String(await client.client('LIST')).matchAll(/ name=(\S+)/g), ([, name = '']) => name),
  );
}

async function ask<T>({ url }: OwnRedis, question: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url);
  try {
    return await question(client);
  } finally {
    client.disconnect();
  }
}
