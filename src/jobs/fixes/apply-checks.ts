import { digestOf } from '../../fixes/plan.ts';
import { isEnough } from '../../model/approvals.ts';
import { canonical } from '../../model/canonical.ts';
import { describeChanged } from '../../model/fix.ts';
import { drift, expire, fail, outdate, refuse, type Transition } from '../../model/life.ts';
import type { Policy } from '../../model/policy.ts';
import { mayApply } from '../../model/policy-apply.ts';
import type { Plan, Remediation } from '../../model/remediation.ts';
import { SourceError, UsageError } from '../../model/sources.ts';
import type { ApplyDeps, Obstacle } from './apply-deps.ts';
import { hindranceTo, type NotWritten } from './hindrance.ts';

const again = 'Ask for the fix again.';
/** For how long what the worker saw counts. A living fixer takes a plan at once. */
const clearedForMs = 60_000;

/**
 * All that must hold before a write, in order, by what the fixer itself can see: it trusts neither the store nor the
 * worker. What time alone can end is looked at again last. Absent: nothing stands in the way.
 */
export async function obstacleTo(r: Remediation, deps: ApplyDeps): Promise<Obstacle | undefined> {
  try {
    const obstacle = (await whyFrozen(deps)) ?? unapproved(r, deps) ?? (await unfit(r, deps));
    return obstacle ?? unapproved(r, deps) ?? outdated(r, deps);
  } catch (error) {
    if (error instanceof SourceError) return unseen(error);
    if (error instanceof UsageError) return refusing(error.message);
    throw error;
  }
}

/** By `/mesh freeze`, or by the ConfigMap. */
export async function whyFrozen({ remediations, writer }: ApplyDeps): Promise<Obstacle | undefined> {
  const frozen = await remediations.freeze.get();
  if (frozen !== undefined) {
    const because = frozen.because === undefined ? '' : ` because ${frozen.because}`;
    return refusing(
      `all changes are stopped since ${frozen.at}${because}. ${again.replace('.', ', once they may go on.')}`,
    );
  }
  const because = await whyFrozenByMap(writer);
  return because === undefined ? undefined : refusing(because);
}

export async function whyFrozenByMap(writer: ApplyDeps['writer']): Promise<string | undefined> {
  const because = await writer.frozen();
  if (because === undefined) return undefined;
  return `a ConfigMap in the cluster stops all changes (${because}). Whoever set it can take it back.`;
}

/** What was approved is this plan, by enough people who may, under the policy as it is now. */
function unapproved(r: Remediation, { policy, signer, now }: ApplyDeps): Obstacle | undefined {
  const { plan } = r;
  const at = now().toISOString();
  if (Date.parse(at) >= Date.parse(plan.expiresAt)) return step((current, time) => expire(current, time));
  if (digestOf(plan) !== plan.digest) return refusing(`the plan is not what its digest says. ${again}`);
  const forged = r.approvals.filter((one) => !signer.isSigned(plan, one));
  if (forged.length > 0)
    return refusing(`${forged.length} of ${r.approvals.length} approvals are not signed by the bot. ${again}`);
  if (!isEnough(r)) return refusing(`not enough people approved it. ${again}`);
  const inForce = policy();
  const decision = mayApply(inForce, plan, r.approvals, at);
  if (!decision.allowed) return refusing(decision.why);
  const other = asSomebodyElse(r, inForce);
  return other === undefined ? undefined : refusing(other);
}

/** Why it would not be written as whoever the policy says that asked. */
export function asSomebodyElse({ plan, writeAs }: Remediation, { people }: Policy): string | undefined {
  const { user } = plan.requestedBy;
  if (canonical([people[user]]) === canonical([writeAs])) return undefined;
  return `the policy says something else by now about who is behind ${user}. ${again}`;
}

/** What the worker saw beside the object may be another by now. The clocks may differ: ours tells when we asked for it. */
export function outdated(r: Remediation, { now }: Pick<ApplyDeps, 'now'>): Obstacle | undefined {
  if (r.state !== 'cleared') return undefined;
  const { clearedAt, outdatedAt = clearedAt } = r;
  const from = Math.max(Date.parse(clearedAt), Date.parse(outdatedAt));
  return now().getTime() - from <= clearedForMs ? undefined : step((current, at) => outdate(current, at));
}

async function unfit(r: Remediation, deps: ApplyDeps): Promise<Obstacle | undefined> {
  const hindrance = await hindranceTo(r, deps);
  if (hindrance === undefined) return undefined;
  if (hindrance.kind === 'not-written') return obstacleOf(hindrance.outcome, r.plan, 'later');
  return hindrance.kind === 'drifted' ? drifting(hindrance.why) : refusing(hindrance.why);
}

/** What a failed write means. `maybe`: what to do where it may have been written all the same. */
export function obstacleOf(outcome: NotWritten, plan: Plan, onUnavailable: 'later' | 'fail'): Obstacle {
  switch (outcome.status) {
    case 'drifted':
      return drifting(`${describeChanged(plan.change)} is not as it was: ${outcome.detail}`);
    case 'forbidden':
      return refusing(`I may not write it: ${outcome.detail} Ask an admin to bind the Role of the fix.`);
    case 'rejected':
      return refusing(`${outcome.by} does not accept it: ${outcome.detail}`);
    case 'unavailable':
      if (onUnavailable === 'later') return { kind: 'later', why: outcome.detail };
      return step((r, at) => fail(r, outcome.detail, at));
  }
}

function unseen({ reason, message, next }: SourceError): Obstacle {
  if (reason === 'timeout' || reason === 'unreachable') return { kind: 'later', why: message };
  return refusing([message, next].filter((one) => one !== undefined).join(' '));
}

function refusing(detail: string): Obstacle {
  return step((r, at) => refuse(r, detail, at));
}

function drifting(detail: string): Obstacle {
  return step((r, at) => drift(r, detail, at));
}

function step(one: (r: Remediation, at: string) => Transition): Obstacle {
  return { kind: 'step', step: one };
}
