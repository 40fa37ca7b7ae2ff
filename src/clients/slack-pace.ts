import { LRUCache } from 'lru-cache';

/** So many at once, then so many a minute, for each key. */
export interface Pace {
  /** How long to wait before the next one, in milliseconds. Where it is 0, this one counts. */
  take(key: string): number;
  /** Nothing more until then: Slack said so. */
  block(key: string, forMs: number): void;
}

interface Bucket {
  readonly tokens: number;
  readonly at: number;
  readonly blockedUntil: number;
}

/** What Slack takes of posts to one conversation. */
const posts = { burst: 4, perMinute: 60 };

export function pace(now: () => number, { burst, perMinute } = posts): Pace {
  const perMs = perMinute / 60_000;
  const buckets = new LRUCache<string, Bucket>({ max: 10_000 });

  function current(key: string): Bucket {
    const { tokens, at, blockedUntil } = buckets.get(key) ?? { tokens: burst, at: now(), blockedUntil: 0 };
    return { tokens: Math.min(burst, tokens + (now() - at) * perMs), at: now(), blockedUntil };
  }

  return {
    take(key) {
      const bucket = current(key);
      const blocked = Math.max(0, bucket.blockedUntil - bucket.at);
      const empty = bucket.tokens >= 1 ? 0 : (1 - bucket.tokens) / perMs;
      const wait = Math.ceil(Math.max(blocked, empty));
      buckets.set(key, wait === 0 ? { ...bucket, tokens: bucket.tokens - 1 } : bucket);
      return wait;
    },
    block(key, forMs) {
      buckets.set(key, { ...current(key), blockedUntil: now() + forMs });
    },
  };
}
