import { clear, drift, expire, lapse, refuse, undone, verify, works } from '../../model/life.ts';
import type { Remediation, RemediationState } from '../../model/remediation.ts';
import type { Settled } from '../settle.ts';
import { askToTry } from './ask-to-try.ts';
import { show } from './card.ts';
import { type FixDeps, type Looked, move } from './deps.ts';
import { offerAnew } from './offer.ts';
import { recheck } from './recheck.ts';
import { verification, watchUntil } from './verify.ts';

const lockedMs = 500;
const verifyEveryMs = 5_000;
/** A living fixer takes a plan at once. */
const fixerLateMs = 60_000;

/** Does with one plan whatever its state calls for, and shows it. Whoever dies in here, the next one goes on. */
export async function runAdvance(id: string, deps: FixDeps): Promise<Settled> {
  const outcome = await deps.withLock(`plan-${id}`, () => advance(id, deps));
  return outcome === 'locked' ? { status: 'later', delayMs: lockedMs } : { status: 'done' };
}

async function advance(id: string, deps: FixDeps): Promise<void> {
  const found = await deps.remediations.load(id);
  if (found === undefined) return deps.log.warn({ plan: id }, 'There is no such plan');
  if (found.plan.target.cluster !== deps.cluster) {
    return deps.log.error({ plan: id, target: found.plan.target }, 'A plan of another cluster came to this worker');
  }
  const looked = await look(found, deps);
  const { undoOf } = found.plan;
  // What takes a plan back is shown with it, and ends it.
  if (undoOf !== undefined) await deps.queues.wake(deps.cluster, undoOf);
  const retryMs = undoOf === undefined ? await show(looked, deps) : undefined;
  const againMs = looked.againMs ?? retryMs;
  if (againMs !== undefined) await deps.queues.wakeLater(deps.cluster, id, againMs);
}

/** Takes the steps that are due, until nothing more happens by itself. */
async function look(found: Remediation, deps: FixDeps): Promise<Looked> {
  const looked = await steps[found.state](found as never, deps);
  return looked.remediation.state === found.state ? looked : look(looked.remediation, deps);
}

type In<S extends RemediationState> = Extract<Remediation, { readonly state: S }>;
type Step<S extends RemediationState> = (r: In<S>, deps: FixDeps) => Promise<Looked>;

const rest = async (remediation: Remediation): Promise<Looked> => ({ remediation });

const steps: { readonly [S in RemediationState]: Step<S> } = {
  proposed: async (r, deps) => (await expired(r, deps)) ?? askToTry(r, deps),
  approved: async (r, deps) => (await expired(r, deps)) ?? settleApproved(r, deps),
  cleared: async (r, deps) => (await expired(r, deps)) ?? handOver(r, deps),
  applying: waitForEnd,
  applied: settleApplied,
  verified: settleUndone,
  unverified: settleUndone,
  undone: rest,
  closed: replaceDrifted,
};

async function expired(r: Remediation, deps: FixDeps): Promise<Looked | undefined> {
  if (deps.now().getTime() < Date.parse(r.plan.expiresAt)) return undefined;
  const remediation = await move(r, deps, (current, at) =>
    current.state === r.state ? expire(current, at) : undefined,
  );
  return { remediation };
}

async function settleApproved(r: In<'approved'>, deps: FixDeps): Promise<Looked> {
  const found = await recheck(r, deps);
  if (found.outcome === 'wait') return { remediation: r, note: found.why };
  const remediation = await move(r, deps, (current, at) => {
    if (current.state !== 'approved') return undefined;
    if (found.outcome === 'clear') return clear(current, at);
    return found.outcome === 'refuse'
      ? refuse(current, found.why, at)
      : drift(current, found.why, at, found.replacedBy);
  });
  return { remediation };
}

async function handOver(r: In<'cleared'>, deps: FixDeps): Promise<Looked> {
  await deps.queues.apply(deps.cluster, r.plan.id, r.version);
  const isLate = deps.now().getTime() - Date.parse(r.clearedAt) > fixerLateMs;
  if (!isLate || (await deps.fixerAlive())) return { remediation: r };
  const note = `Nobody is there to apply it: the fixer of ${deps.cluster} gives no sign of life. Ask an admin to start it.`;
  return { remediation: r, note };
}

/** Only the fixer can end what it began. */
async function waitForEnd(r: In<'applying'>, deps: FixDeps): Promise<Looked> {
  const isLate = deps.now().getTime() - Date.parse(r.startedAt) > fixerLateMs;
  if (!isLate || (await deps.fixerAlive())) return { remediation: r };
  const note = `It may or may not be written: the fixer of ${deps.cluster} gives no sign of life. Look at the object, and ask an admin to start the fixer: it settles this first, and no other fix goes on before.`;
  return { remediation: r, note };
}

async function settleApplied(r: In<'applied'>, deps: FixDeps): Promise<Looked> {
  const { state, says } = await verification(r, deps);
  if (state === 'works' || state === 'waiting') {
    const remediation = await noteWorking(r, { isWorking: state === 'works', says }, deps);
    return { remediation, note: says, againMs: verifyEveryMs };
  }
  const became = { state: state === 'done' ? 'verified' : 'unverified', says } as const;
  const remediation = await move(r, deps, (current, at) =>
    current.state === 'applied' ? verify(current, became, at) : undefined,
  );
  return { remediation };
}

/** Keeps since when it works, or that it was not seen to just now. */
async function noteWorking(
  r: In<'applied'>,
  { isWorking, says }: { readonly isWorking: boolean; readonly says: string },
  deps: FixDeps,
): Promise<Remediation> {
  if (isWorking === (r.worksSince !== undefined)) return r;
  return move(r, deps, (current, at) => {
    if (current.state !== 'applied' || current.worksSince !== r.worksSince) return undefined;
    return isWorking ? works(current, says, watchUntil(r, deps), at) : lapse(current, says, at);
  });
}

/** The fixer closes what no longer fits, but cannot plan. */
async function replaceDrifted(r: In<'closed'>, deps: FixDeps): Promise<Looked> {
  if (r.why !== 'drifted' || r.replacedBy !== undefined || r.plan.undoOf !== undefined) return { remediation: r };
  const known = (await deps.records.open(r.plan.id)).parts.get('offered');
  const replacedBy = known ?? (await offerAnew(r.plan, deps)) ?? '';
  if (known === undefined) await deps.records.setPart(r.plan.id, 'offered', replacedBy);
  return { remediation: replacedBy === '' ? r : { ...r, replacedBy } };
}

/** It is undone once the plan that takes it back is. */
async function settleUndone(r: In<'verified' | 'unverified'>, deps: FixDeps): Promise<Looked> {
  const undo = r.undoneBy === undefined ? undefined : await deps.remediations.load(r.undoneBy);
  if (undo?.state !== 'verified') return { remediation: r };
  const by = undo.approvals[0]?.by ?? undo.plan.requestedBy;
  const remediation = await move(r, deps, (current, at) =>
    (current.state === 'verified' || current.state === 'unverified') && current.undoneBy === undo.plan.id
      ? undone(current, by, at)
      : undefined,
  );
  return { remediation };
}
