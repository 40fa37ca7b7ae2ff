import { z } from 'zod';
import { isInForce, type Mute } from '../model/mute.ts';
import { UsageError } from '../model/sources.ts';
import { actorSchema, prefix } from './queue.ts';

const muteSchema = z
  .object({
    id: z.string().min(1).max(100),
    code: z.string().min(1).max(63),
    cluster: z.string().min(1).max(63),
    namespace: z.string().min(1).max(63),
    workload: z.string().min(1).max(253).exactOptional(),
    until: z.iso.datetime(),
    because: z.string().min(1).max(500),
    by: actorSchema,
    at: z.iso.datetime(),
  })
  .readonly();

export interface Mutes {
  /** @throws UsageError where there are too many already. */
  add(mute: Mute): Promise<void>;
  /** Those in force first, each group by its end. Ended ones stay for two weeks, so that each digest can tell of them. */
  list(): Promise<readonly Mute[]>;
  /** The mute that was taken back; nothing where there is none of that id. */
  remove(id: string): Promise<Mute | undefined>;
  /** Those that ended and whose owners were not told of it. */
  untold(): Promise<readonly Mute[]>;
  /** Settled for good: they were told, or cannot be. */
  markTold(id: string): Promise<void>;
}

interface Redis {
  hget(key: string, field: string): Promise<string | null>;
  hvals(key: string): Promise<readonly string[]>;
  hlen(key: string): Promise<number>;
  hset(key: string, fields: Record<string, string>): Promise<unknown>;
  hkeys(key: string): Promise<readonly string[]>;
  hdel(key: string, ...fields: string[]): Promise<number>;
}

const most = 1_000;
const keptMs = 14 * 24 * 3_600_000;
const mutesKey = `${prefix}:mutes`;
const toldKey = `${prefix}:mutes-ended`;

export function mutes(redis: Redis, now: () => Date): Mutes {
  /** Clears away what ended long ago. */
  const load = async (): Promise<readonly Mute[]> => {
    const all = (await redis.hvals(mutesKey)).map((text) => muteSchema.parse(JSON.parse(text)));
    const isOld = ({ until }: Mute) => Date.parse(until) + keptMs < now().getTime();
    const old = all.filter(isOld).map(({ id }) => id);
    if (old.length > 0) {
      await redis.hdel(mutesKey, ...old);
      await redis.hdel(toldKey, ...old);
    }
    return all.filter((mute) => !isOld(mute));
  };
  const isOver = (mute: Mute) => Number(!isInForce(mute, now().toISOString()));
  return {
    async add(mute) {
      await load();
      if ((await redis.hlen(mutesKey)) >= most) {
        throw new UsageError(`There are ${most} mutes already. Take some back first: /mesh mutes lists them.`);
      }
      await redis.hset(mutesKey, { [mute.id]: JSON.stringify(muteSchema.parse(mute)) });
    },
    async list() {
      return (await load()).toSorted((a, b) => isOver(a) - isOver(b) || a.until.localeCompare(b.until));
    },
    async remove(id) {
      const text = await redis.hget(mutesKey, id);
      if (text === null || (await redis.hdel(mutesKey, id)) === 0) return undefined;
      return muteSchema.parse(JSON.parse(text));
    },
    async untold() {
      const told = new Set(await redis.hkeys(toldKey));
      return (await load()).filter(({ id, until }) => Date.parse(until) <= now().getTime() && !told.has(id));
    },
    async markTold(id) {
      await redis.hset(toldKey, { [id]: now().toISOString() });
    },
  };
}
