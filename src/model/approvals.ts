import type { Approval, Plan, Remediation } from './remediation.ts';

type Approved = Pick<Remediation, 'plan' | 'approvals' | 'writeAs'>;
type Person = Pick<Approval, 'by' | 'kubernetes'>;

/** One where the rule says nothing sensible: nothing is ever applied without somebody's approval. */
export function approvalsNeeded({ rule }: Pick<Plan, 'rule'>): number {
  return Math.max(1, rule.approvals);
}

/** Whether they are one: the same in Slack, or the same to the API server. */
export function isSamePerson(one: Person, other: Person): boolean {
  if (one.by.team === other.by.team && one.by.user === other.by.user) return true;
  return one.kubernetes !== undefined && one.kubernetes.user === other.kubernetes?.user;
}

/** Whether they approved before. */
export function hasApproved({ approvals }: Pick<Remediation, 'approvals'>, person: Person): boolean {
  return approvals.some((one) => isSamePerson(one, person));
}

/** Whether they asked for it themselves. */
export function isOwn({ plan, writeAs }: Pick<Approved, 'plan' | 'writeAs'>, person: Person): boolean {
  return isSamePerson({ by: plan.requestedBy, ...(writeAs !== undefined && { kubernetes: writeAs }) }, person);
}

/** The approvals that count: of exactly this plan, in time, by different people, and by others where the rule says so. */
export function counting(r: Approved): readonly Approval[] {
  const counted: Approval[] = [];
  for (const approval of r.approvals) {
    const isOfThis = approval.digest === r.plan.digest && Date.parse(approval.at) < Date.parse(r.plan.expiresAt);
    const mayBe = approval.breakGlass || r.plan.rule.selfApproval || !isOwn(r, approval);
    if (isOfThis && mayBe && !hasApproved({ approvals: counted }, approval)) counted.push(approval);
  }
  return counted;
}

/** Enough people approved, or one in an emergency. */
export function isEnough(r: Approved): boolean {
  const approvals = counting(r);
  return approvals.some(({ breakGlass }) => breakGlass) || approvals.length >= approvalsNeeded(r.plan);
}
