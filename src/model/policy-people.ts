import type { Actor } from './command.ts';
import { everyone, type Person, type Policy } from './policy.ts';

/** Why something is denied, for programs. */
export type DenialCode =
  | 'deleted'
  | 'bot'
  | 'guest'
  | 'stranger'
  /** The policy lets nobody do it, there. */
  | 'no-rule'
  | 'no-role'
  | 'own-request'
  | 'already-approved'
  | 'too-few'
  | 'expired'
  | 'outside-window'
  | 'break-glass-off'
  | 'break-glass-not-yours'
  | 'break-glass-reason'
  | 'break-glass-late'
  | 'break-glass-often';

export interface Denied {
  readonly allowed: false;
  readonly code: DenialCode;
  /** A sentence, and the next step. */
  readonly why: string;
}

export function denied(code: DenialCode, why: string): Denied {
  return { allowed: false, code, why };
}

/** Why this person may do nothing at all, whatever roles they have. */
export function standing({ deleted, bot, guest, stranger }: Person): Denied | undefined {
  if (deleted) return denied('deleted', 'Slack says that this account is deactivated. Ask with an active one.');
  if (stranger) return denied('stranger', 'I act only for people of the workspace I am installed in. Ask one of them.');
  if (bot) return denied('bot', 'I act for people, not for bots. Ask as yourself.');
  if (guest) return denied('guest', 'I do not act for guests of this workspace. Ask one of its full members.');
  return undefined;
}

/** Those of the named roles that the person has. */
export function rolesAmong(policy: Policy, { user, groups }: Person, names: readonly string[]): readonly string[] {
  return names.filter((name) => {
    if (name === everyone) return true;
    const role = policy.roles[name];
    return role !== undefined && (role.users.includes(user) || role.groups.some((group) => groups.includes(group)));
  });
}

/** One Slack account, or two that the policy maps to one user of the API server. */
export function isSamePerson(
  { people }: Pick<Policy, 'people'>,
  one: Pick<Actor, 'user'>,
  other: Pick<Actor, 'user'>,
): boolean {
  const identity = people[one.user]?.user;
  return one.user === other.user || (identity !== undefined && identity === people[other.user]?.user);
}

/** How many different people these are. */
export function countPeople(policy: Pick<Policy, 'people'>, people: readonly Pick<Actor, 'user'>[]): number {
  return people.filter(
    (person, index) => !people.slice(0, index).some((earlier) => isSamePerson(policy, person, earlier)),
  ).length;
}

/** Whether one of the patterns, in which `*` is any part, is the name; with no name, whether `*` is among them. */
export function matches(patterns: readonly string[], name: string | undefined): boolean {
  return patterns.some((pattern) => pattern === '*' || (name !== undefined && isLike(pattern, name)));
}

function isLike(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return first === name;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
