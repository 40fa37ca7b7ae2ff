import { LRUCache } from 'lru-cache';

/** Keeps posts to one conversation within what Slack allows: a few at once, then one a second. */
export interface Pace {
  /** How long to wait before the next post. Where it is 0, the post counts. */
  take(key: string): number;
  /** Nothing more until then: Slack said so. */
  block(key: string, forMs: number): void;
}

interface Bucket {
  readonly tokens: number;
  readonly at: number;
  readonly blockedUntil: number;
}

const burst = 4;
const perMs = 1 / 1_000;

export function pace(now: () => number): Pace {
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
