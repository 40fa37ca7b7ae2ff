import { prefix } from './open-queues.ts';

/** In which channels somebody asked lately, newest first. */
export interface RecentChannels {
  note(user: string, channel: string): Promise<void>;
  list(user: string): Promise<readonly string[]>;
}

interface Redis {
  zadd(key: string, score: number, member: string): Promise<unknown>;
  zremrangebyrank(key: string, start: number, stop: number): Promise<unknown>;
  zrevrange(key: string, start: number, stop: number): Promise<string[]>;
  expire(key: string, seconds: number): Promise<unknown>;
}

const most = 10;
const kept = 30 * 24 * 3600;

export function recentChannels(redis: Redis, now: () => Date): RecentChannels {
  const keyOf = (user: string) => `${prefix}:recent:${user}`;
  return {
    async note(user, channel) {
      const key = keyOf(user);
      await redis.zadd(key, now().getTime(), channel);
      await redis.zremrangebyrank(key, 0, -most - 1);
      await redis.expire(key, kept);
    },
    list: (user) => redis.zrevrange(keyOf(user), 0, -1),
  };
}
