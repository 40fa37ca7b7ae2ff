import type { Redis } from 'ioredis';
import { PolicyError } from './clients/files/policy.ts';
import type { RightsAsker } from './fixer-rights.ts';
import { fixRights } from './fixer-rights.ts';
import { saveFixerState } from './jobs/fixer-state.ts';
import { names } from './jobs/names.ts';
import { every } from './jobs/pulse.ts';
import { asked } from './jobs/status.ts';
import type { Logger } from './log.ts';
import type { Asked } from './model/bot-status.ts';
import type { Fix } from './model/fix.ts';
import type { FixerState } from './model/fixer-state.ts';
import type { Policy } from './model/policy.ts';
import { UsageError } from './model/sources.ts';
import type { ClusterWriter } from './model/writer.ts';
import { release } from './release.ts';
import { whyOf } from './worker-state.ts';

export interface FixerStateSettings {
  readonly redis: Redis;
  readonly cluster: string;
  readonly fixes: readonly Fix[];
  /** The policy as it is now. Throws where it cannot be followed. */
  readonly policy: () => Policy;
  readonly writer: Pick<ClusterWriter, 'frozen'>;
  /** Whether a ConfigMap is looked at that stops all changes. */
  readonly looksAtFreeze: boolean;
  /** Absent: there is nobody to ask, as with files. */
  readonly asker: RightsAsker | undefined;
  readonly log: Logger;
}

const everyMs = 60_000;
const rightsFreshMs = 10 * 60_000;

/** Says every minute how this fixer is, for `/mesh status`. Gives what stops it. */
export function tellFixerState(settings: FixerStateSettings): () => void {
  const { redis, cluster, writer, looksAtFreeze, log } = settings;
  const startedAt = new Date().toISOString();
  const rights = rightsKept(settings);
  const say = async (): Promise<void> => {
    const policy = await asked(async () => settings.policy(), whyNoPolicy);
    const freeze = looksAtFreeze ? { freeze: await freezeOf(writer) } : {};
    const held = await rights(policy);
    const hash = policy.status === 'known' ? ({ status: 'known', value: policy.value.hash } as const) : policy;
    const at = new Date().toISOString();
    const state = { version: 1, release: release(), startedAt, at, policy: hash, ...freeze, ...held } as const;
    await saveFixerState(redis, cluster, state);
  };
  return every(everyMs, say, log, 'The state of the fixer is not told');
}

function freezeOf(writer: FixerStateSettings['writer']): Promise<NonNullable<FixerState['freeze']>> {
  return asked(async () => {
    const because = await writer.frozen();
    return because === undefined ? {} : { because: because.slice(0, 900) };
  }, whyOf);
}

/** Asked anew where the policy is another, or after ten minutes: it takes many requests. */
function rightsKept({ redis, cluster, fixes, asker }: FixerStateSettings) {
  const known = names(redis);
  let last: { readonly policy: string; readonly at: number; readonly rights: NonNullable<FixerState['rights']> };
  return async (policy: Asked<Policy>): Promise<Pick<FixerState, 'rights'>> => {
    if (asker === undefined || policy.status === 'unknown') return {};
    const { hash } = policy.value;
    if (last?.policy !== hash || last.rights.status === 'unknown' || Date.now() - last.at > rightsFreshMs) {
      const namespaces = await known.namespaces(cluster);
      const question = { cluster, fixes, policy: policy.value, namespaces };
      last = { policy: hash, at: Date.now(), rights: await asked(() => fixRights(asker, question), whyOf) };
    }
    return { rights: last.rights };
  };
}

function whyNoPolicy(error: unknown): string {
  if (error instanceof PolicyError || error instanceof UsageError) return error.message.slice(0, 900);
  throw error;
}
