import type { Person, Policy } from './policy.ts';
import type { Permission } from './policy-decisions.ts';
import { denied, matches, rolesAmong, standing } from './policy-people.ts';
import { placeOf, scopeOf, type Target } from './target.ts';

/** Where an answer would be read. */
export interface Place {
  /** Slack id. */
  readonly channel: string;
  /** Guests or people of other workspaces read along. */
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
  const here = policy.look.filter((rule) => isAbout(rule.channels, place) && matches(rule.clusters, target.cluster));
  const mine = here.map((rule) => ({ rule, roles: rolesAmong(policy, person, rule.roles) }));
  const mineHere = mine.filter(({ roles }) => roles.length > 0);
  const asked = scopeOf(target) ?? [undefined];
  const isSeen = (namespace: string | undefined) => mineHere.some(({ rule }) => matches(rule.namespaces, namespace));
  if (asked.every(isSeen)) return { allowed: true, roles: [...new Set(mineHere.flatMap(({ roles }) => roles))] };
  const what = `${placeOf(target)} in ${target.cluster}`;
  if (here.length === 0) {
    const where = place.outsiders ? 'a channel that people from outside read' : 'this channel';
    return denied('no-rule', `The policy lets nobody ask about ${what} from ${where}. Ask in another one.`);
  }
  return denied('no-role', `The policy does not let you ask about ${what} here. Ask whoever keeps the policy file.`);
}

function isAbout(channels: readonly string[], { channel, outsiders }: Place): boolean {
  return channels.includes(channel) || (!outsiders && channels.includes('*'));
}
