import { z } from 'zod';
import type { Transition } from '../../model/life.ts';
import { holdsCluster, isSettled, type Remediation } from '../../model/remediation.ts';
import type { Trial } from '../../model/trial.ts';
import { type Commit, commits, type StoreDeps, StoreDown, type StoreRedis, type Subject } from '../audit/commit.ts';
import { openScript, pinScript } from '../audit/commit-script.ts';
import { prefix } from '../open-queues.ts';
import { type Freeze, freezeSwitch } from './freeze.ts';

export { StoreDown, type StoreRedis } from '../audit/commit.ts';
export type { Freeze, Frozen } from './freeze.ts';

/** What became of a step. */
export type Changed =
  /** `unchanged`: the step had nothing to do. */
  | { readonly status: 'changed' | 'unchanged'; readonly remediation: Remediation }
  /** Another plan holds the cluster: its id. Nothing was written. */
  | { readonly status: 'busy'; readonly by: string }
  /** There is no such plan, or not any more. */
  | { readonly status: 'unknown' };

export interface Remediations {
  /** Gives false where the id exists already: nothing was written. */
  create(transition: Transition): Promise<boolean>;
  load(id: string): Promise<Remediation | undefined>;
  /**
   * Applies the step to the newest, again after a lost race. `changed` is told to exactly one caller for each version.
   * What the step throws reaches the caller, and nothing is written.
   */
  change(id: string, step: (current: Remediation) => Transition | undefined): Promise<Changed>;
  /** What is no step: neither a version nor a record. */
  pin(id: string, fields: Pick<Partial<Remediation>, 'card' | 'reminded' | 'tried'>): Promise<void>;
  /** Ids of those that are not settled, and of those that settled within the last hour. */
  open(cluster: string): Promise<readonly string[]>;
  /** The id of the plan that is being applied to this cluster, and verified: no other may begin. */
  holder(cluster: string): Promise<string | undefined>;
  readonly freeze: Freeze;
}

/** What stands in the store is not of this version of meshbot, or was written by something else. */
export class UnreadableRemediation extends Error {
  override readonly name = 'UnreadableRemediation';
}

const keptSeconds = 90 * 24 * 3600;
const inSightSeconds = 3600;
const races = 50;

/** The lives of plans. A step, its record and the lock of the cluster are one write. */
export function remediations(redis: StoreRedis, deps: StoreDeps = {}): Remediations {
  const commit = commits(redis, deps);
  const load = async (id: string) => parse(id, await redis.hgetall(keyOf(id)));
  return {
    async create({ next, entry }) {
      return (await commit(entry, subjectOf(next))).status === 'kept';
    },
    load,
    change: (id, step) => change(commit, () => load(id), step),
    async pin(id, { card, reminded, tried }) {
      const fields = [
        ...(card === undefined ? [] : ['card', JSON.stringify(card)]),
        ...(reminded === undefined ? [] : ['reminded', 'true']),
        ...(tried === undefined ? [] : ['tried', JSON.stringify(tried)]),
      ];
      if (fields.length > 0) await redis.eval(pinScript, 1, keyOf(id), ...fields);
    },
    open: async (cluster) => (await redis.eval(openScript, 1, openKeyOf(cluster), String(inSightSeconds))) as string[],
    holder: async (cluster) => (await redis.get(lockKeyOf(cluster))) ?? undefined,
    freeze: freezeSwitch(redis, commit),
  };
}

async function change(
  commit: Commit,
  load: () => Promise<Remediation | undefined>,
  step: (current: Remediation) => Transition | undefined,
): Promise<Changed> {
  for (let race = 0; race < races; race += 1) {
    const current = await load();
    if (current === undefined) return { status: 'unknown' };
    const transition = step(current);
    if (transition === undefined) return { status: 'unchanged', remediation: current };
    const committed = await commit(transition.entry, subjectOf(transition.next));
    if (committed.status === 'kept') return { status: 'changed', remediation: transition.next };
    if (committed.status === 'busy') return committed;
  }
  throw new StoreDown('The plan changes faster than a step can be taken. Try again.');
}

function subjectOf({ card: _card, reminded: _reminded, tried: _tried, ...life }: Remediation): Subject {
  const { id, target } = life.plan;
  const settled = isSettled(life);
  return {
    key: keyOf(id),
    version: life.version - 1,
    value: JSON.stringify({ format: 1, ...life }),
    ...(settled && { keptSeconds }),
    place: {
      plan: id,
      lock: lockKeyOf(target.cluster),
      open: openKeyOf(target.cluster),
      holds: holdsCluster(life),
      settled,
      // Whoever wants it taken back before it was verified must not wait for the plan that waited for it.
      ...('undoneBy' in life && life.undoneBy !== undefined && { heir: life.undoneBy }),
    },
  };
}

/** Looks at what is ours to decide by. The fixer trusts neither this nor the plan: it has signatures and recipes. */
const storedSchema = z.looseObject({
  format: z.literal(1),
  version: z.number().int().positive(),
  state: z.enum([
    'proposed',
    'approved',
    'cleared',
    'applying',
    'applied',
    'verified',
    'unverified',
    'undone',
    'closed',
  ]),
  plan: z.looseObject({ id: z.string(), digest: z.string(), expiresAt: z.string() }),
  approvals: z.array(z.looseObject({ digest: z.string(), at: z.string(), signature: z.string() })),
  steps: z.array(z.looseObject({ at: z.string(), says: z.string() })),
});

function parse(id: string, { version, value, card, reminded, tried }: Record<string, string>): Remediation | undefined {
  if (version === undefined) return undefined;
  try {
    const { format: _format, ...life } = storedSchema.parse(JSON.parse(value ?? ''));
    if (life.plan.id !== id || String(life.version) !== version) throw new Error('It is of another plan or version');
    return {
      ...(life as unknown as Remediation),
      ...(card !== undefined && { card: JSON.parse(card) as NonNullable<Remediation['card']> }),
      ...(reminded !== undefined && { reminded: true }),
      ...(tried !== undefined && { tried: JSON.parse(tried) as Trial }),
    };
  } catch (cause) {
    const next = 'Ask for the fix again; a newer meshbot may have written it.';
    throw new UnreadableRemediation(`Plan ${id} cannot be read. ${next}`, { cause });
  }
}

function keyOf(id: string): string {
  return `${prefix}:remediation:${id}`;
}

function lockKeyOf(cluster: string): string {
  return `${prefix}:cluster-held:${cluster}`;
}

function openKeyOf(cluster: string): string {
  return `${prefix}:remediations-open:${cluster}`;
}
