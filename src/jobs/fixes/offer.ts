import { createHash } from 'node:crypto';
import type { PlanRequest } from '../../fixes/plan.ts';
import { propose } from '../../model/life.ts';
import type { FixRule } from '../../model/policy.ts';
import { approvalRuleOf, ruleFor } from '../../model/policy-decisions.ts';
import type { Plan } from '../../model/remediation.ts';
import type { FixDeps } from './deps.ts';
import { makePlan } from './make-plan.ts';

/** Keeps a plan as proposed, and has it looked at. Does nothing where it is kept already. */
export async function offer(plan: Plan, deps: FixDeps): Promise<void> {
  const isNew = await deps.remediations.create(propose(plan, deps.policy.people[plan.requestedBy.user]));
  if (isNew) deps.watch.plan(plan.fix, 'proposed');
  deps.log.info({ plan: plan.id, fix: plan.fix, target: plan.target, digest: plan.digest }, 'A plan is proposed');
  await deps.queues.wake(deps.cluster, plan.id);
}

/**
 * Offers the same fix of what is there now, in place of a plan that fits no longer: one, however often it is called.
 * Gives the new plan's id; nothing where there is none to be made.
 */
export async function offerAnew(plan: Plan, deps: FixDeps): Promise<string | undefined> {
  const rule = ruleFor(deps.policy, plan.fix, plan.target);
  if (plan.undoOf !== undefined || rule === undefined) return undefined;
  const { target, requestedBy, channel } = plan;
  const asked = { id: idAfter(plan), target, requestedBy, channel, requestedAt: deps.now().toISOString() };
  const made = await makePlan(deps.fixOf(plan.fix), requestUnder(rule, asked, deps), deps.sources);
  if (made.status !== 'planned') return undefined;
  await offer(made.plan, deps);
  return asked.id;
}

export function requestUnder(
  rule: FixRule,
  asked: Omit<PlanRequest, 'expiresAt' | 'rule'>,
  { policy, now }: Pick<FixDeps, 'policy' | 'now'>,
): PlanRequest {
  return { ...asked, expiresAt: minutesAfter(now(), rule.expiresMinutes), rule: approvalRuleOf(policy, rule) };
}

export function minutesAfter(time: Date, minutes: number): string {
  return new Date(time.getTime() + minutes * 60_000).toISOString();
}

/** Follows from the plan before, so that two runs offer one; and whoever does not know that one cannot guess it. */
function idAfter({ id, digest }: Plan): string {
  return `p${createHash('sha256').update(`${id} ${digest}`).digest('hex').slice(0, 20)}`;
}
