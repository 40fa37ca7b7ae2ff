import { type ConnectionOptions, Queue } from 'bullmq';
import { repeatStrategy } from './digests/schedule-preview.ts';

/** Every key of ours and of BullMQ starts with this. */
export const prefix = 'meshbot';

/**
 * Queues by name, each opened when first used, and only while the connection stands: one that BullMQ could not set up
 * would stay broken for good.
 */
export interface OpenQueues {
  get(name: string): Promise<Queue>;
  close(): Promise<void>;
}

export function openQueues(redis: ConnectionOptions & { readonly status: string }): OpenQueues {
  const opened = new Map<string, Promise<Queue>>();
  return {
    async get(name) {
      const known = opened.get(name);
      if (known !== undefined) return known;
      if (redis.status !== 'ready') throw new Error('There is no connection to Redis');
      const opening = openQueue(redis, name);
      opened.set(name, opening);
      opening.catch(() => opened.delete(name));
      return opening;
    },
    async close() {
      const queues = await Promise.allSettled(opened.values());
      await Promise.all(queues.map((queue) => (queue.status === 'fulfilled' ? queue.value.close() : undefined)));
    },
  };
}

async function openQueue(connection: ConnectionOptions, name: string): Promise<Queue> {
  const queue = new Queue(name, { connection, prefix, skipWaitingForReady: true, settings: { repeatStrategy } });
  // What goes wrong reaches the caller; without a listener it would end the process.
  queue.on('error', () => {});
  await queue.waitUntilReady();
  return queue;
}
