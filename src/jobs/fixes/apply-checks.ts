import { digestOf, isAsWritten, repeats } from '../../fixes/plan.ts';
import { isEnough } from '../../model/approvals.ts';
import { canonical } from '../../model/canonical.ts';
import { describeChanged } from '../../model/fix.ts';
import { drift, expire, fail, refuse, type Transition } from '../../model/life.ts';
import { mayApply } from '../../model/policy-apply.ts';
import type { KubernetesIdentity, Plan, Remediation } from '../../model/remediation.ts';
import { SourceError, UsageError } from '../../model/sources.ts';
import type { WriteOutcome } from '../../model/writer.ts';
import type { ApplyDeps, Obstacle } from './apply-deps.ts';

const again = 'Ask for the fix again.';

/**
 * All that must hold before a write, in order, by what the fixer itself can see: it trusts neither the store nor the
 * worker. Absent: nothing stands in the way.
 */
export async function obstacleTo(r: Remediation, deps: ApplyDeps): Promise<Obstacle | undefined> {
  try {
    return (await whyFrozen(deps)) ?? unapproved(r, deps) ?? (await unfit(r, deps));
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
  const because = await writer.frozen();
  return because === undefined
    ? undefined
    : refusing(`a ConfigMap in the cluster stops all changes (${because}). Whoever set it can take it back.`);
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
  const person = inForce.people[plan.requestedBy.user];
  return canonical([person]) === canonical([r.writeAs])
    ? undefined
    : refusing(`the policy says something else by now about who is behind ${plan.requestedBy.user}. ${again}`);
}

/** The object is as it was, the recipe makes the same of it, and the API server would write just that. */
async function unfit({ plan, writeAs }: Remediation, { writer, fixOf }: ApplyDeps): Promise<Obstacle | undefined> {
  const { change } = plan;
  const live = await writer.read(change);
  const refusal = repeats(fixOf(plan.fix), plan, live);
  if (
    canonical(idOf(live)) !== canonical(idOf(change.before)) ||
    (refusal !== undefined && !isAsWritten(live, change.before))
  )
    return drifting(refusal?.refused ?? `${describeChanged(plan.change)} was written since, with the same content`);
  if (refusal !== undefined)
    return refusing([refusal.refused, refusal.next].filter((one) => one !== undefined).join(' '));
  if (writeAs !== undefined && !(await writer.isAllowed(change, writeAs))) return refusing(mayNot(plan, writeAs));
  const outcome = await writer.write(change, { dryRun: true, ...(writeAs !== undefined && { as: writeAs }) });
  if (outcome.status !== 'written') return obstacleOf(outcome, plan, 'later');
  return isAsWritten(outcome.object, change.after)
    ? undefined
    : drifting(
        `the API server or a webhook would make something else of ${describeChanged(plan.change)} than was shown`,
      );
}

/** What a failed write means. `maybe`: what to do where it may have been written all the same. */
export function obstacleOf(
  outcome: Exclude<WriteOutcome, { status: 'written' }>,
  plan: Plan,
  onUnavailable: 'later' | 'fail',
): Obstacle {
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

function mayNot({ change, requestedBy }: Plan, { user }: KubernetesIdentity): string {
  const where = change.namespace === undefined ? '' : ` in ${change.namespace}`;
  return `${user}, who is ${requestedBy.user} in Slack, may not change ${change.resource.plural}${where}. Ask an admin for the right, or somebody who has it to ask for the fix.`;
}

function idOf(object: Plan['change']['before']): readonly unknown[] {
  return [object?.metadata.uid, object?.metadata.resourceVersion];
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
