import type { Actor } from '../../model/command.ts';
import { describeFixTarget } from '../../model/fix.ts';
import { approve, decline, IllegalTransition } from '../../model/life.ts';
import type { Person } from '../../model/policy.ts';
import { type Decision, mayApprove, mayDecline, mayUndo } from '../../model/policy-decisions.ts';
import type { Approval, Plan, Remediation } from '../../model/remediation.ts';
import { approvalsOf, stateSentence } from '../../report/fix-status.ts';
import type { FixingDeps } from '../deps.ts';
import { type Deed, decide, refuse } from './decide.ts';
import { countEmergency } from './emergency.ts';

/** What became of a click, for whoever clicked. */
export interface Verdict {
  /** It changed something. */
  readonly counts: boolean;
  readonly says: string;
}

export interface Approver {
  readonly actor: Actor;
  /** The reason, where whoever asked approves alone. */
  readonly breakGlass?: string;
}

/** Counts the click, where the policy lets this person approve and the plan still waits. */
export async function approvePlan(remediation: Remediation, approver: Approver, deps: FixingDeps): Promise<Verdict> {
  const { plan, state } = remediation;
  if (state !== 'proposed') return no(stateSentence(remediation));
  const judge = (person: Person) => judgeApproval(remediation, approver, person, deps);
  const deed = deedOf(plan, approver.actor, approver.breakGlass === undefined ? 'Approving' : 'Approving alone');
  const decision = await decide(deed, judge, deps);
  if (!decision.allowed) return no(decision.why);
  if (approver.breakGlass !== undefined) {
    const tooMany = await countEmergency({ deed, plan, rule: decision.rule }, deps);
    if (tooMany !== undefined) return no(tooMany.why);
  }
  const approval = signed(plan, approver, decision.roles, deps);
  return step(deed, remediation, deps, (current) =>
    current.state === 'proposed' ? approve(current, approval) : undefined,
  );
}

/** Ends it, where it has not begun. */
export async function declinePlan(remediation: Remediation, actor: Actor, deps: FixingDeps): Promise<Verdict> {
  const { plan } = remediation;
  if (!isStoppable(remediation)) return no(stateSentence(remediation));
  const judge = (person: Person) => mayDecline(deps.fixes.policy, person, plan);
  const deed = deedOf(plan, actor, 'Declining');
  const decision = await decide(deed, judge, deps);
  if (!decision.allowed) return no(decision.why);
  const at = deps.now().toISOString();
  return step(deed, remediation, deps, (current) => (isStoppable(current) ? decline(current, actor, at) : undefined));
}

/** Nothing where they may. */
export async function mayAskToUndo(
  { plan }: Remediation,
  actor: Actor,
  deps: FixingDeps,
): Promise<Verdict | undefined> {
  const judge = (person: Person) => mayUndo(deps.fixes.policy, person, plan);
  const decision = await decide(deedOf(plan, actor, 'Undoing'), judge, deps);
  return decision.allowed ? undefined : no(decision.why);
}

/** Going back takes one who may approve, whoever asked and at any hour. */
function judgeApproval(
  { plan, approvals }: Remediation,
  { breakGlass }: Approver,
  person: Person,
  deps: FixingDeps,
): Decision {
  const { policy } = deps.fixes;
  if (plan.undoOf !== undefined) return mayUndo(policy, person, plan);
  const now = deps.now().toISOString();
  return mayApprove(policy, person, plan, { approvals, now, ...(breakGlass !== undefined && { breakGlass }) });
}

function signed(
  plan: Plan,
  { actor, breakGlass }: Approver,
  roles: readonly string[],
  { fixes, now }: FixingDeps,
): Approval {
  const kubernetes = fixes.policy.people[actor.user];
  const approval = {
    by: actor,
    roles,
    at: now().toISOString(),
    digest: plan.digest,
    policy: fixes.policy.hash,
    ...(kubernetes !== undefined && { kubernetes }),
    ...(breakGlass !== undefined && { breakGlass }),
  };
  return { ...approval, signature: fixes.signer.sign(plan, approval) };
}

/** One step from what it is by now, whoever else clicked meanwhile; and has the worker look at it. */
async function step(
  deed: Deed,
  { plan: { id, target, fix } }: Remediation,
  deps: FixingDeps,
  next: Parameters<FixingDeps['fixes']['remediations']['change']>[1],
): Promise<Verdict> {
  const { fixes, log } = deps;
  try {
    const changed = await fixes.remediations.change(id, next);
    if (changed.status === 'unknown') return no('I no longer know this plan. Ask for the fix again.');
    if (changed.status === 'busy')
      return no('Another fix of this cluster is being applied. Click again when it is done.');
    if (changed.status === 'unchanged') return no(stateSentence(changed.remediation));
    log.info({ plan: id, fix, state: changed.remediation.state }, 'A click decided');
    await wake(target.cluster, id, fixes, log);
    return { counts: true, says: outcome(changed.remediation) };
  } catch (error) {
    if (!(error instanceof IllegalTransition)) throw error;
    const why = illegal(error);
    await refuse(deed, why, deps);
    return no(why);
  }
}

/** The click stands; whatever is not woken now is found by the next sweep. */
async function wake(
  cluster: string,
  id: string,
  { queues }: FixingDeps['fixes'],
  log: FixingDeps['log'],
): Promise<void> {
  try {
    await queues.wake(cluster, id);
  } catch (error) {
    log.warn({ error, plan: id }, 'The worker could not be woken');
  }
}

function no(says: string): Verdict {
  return { counts: false, says };
}

function outcome(remediation: Remediation): string {
  if (remediation.state === 'closed') return 'Declined. Nothing is changed.';
  if (remediation.state === 'proposed') return `Your approval counts: ${approvalsOf(remediation)}.`;
  return 'Your approval counts. I check again that all it rests on still holds, then it is applied; the card shows it.';
}

function illegal({ why }: IllegalTransition): string {
  if (why === 'again')
    return 'You approved this already, here or with another account, and it counts once. Someone else has to.';
  if (why === 'self') return 'You asked for this fix, so someone else has to approve it.';
  if (why === 'time') return 'This plan has expired. Ask for the fix again to get one that fits what is there now.';
  return 'This plan is not what it was any more. Look at the card.';
}

function isStoppable({ state }: Remediation): boolean {
  return state === 'proposed' || state === 'approved' || state === 'cleared';
}

function deedOf({ id, fix, target, digest }: Plan, actor: Actor, what: string): Deed {
  return { actor, what, cluster: target.cluster, fix, target: describeFixTarget(target), plan: id, digest };
}
