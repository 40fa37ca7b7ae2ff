import { z } from 'zod';
import { prefix } from '../open-queues.ts';

const postSchema = z
  .object({
    /** The last tick that is settled: its digest is out, was not worth a message, or was given up. RFC 3339. */
    done: z.iso.datetime().exactOptional(),
    /** The message that stands for a day, by the clock of the schedule. */
    message: z
      .object({
        day: z.string(),
        ts: z.string(),
        /** What it told as news, for when it is edited. */
        news: z.array(z.string()).readonly().exactOptional(),
      })
      .readonly()
      .exactOptional(),
    /** The day when it was last looked whether the channel is still there, without anything to post. */
    looked: z.string().exactOptional(),
    /** What was given up since the last digest: the next one tells. */
    lost: z.array(z.object({ due: z.iso.datetime(), why: z.string() }).readonly()).readonly(),
  })
  .readonly();

/** What is known of where a schedule posted. */
export type Posted = z.infer<typeof postSchema>;

export interface DigestPosts {
  load(schedule: string): Promise<Posted>;
  /** By schedule; those that never posted are not in it. */
  all(): Promise<ReadonlyMap<string, Posted>>;
  save(schedule: string, posted: Posted): Promise<void>;
  remove(schedule: string): Promise<void>;
}

interface Redis {
  hget(key: string, field: string): Promise<string | null>;
  hgetall(key: string): Promise<Record<string, string>>;
  hset(key: string, fields: Record<string, string>): Promise<unknown>;
  hdel(key: string, ...fields: string[]): Promise<unknown>;
}

export const neverPosted: Posted = { lost: [] };
const key = `${prefix}:digest-posts`;

export function digestPosts(redis: Redis): DigestPosts {
  const parse = (text: string): Posted => postSchema.parse(JSON.parse(text));
  return {
    async load(schedule) {
      const text = await redis.hget(key, schedule);
      return text === null ? neverPosted : parse(text);
    },
    async all() {
      return new Map(Object.entries(await redis.hgetall(key)).map(([id, text]) => [id, parse(text)]));
    },
    async save(schedule, posted) {
      await redis.hset(key, { [schedule]: JSON.stringify(posted) });
    },
    async remove(schedule) {
      await redis.hdel(key, schedule);
    },
  };
}
