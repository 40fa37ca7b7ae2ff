import { z } from 'zod';
import { type DigestState, emptyState } from '../../digests/state.ts';
import type { Digest } from '../../model/digest.ts';
import { prefix } from '../queue.ts';

/** Which run made a digest. */
export interface MadeBy {
  /** RFC 3339: when it was due. */
  readonly tick: string;
  readonly reason: 'tick' | 'run' | 'missed';
}

/** What comes of one run. */
export interface Made {
  readonly state: DigestState;
  readonly digest: Digest;
  readonly run: MadeBy;
}

/** What is kept of one schedule: what it knows, and the run made last, for whoever has to post it after a restart. */
export interface History {
  /** 0: nothing is kept yet. */
  readonly version: number;
  readonly state: DigestState;
  readonly last?: Pick<Made, 'digest' | 'run'>;
}

export interface Histories {
  load(schedule: string): Promise<History>;
  /** False where somebody else saved after `version` was loaded: nothing is changed then. */
  save(schedule: string, version: number, made: Made): Promise<boolean>;
  remove(schedule: string): Promise<void>;
}

interface Redis {
  hgetall(key: string): Promise<Record<string, string>>;
  del(key: string): Promise<unknown>;
  eval(script: string, keys: number, ...args: string[]): Promise<unknown>;
}

const keptSeconds = 90 * 24 * 3600;
/** The state is bounded by how many findings it follows; this is a safeguard for Redis. */
const mostCharacters = 8_000_000;

const saveScript = `
if (redis.call('HGET', KEYS[1], 'version') or '0') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1] + 1, 'state', ARGV[2], 'digest', ARGV[3], 'run', ARGV[4])
redis.call('EXPIRE', KEYS[1], ARGV[5])
return 1`;

const versioned = z.looseObject({ version: z.literal(1) });

export function histories(redis: Redis): Histories {
  return {
    async load(schedule) {
      const { version = '0', state, digest, run } = await redis.hgetall(keyOf(schedule));
      return {
        version: Number(version),
        state: state === undefined ? emptyState : parse<DigestState>(state),
        ...(digest !== undefined &&
          run !== undefined && { last: { digest: parse<Digest>(digest), run: JSON.parse(run) as MadeBy } }),
      };
    },
    async save(schedule, version, { state, digest, run }) {
      const texts = [JSON.stringify(state), JSON.stringify(digest), JSON.stringify(run)];
      const size = texts.reduce((sum, text) => sum + text.length, 0);
      if (size > mostCharacters) throw new Error(`The history of schedule ${schedule} has ${size} characters`);
      return (await redis.eval(saveScript, 1, keyOf(schedule), String(version), ...texts, String(keptSeconds))) === 1;
    },
    async remove(schedule) {
      await redis.del(keyOf(schedule));
    },
  };
}

function keyOf(schedule: string): string {
  return `${prefix}:digest:${schedule}`;
}

/** Written by this program alone; another version of it may have another form. */
function parse<T extends { readonly version: 1 }>(text: string): T {
  return versioned.parse(JSON.parse(text)) as unknown as T;
}
