import type { Actor } from '../../model/command.ts';
import type { FixRule } from '../../model/policy.ts';
import { mostEmergencies, tooManyEmergencies } from '../../model/policy-decisions.ts';
import type { Denied } from '../../model/policy-people.ts';
import type { Plan } from '../../model/remediation.ts';
import type { FixingDeps } from '../deps.ts';
import { type Deed, refuse } from './decide.ts';

interface Emergency {
  readonly deed: Deed;
  readonly plan: Plan;
  readonly rule: FixRule;
}

/** Counts what somebody approves alone. Why it is one too many within a day, where it is: that is recorded. */
export async function countEmergency({ deed, plan, rule }: Emergency, deps: FixingDeps): Promise<Denied | undefined> {
  const limit = { most: mostEmergencies, at: deps.now() };
  if (await deps.fixes.emergencies.take(personOf(deed.actor, deps), plan, limit)) return undefined;
  const denied = tooManyEmergencies(rule, plan);
  await refuse(deed, denied.why, deps);
  return denied;
}

/** The same for all accounts that the policy maps to one user of the API server. */
function personOf({ team, user }: Actor, { fixes: { policy } }: FixingDeps): string {
  const identity = policy.people[user];
  return identity === undefined ? `${team}/${user}` : `as ${identity.user}`;
}
