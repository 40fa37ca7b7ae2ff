import type { Actor } from '../../model/command.ts';
import { sentence } from '../../model/transition.ts';
import type { Commit, StoreRedis } from '../audit/commit.ts';
import { StoreDown } from '../audit/commit.ts';
import { prefix } from '../open-queues.ts';

/** All writes are stopped, by whom, and why. */
export interface Frozen {
  readonly by: Actor;
  /** RFC 3339. */
  readonly at: string;
  readonly because?: string;
}

/** Stops all writes of all clusters. Each change is one write with its record. */
export interface Freeze {
  /** Nothing: writes go on. */
  get(): Promise<Frozen | undefined>;
  /** Where it is frozen already, the new person and reason count. */
  set(by: Actor, at: string, because?: string): Promise<Frozen>;
  /** Gives false where it was not frozen. */
  clear(by: Actor, at: string): Promise<boolean>;
}

const key = `${prefix}:freeze`;
const races = 50;

export function freezeSwitch(redis: StoreRedis, commit: Commit): Freeze {
  async function read(): Promise<{ readonly version: number; readonly frozen: Frozen | undefined }> {
    const { version = '0', value = '' } = await redis.hgetall(key);
    return { version: Number(version), frozen: value === '' ? undefined : (JSON.parse(value) as Frozen) };
  }

  return {
    get: async () => (await read()).frozen,
    async set(by, at, because) {
      const frozen: Frozen = { by, at, ...(because !== undefined && { because }) };
      const says = because === undefined ? 'All changes are stopped.' : sentence(`All changes are stopped: ${because}`);
      for (let race = 0; race < races; race += 1) {
        const { version } = await read();
        const { status } = await commit(
          { kind: 'frozen', at, says, by },
          { key, version, value: JSON.stringify(frozen) },
        );
        if (status === 'kept') return frozen;
      }
      throw unsettled();
    },
    async clear(by, at) {
      const says = 'Changes may go on.';
      for (let race = 0; race < races; race += 1) {
        const { version, frozen } = await read();
        if (frozen === undefined) return false;
        const { status } = await commit({ kind: 'unfrozen', at, says, by }, { key, version, value: '' });
        if (status === 'kept') return true;
      }
      throw unsettled();
    },
  };
}

function unsettled(): StoreDown {
  return new StoreDown('The freeze changes faster than it can be set. Try again.');
}
