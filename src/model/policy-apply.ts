import { isInWindow } from './change-window.ts';
import { everyone, type FixRule, type Person, type Policy } from './policy.ts';
import { type Decision, demand, mayRequest, outsideWindow, type PlanFacts, ruleOf } from './policy-decisions.ts';
import { countPeople, denied, isSamePerson, rolesAmong, standing } from './policy-people.ts';
import type { Approval } from './remediation.ts';

/**
 * Whether the policy in force lets an approved plan be applied now, by what its approvals say of themselves: the rule,
 * how many different people, the window, and their roles, as far as the policy itself tells who has those: members of
 * groups are for whoever can ask Slack. Whether there is a freeze is for the caller to see.
 */
export function mayApply(policy: Policy, plan: PlanFacts, approvals: readonly Approval[], now: string): Decision {
  const rule = ruleOf(policy, plan);
  if ('allowed' in rule) return rule;
  if (plan.undoOf === undefined && !isInWindow(rule, now)) return outsideWindow(rule);
  const given = approvals.map((one) => ({
    ...one,
    roles: one.roles.filter((role) => mayHave(policy, one.by.user, role)),
  }));
  const emergency = given.find((one) => one.breakGlass !== undefined && isBreakGlass(policy, rule, plan, one));
  if (emergency !== undefined) return { allowed: true, roles: emergency.roles, rule };
  const counted = given.filter(
    ({ by, roles, breakGlass }) =>
      breakGlass === undefined &&
      roles.some((role) => rule.approve.includes(role)) &&
      (plan.undoOf !== undefined || rule.selfApproval || !isSamePerson(policy, by, plan.requestedBy)),
  );
  const wanted = plan.undoOf === undefined ? rule.approvals : 1;
  const count = countPeople(
    policy,
    counted.map(({ by }) => by),
  );
  if (count >= wanted) return { allowed: true, roles: [...new Set(counted.flatMap(({ roles }) => roles))], rule };
  return denied(
    'too-few',
    `The policy asks for ${demand(rule, plan)}, and ${count} of what was given counts. Ask for it anew.`,
  );
}

/** {@link mayApply}, with everybody who asked and approved as Slack knows them now: nobody has left or lost the role. */
export function stillAllowed(
  policy: Policy,
  plan: PlanFacts,
  people: {
    readonly requester: Person;
    readonly approvals: readonly { readonly approval: Approval; readonly person: Person }[];
  },
  now: string,
): Decision {
  const asked = plan.undoOf === undefined ? mayRequest(policy, people.requester, plan.fix, plan.target) : undefined;
  if (asked?.allowed === false) return { ...asked, why: `Whoever asked may not any more. ${asked.why}` };
  const approvals = people.approvals
    .filter(({ person }) => standing(person) === undefined)
    .map(({ approval, person }) => ({ ...approval, roles: rolesAmong(policy, person, approval.roles) }));
  return mayApply(policy, plan, approvals, now);
}

/** Whether the policy knows of nothing against it. */
function mayHave({ roles }: Policy, user: string, name: string): boolean {
  if (name === everyone) return true;
  const role = roles[name];
  return role !== undefined && (role.groups.length > 0 || role.users.includes(user));
}

function isBreakGlass(policy: Policy, { breakGlass }: FixRule, plan: PlanFacts, { by, roles }: Approval): boolean {
  return isSamePerson(policy, plan.requestedBy, by) && roles.some((role) => breakGlass?.roles.includes(role));
}
