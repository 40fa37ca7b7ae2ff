import { z } from 'zod';
import { prefix, type Redis } from './queue.ts';

const askSchema = z.object({ command: z.string().max(4_000), team: z.string(), channel: z.string() }).readonly();

/** A command that a button stands for. The button carries only the id. */
export type Ask = z.infer<typeof askSchema>;

export interface Asks {
  save(id: string, ask: Ask): Promise<void>;
  /** Nothing where the id is unknown or too old. */
  load(id: string): Promise<Ask | undefined>;
}

const kept = 7 * 24 * 3600;

export function asks(redis: Redis): Asks {
  return {
    async save(id, ask) {
      await redis.set(keyOf(id), JSON.stringify(ask), 'EX', kept);
    },
    async load(id) {
      const text = await redis.get(keyOf(id));
      return text === null ? undefined : askSchema.parse(JSON.parse(text));
    },
  };
}

/** By this id the command is found again that a message answers: in its thread it can be asked again. */
export function rootId(channel: string, ts: string): string {
  return `root:${channel}:${ts}`;
}

function keyOf(id: string): string {
  return `${prefix}:ask:${id}`;
}
