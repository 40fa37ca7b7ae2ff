import { z } from 'zod';
import { prefix } from '../open-queues.ts';

/** A time without a sign of life of any worker of a cluster: it did not run, or had no Redis. RFC 3339. */
export interface Absence {
  readonly from: string;
  readonly to: string;
}

export interface Absences {
  /** A sign of life. After a long silence the silence is kept as well. */
  beat(): Promise<void>;
  /** The last ones, oldest first. */
  list(): Promise<readonly Absence[]>;
}

interface Redis {
  get(key: string): Promise<string | null>;
  set(key: string, value: string, unit: 'EX', seconds: number): Promise<unknown>;
}

const silenceMs = 3 * 60_000;
const kept = 90 * 24 * 3600;
const most = 20;
const listSchema = z.array(z.object({ from: z.iso.datetime(), to: z.iso.datetime() }).readonly());

export function absences(redis: Redis, cluster: string, now: () => Date): Absences {
  const seenKey = `${prefix}:digests-seen:${cluster}`;
  const awayKey = `${prefix}:digests-away:${cluster}`;
  const list = async () => listSchema.parse(JSON.parse((await redis.get(awayKey)) ?? '[]'));
  return {
    list,
    async beat() {
      const to = now().toISOString();
      const from = await redis.get(seenKey);
      if (from !== null && Date.parse(to) - Date.parse(from) > silenceMs) {
        const all = [...(await list()), { from, to }];
        await redis.set(awayKey, JSON.stringify(all.slice(-most)), 'EX', kept);
      }
      await redis.set(seenKey, to, 'EX', kept);
    },
  };
}
