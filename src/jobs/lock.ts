import { randomUUID } from 'node:crypto';
import { prefix } from './open-queues.ts';

/** What a lock needs of a Redis client. */
export interface LockRedis {
  set(key: string, value: string, unit: 'PX', milliseconds: number, condition: 'NX'): Promise<unknown>;
  eval(script: string, keys: number, ...args: string[]): Promise<unknown>;
}

/** Runs the work, or gives `locked` at once where somebody else runs under the same name. */
export type WithLock = <T>(name: string, work: () => Promise<T>) => Promise<T | 'locked'>;

const release = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`;
const renew = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end return 0`;

/** Locks that outlive whoever holds them by `ttlMs` at most. They save work; what must not be lost goes by version. */
export function locks(redis: LockRedis, ttlMs: number): WithLock {
  return async (name, work) => {
    const [key, token] = [`${prefix}:lock:${name}`, randomUUID()];
    if ((await redis.set(key, token, 'PX', ttlMs, 'NX')) === null) return 'locked';
    const renewing = setInterval(() => {
      redis.eval(renew, 1, key, token, String(ttlMs)).catch(() => {});
    }, ttlMs / 3);
    try {
      return await work();
    } finally {
      clearInterval(renewing);
      await redis.eval(release, 1, key, token);
    }
  };
}
