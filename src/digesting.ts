import type { Redis } from 'ioredis';
import type { HandlerDeps } from './handlers/deps.ts';
import { auditLog } from './jobs/audit/audit.ts';
import { histories } from './jobs/digests/history.ts';
import { digestPosts } from './jobs/digests/posts.ts';
import { digestQueues } from './jobs/digests/queue.ts';
import { nextRuns } from './jobs/digests/schedule-preview.ts';
import { schedules } from './jobs/digests/schedules.ts';
import { mutes } from './jobs/mutes.ts';
import type { Log } from './model/log.ts';

export interface Digesting {
  readonly deps: Pick<HandlerDeps, 'digests' | 'mutes' | 'audit'>;
  close(): Promise<void>;
}

/** The bot's part of digests and mutes. */
export function openDigesting(redis: Redis, { log }: { readonly log: Log }): Digesting {
  const now = () => new Date();
  const queues = digestQueues(redis);
  const posts = digestPosts(redis);
  return {
    deps: {
      digests: {
        schedules: schedules(redis, { queues, now, log }),
        histories: histories(redis),
        lastMessage: async (schedule) => (await posts.load(schedule)).message?.ts,
        nextRuns,
      },
      mutes: mutes(redis, now),
      audit: auditLog(redis, { log }),
    },
    close: () => queues.close(),
  };
}
