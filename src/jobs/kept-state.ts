import type { z } from 'zod';
import { prefix } from './open-queues.ts';

/** What keeping a state needs of a Redis client. */
export interface StateRedis {
  get(key: string): Promise<string | null>;
  set(key: string, value: string, unit: 'EX', seconds: number): Promise<unknown>;
}

export interface KeptState<T> {
  /** Nothing where none was ever saved, or one of another version. */
  load(redis: StateRedis, cluster: string): Promise<T | undefined>;
  save(redis: StateRedis, cluster: string, state: T): Promise<void>;
}

const keptSeconds = 30 * 24 * 3600;

/** What the processes of a kind say of themselves: the last word of each cluster. `name`: such as `worker-state`. */
export function keptState<T>(name: string, schema: z.ZodType<T>): KeptState<T> {
  const keyOf = (cluster: string): string => `${prefix}:${name}:${cluster}`;
  return {
    async load(redis, cluster) {
      const said = await redis.get(keyOf(cluster));
      return said === null ? undefined : schema.safeParse(JSON.parse(said)).data;
    },
    async save(redis, cluster, state) {
      await redis.set(keyOf(cluster), JSON.stringify(schema.parse(state)), 'EX', keptSeconds);
    },
  };
}
