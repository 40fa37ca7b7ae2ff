import { Redis } from 'ioredis';

export interface RedisSettings {
  readonly url: string;
  readonly name: string;
  /** Told of each lost connection; the client goes on trying by itself. */
  readonly onError: (error: Error) => void;
}

/**
 * For whoever has a person waiting: a command fails at once while there is no connection, and after a second when
 * Redis is silent.
 */
export function impatientRedis({ url, name, onError }: RedisSettings): Redis {
  return connect(
    new Redis(url, {
      connectionName: name,
      maxRetriesPerRequest: 1,
      enableOfflineQueue: false,
      commandTimeout: 1_000,
      connectTimeout: 2_000,
      retryStrategy: (times) => Math.min(100 * 2 ** times, 2_000),
    }),
    onError,
  );
}

/** For workers: commands wait until Redis is back. */
export function patientRedis({ url, name, onError }: RedisSettings): Redis {
  return connect(
    new Redis(url, {
      connectionName: name,
      maxRetriesPerRequest: null,
      connectTimeout: 5_000,
      retryStrategy: (times) => Math.min(100 * 2 ** times, 2_000),
    }),
    onError,
  );
}

/** Resolves when the connection stands, or rejects after `timeoutMs`. */
export async function redisReady(redis: Redis, timeoutMs: number): Promise<void> {
  if (redis.status === 'ready') return;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error(`Redis did not answer within ${timeoutMs} ms`)), timeoutMs);
  redis.once('ready', resolve);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    redis.off('ready', resolve);
  }
}

function connect(redis: Redis, onError: (error: Error) => void): Redis {
  redis.on('error', onError);
  return redis;
}
