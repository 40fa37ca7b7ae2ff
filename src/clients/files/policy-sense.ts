import { everyone, type FixRule, type Policy, type Role } from '../../model/policy.ts';
import { countPeople, isSamePerson, matches } from '../../model/policy-people.ts';

/** What of the file could be read; `null`: not that part. */
export interface Readable {
  readonly roles: Readonly<Record<string, Role | null>>;
  readonly people: Policy['people'];
  readonly fixes: readonly (FixRule | null)[];
}

/** Rules that can never work though each of their words is right. */
export function senseProblems(readable: Readable): readonly string[] {
  return readable.fixes.flatMap((rule, index) => {
    if (rule === null) return [];
    const wider = readable.fixes.slice(0, index).findIndex((earlier) => earlier !== null && covers(earlier, rule));
    const problem = wider < 0 ? numberProblem(rule, readable) : shadowed(wider);
    return problem === undefined ? [] : [`fixes[${index}] ${problem}`];
  });
}

function shadowed(wider: number): string {
  return `can never decide: fixes[${wider}] matches all that it matches, and the first one counts. Put this one before it.`;
}

function covers(earlier: FixRule, later: FixRule): boolean {
  const all = (patterns: readonly string[], names: readonly string[]) => names.every((name) => matches(patterns, name));
  return (
    all(earlier.fixes, later.fixes) &&
    all(earlier.clusters, later.clusters) &&
    all(earlier.namespaces, later.namespaces)
  );
}

function numberProblem(rule: FixRule, readable: Readable): string | undefined {
  const approvers = peopleIn(readable, rule.approve);
  if (approvers === undefined) return undefined;
  const count = countPeople(readable, approvers);
  if (count < rule.approvals) {
    const next = `Add people to ${rule.approve.join(' or ')}, or ask for fewer.`;
    return `asks for ${rule.approvals} approvals, and ${count} is all that its roles can give. ${next}`;
  }
  const requesters = rule.selfApproval ? undefined : peopleIn(readable, rule.request);
  if (requesters === undefined) return undefined;
  const others = (requester: { readonly user: string }) =>
    approvers.filter((approver) => !isSamePerson(readable, approver, requester));
  if (requesters.some((requester) => countPeople(readable, others(requester)) >= rule.approvals)) return undefined;
  return 'can never be satisfied: those who may ask are needed to approve, and nobody approves what they asked for. Add approvers, or set selfApproval: true.';
}

/** Everybody who has one of the roles; `undefined`: that is for Slack to say. */
function peopleIn({ roles }: Readable, names: readonly string[]): readonly { readonly user: string }[] | undefined {
  const named = names.map((name) => (name === everyone ? null : (roles[name] ?? null)));
  if (named.some((role) => role === null || role.groups.length > 0)) return undefined;
  return named.flatMap((role) => role?.users ?? []).map((user) => ({ user }));
}
