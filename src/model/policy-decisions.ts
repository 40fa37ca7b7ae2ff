import { describeWindows, isInWindow } from './change-window.ts';
import { describeFixTarget, type FixTarget } from './fix.ts';
import type { FixRule, Person, Policy } from './policy.ts';
import { type Denied, denied, isSamePerson, matches, rolesAmong, standing } from './policy-people.ts';
import type { Approval, ApprovalRule, Plan } from './remediation.ts';

/** `roles`: those that made it so. */
export type Permission = { readonly allowed: true; readonly roles: readonly string[] } | Denied;

/** A permission by a rule of the policy. */
export type Decision = { readonly allowed: true; readonly roles: readonly string[]; readonly rule: FixRule } | Denied;

/** What an approval is judged by besides the policy, the person and the plan. */
export interface ApprovalMoment {
  /** Those that there are already. */
  readonly approvals: readonly Pick<Approval, 'by'>[];
  /** The reason, where whoever asked approves alone in an emergency. */
  readonly breakGlass?: string;
  /** RFC 3339. */
  readonly now: string;
}

/** What of a plan decides who may do what with it. */
export type PlanFacts = Pick<Plan, 'fix' | 'target' | 'requestedBy' | 'requestedAt' | 'expiresAt' | 'undoOf'>;

/** How often one person may approve alone in one cluster within a day: who needs it more often needs another policy. */
export const mostEmergencies = 3;

const shortestReason = 10;
const minuteMs = 60_000;

/** The first rule that matches decides. */
export function ruleFor(policy: Policy, fixId: string, { cluster, namespace }: FixTarget): FixRule | undefined {
  return policy.fixes.find(
    ({ fixes, clusters, namespaces }) =>
      matches(fixes, fixId) && matches(clusters, cluster) && matches(namespaces, namespace),
  );
}

/** What a plan made under this rule carries. */
export function approvalRuleOf({ hash }: Policy, { approvals, selfApproval, approve }: FixRule): ApprovalRule {
  return { approvals, selfApproval, approvers: approve, policy: hash };
}

export function mayRequest(policy: Policy, person: Person, fixId: string, target: FixTarget): Decision {
  return byRole(policy, person, { fix: fixId, target }, 'request');
}

/** Whether this click counts: by someone with a role, once each, within the time, and not by whoever asked. */
export function mayApprove(policy: Policy, person: Person, plan: PlanFacts, moment: ApprovalMoment): Decision {
  const rule = standing(person) ?? ruleOf(policy, plan);
  if ('allowed' in rule) return rule;
  const { approvals, breakGlass, now } = moment;
  const closed = notNow(rule, plan, now);
  if (closed !== undefined) return closed;
  // It takes the place of an ordinary one of the same person.
  if (breakGlass !== undefined) return byBreakGlass(policy, person, { plan, rule, reason: breakGlass, now });
  if (approvals.some(({ by }) => isSamePerson(policy, by, person)))
    return denied('already-approved', `You approved this already, and it counts once. ${someoneElse(rule, plan)}`);
  if (!rule.selfApproval && isSamePerson(policy, plan.requestedBy, person))
    return denied('own-request', ownRequest(policy, person, plan, rule));
  return byRole(policy, person, plan, 'approve');
}

/** Whoever asked, and whoever could approve. */
export function mayDecline(policy: Policy, person: Person, plan: PlanFacts): Permission {
  const refused = standing(person);
  if (refused !== undefined) return refused;
  if (isSamePerson(policy, plan.requestedBy, person)) return { allowed: true, roles: [] };
  return byRole(policy, person, plan, 'approve');
}

/** Going back takes one person who may approve, also where they asked for it themselves, and also outside the windows. */
export function mayUndo(policy: Policy, person: Person, plan: Pick<Plan, 'fix' | 'target'>): Decision {
  return byRole(policy, person, plan, 'approve');
}

export function mayFreeze(policy: Policy, person: Person): Permission {
  return amongRoles(policy, person, policy.freeze.freeze, 'Stopping all fixes');
}

export function mayUnfreeze(policy: Policy, person: Person): Permission {
  return amongRoles(policy, person, policy.freeze.unfreeze, 'Letting fixes go on');
}

function byRole(
  policy: Policy,
  person: Person,
  plan: Pick<Plan, 'fix' | 'target'>,
  deed: 'request' | 'approve',
): Decision {
  const rule = standing(person) ?? ruleOf(policy, plan);
  if ('allowed' in rule) return rule;
  const what = `${deed === 'request' ? 'Asking for' : 'Approving'} \`${plan.fix}\` ${placeOf(plan)}`;
  const permission = amongRoles(policy, person, rule[deed], what);
  return permission.allowed ? { ...permission, rule } : permission;
}

function amongRoles(policy: Policy, person: Person, names: readonly string[], what: string): Permission {
  const refused = standing(person);
  if (refused !== undefined) return refused;
  const roles = rolesAmong(policy, person, names);
  if (roles.length > 0) return { allowed: true, roles };
  return denied('no-role', `${what} takes the role ${oneOf(names)}, which you do not have. Ask someone who has it.`);
}

/** {@link ruleFor}, or why there is none. */
export function ruleOf(policy: Policy, plan: Pick<Plan, 'fix' | 'target'>): FixRule | Denied {
  const rule = ruleFor(policy, plan.fix, plan.target);
  if (rule !== undefined) return rule;
  const next = 'Ask whoever keeps the policy file to add a rule.';
  return denied('no-rule', `The policy lets nobody apply \`${plan.fix}\` ${placeOf(plan)}. ${next}`);
}

function notNow(rule: FixRule, { expiresAt }: PlanFacts, now: string): Denied | undefined {
  if (Date.parse(expiresAt) <= Date.parse(now))
    return denied('expired', 'This proposal has expired. Ask for it again to get one that fits what is there now.');
  return isInWindow(rule, now) ? undefined : outsideWindow(rule);
}

export function outsideWindow(rule: FixRule): Denied {
  const when = describeWindows(rule);
  return denied('outside-window', `Changes are applied only ${when}, and it is not that time. Ask again then.`);
}

interface Emergency {
  readonly plan: PlanFacts;
  readonly rule: FixRule;
  readonly reason: string;
  readonly now: string;
}

function byBreakGlass(policy: Policy, person: Person, { plan, rule, reason, now }: Emergency): Decision {
  const { breakGlass } = rule;
  if (breakGlass === undefined)
    return denied('break-glass-off', `The policy has no emergency approval here. ${someoneElse(rule, plan)}`);
  if (!isSamePerson(policy, plan.requestedBy, person))
    return denied('break-glass-not-yours', 'Only whoever asked can approve alone. Approve it without a reason.');
  const permission = amongRoles(policy, person, breakGlass.roles, 'Approving alone in an emergency');
  if (!permission.allowed) return permission;
  if (reason.trim().length < shortestReason)
    return denied('break-glass-reason', `Say why it cannot wait, in at least ${shortestReason} characters.`);
  const minutes = breakGlass.expiresMinutes;
  if (Date.parse(now) >= Date.parse(plan.requestedAt) + minutes * minuteMs)
    return denied('break-glass-late', `Approving alone is for proposals of the last ${minutes} min. Ask again first.`);
  return { ...permission, rule };
}

/** Why one more emergency of the same person is one too many. */
export function tooManyEmergencies(rule: FixRule, plan: PlanFacts): Denied {
  const where = `in ${plan.target.cluster} within a day`;
  const why = `You approved alone ${mostEmergencies} times ${where}, which is the most. ${someoneElse(rule, plan)}`;
  return denied('break-glass-often', why);
}

function ownRequest(policy: Policy, person: Person, plan: PlanFacts, rule: FixRule): string {
  const mine = rolesAmong(policy, person, rule.breakGlass?.roles ?? []);
  const emergency = mine.length > 0 ? ' In an emergency you may approve alone, with a reason.' : '';
  return `You asked for this fix, so someone else has to approve it (policy: ${demand(rule, plan)}).${emergency}`;
}

function someoneElse(rule: FixRule, plan: PlanFacts): string {
  return `Someone else has to approve it (policy: ${demand(rule, plan)}).`;
}

/** `1 of sre in prod-eu`. */
export function demand({ approvals, approve }: FixRule, { target }: PlanFacts): string {
  return `${approvals} of ${oneOf(approve)} in ${target.cluster}`;
}

function placeOf({ target }: Pick<Plan, 'target'>): string {
  return `to ${describeFixTarget(target)} in ${target.cluster}`;
}

function oneOf(names: readonly string[]): string {
  return names.length > 1 ? `${names.slice(0, -1).join(', ')} or ${names.at(-1)}` : names.join('');
}
