import type { LookRule, Person, Policy } from './policy.ts';
import type { Permission } from './policy-decisions.ts';
import { denied, matches, rolesAmong, standing } from './policy-people.ts';
import { placeOf, scopeOf, type Target } from './target.ts';

/** Where an answer would be read. */
export interface Place {
  /** Slack id. */
  readonly channel: string;
  /** People of other workspaces read along, or will once they accept an invitation. */
  readonly outsiders: boolean;
}

/**
 * Whether somebody may ask about this and have the answer there. Every namespace the question is about has to be
 * allowed, by one rule or another. A channel with outsiders is never meant by `*`: it has to be named.
 */
export function mayLook(
  policy: Policy,
  person: Person,
  { target, place }: { readonly target: Target; readonly place: Place },
): Permission {
  const refused = standing(person);
  if (refused !== undefined) return refused;
  if (policy.look === undefined) return { allowed: true, roles: [] };
  const there = policy.look.filter(({ clusters }) => matches(clusters, target.cluster));
  const here = there.filter(({ channels }) => isAbout(channels, place));
  const rolesIn = ({ roles }: LookRule) => rolesAmong(policy, person, roles);
  const mine = here.filter((rule) => rolesIn(rule).length > 0);
  if (isCovered(target, mine)) return { allowed: true, roles: [...new Set(mine.flatMap(rolesIn))] };
  const what = `${placeOf(target)} in ${target.cluster}`;
  const keeper = 'Ask whoever keeps the policy file';
  if (!isCovered(target, there))
    return denied('no-rule', `The policy lets nobody ask about ${what}, from any channel. ${keeper} to add a rule.`);
  if (!isCovered(target, here)) {
    const where = place.outsiders ? 'a channel that people from outside read' : 'this channel';
    return denied('no-rule', `The policy lets nobody ask about ${what} from ${where}. Ask in another one.`);
  }
  return denied('no-role', `The policy does not let you ask about ${what} here. ${keeper}.`);
}

/** Where no rule says who may look: from everywhere but where people from outside read. */
export function mayLookFrom({ channel, outsiders }: Place): Permission {
  if (!outsiders) return { allowed: true, roles: [] };
  return denied(
    'no-rule',
    `People of other workspaces read this channel, so I answer nothing here. Ask in another one. To allow it, a rule under \`look\` in the policy file has to name this channel, \`${channel}\`: docs/policy.md, Rights to look.`,
  );
}

/** Whether each namespace that the question is about is in one of the rules, whoever they are for. */
function isCovered(target: Target, rules: readonly LookRule[]): boolean {
  const asked = scopeOf(target) ?? [undefined];
  return asked.every((namespace) => rules.some(({ namespaces }) => matches(namespaces, namespace)));
}

function isAbout(channels: readonly string[], { channel, outsiders }: Place): boolean {
  return channels.includes(channel) || (!outsiders && channels.includes('*'));
}
