import type { WebClient } from '@slack/web-api';
import { LRUCache } from 'lru-cache';
import type { Log } from '../model/log.ts';
import type { Person } from '../model/policy.ts';
import type { Identity } from './slack-client.ts';
import { failureOf, type SlackFailure } from './slack-failure.ts';

/** Slack does not say who somebody is. Whoever asks is denied with this sentence. */
export class PeopleError extends Error {
  override readonly name = 'PeopleError';
  readonly reason: 'missing-scope' | 'unknown-person' | 'rate-limited' | 'refused' | 'unavailable';

  constructor(reason: PeopleError['reason'], message: string, cause?: unknown) {
    super(message, { cause });
    this.reason = reason;
  }
}

export interface PeopleSettings {
  readonly client: WebClient;
  /** Slack user group ids: those that the policy names. No others are asked about. */
  readonly groups: readonly string[];
  readonly home: Pick<Identity, 'team' | 'enterprise'>;
  readonly log: Pick<Log, 'warn'>;
}

export interface AskOptions {
  /** For decisions: nothing that Slack said earlier will do, unless it says that it was asked too often. */
  readonly fresh?: true;
}

export interface People {
  /**
   * @throws PeopleError where Slack does not tell.
   */
  ask(user: string, options?: AskOptions): Promise<Person>;
  /** What Slack said to a decision of the last five seconds, if there was one: enough to refuse the next one. */
  recent(user: string): Person | undefined;
}

type SlackUser = NonNullable<Awaited<ReturnType<WebClient['users']['info']>>['user']>;

const keptMs = 60_000;
/** Of clicks in a row that are refused, not each asks Slack for each group: that takes some twenty a minute. */
const recentMs = 5_000;

/** Who people are, by id alone: names and addresses can be chosen by whoever has them. */
export function slackPeople({ client, groups, home, log }: PeopleSettings): People {
  const users = remembering(2_000, async (user) => {
    try {
      return (await client.users.info({ user })).user ?? {};
    } catch (error) {
      throw peopleError(error, failureOf(error), 'users:read');
    }
  });
  const members = remembering(500, async (usergroup) => {
    try {
      return (await client.usergroups.users.list({ usergroup })).users ?? [];
    } catch (error) {
      const failure = failureOf(error);
      if (failure.code !== 'no_such_subteam') throw peopleError(error, failure, 'usergroups:read');
      log.warn({ usergroup }, 'The policy names a user group that Slack does not have');
      return [];
    }
  });
  return {
    async ask(user, options = {}) {
      const [found, ...lists] = await Promise.all([
        users.ask(user, options),
        ...groups.map(async (group) => ({ group, of: await members.ask(group, options) })),
      ]);
      const ofUser = lists.filter(({ of }) => of.includes(user)).map(({ group }) => group);
      return personOf(found, home, ofUser);
    },
    recent(user) {
      const found = users.recent(user);
      const lists = groups.map((group) => ({ group, of: members.recent(group) }));
      if (found === undefined || lists.some(({ of }) => of === undefined)) return undefined;
      const ofUser = lists.filter(({ of }) => of?.includes(user)).map(({ group }) => group);
      return personOf(found, home, ofUser);
    },
  };
}

/** A person as policies see them. Whose team Slack does not tell is a stranger. */
export function personOf(user: SlackUser, home: PeopleSettings['home'], groups: readonly string[]): Person {
  const ofOrganisation = home.enterprise !== undefined && user.enterprise_user?.enterprise_id === home.enterprise;
  return {
    team: user.team_id ?? '',
    user: user.id ?? '',
    deleted: user.deleted === true,
    bot: user.is_bot === true || user.is_workflow_bot === true || user.id === 'USLACKBOT',
    guest: user.is_restricted === true || user.is_ultra_restricted === true,
    stranger: user.is_stranger === true || !(user.team_id === home.team || ofOrganisation),
    groups,
  };
}

/** Asks once for all who want the same at the same time, and keeps the answer for a while. */
function remembering<Value extends object>(max: number, ask: (key: string) => Promise<Value>) {
  const kept = new LRUCache<string, Value>({ max, ttl: keptMs, noDeleteOnFetchRejection: true, fetchMethod: ask });
  const anew = new LRUCache<string, Value>({ max, ttl: recentMs });
  return {
    recent: (key: string) => anew.get(key),
    async ask(key: string, { fresh = false }: { readonly fresh?: boolean }): Promise<Value> {
      try {
        const value = await kept.forceFetch(key, { forceRefresh: fresh });
        if (fresh) anew.set(key, value);
        return value;
      } catch (error) {
        const before = kept.get(key);
        if (before !== undefined && error instanceof PeopleError && error.reason === 'rate-limited') return before;
        throw error;
      }
    },
  };
}

function peopleError(cause: unknown, failure: SlackFailure, scope: string): PeopleError {
  const reason = reasonOf(failure);
  return new PeopleError(reason, sentenceOf(reason, failure, scope), cause);
}

function reasonOf({ reason, code }: SlackFailure): PeopleError['reason'] {
  if (code === 'missing_scope') return 'missing-scope';
  if (code === 'user_not_found' || code === 'user_not_visible') return 'unknown-person';
  if (reason === 'rate-limited' || reason === 'unavailable') return reason;
  return 'refused';
}

function sentenceOf(reason: PeopleError['reason'], { code, retryAfterMs = 0 }: SlackFailure, scope: string): string {
  const what = 'I cannot tell what you may do';
  if (reason === 'missing-scope')
    return `${what}: Slack does not let me ask who people are. An admin has to grant the app \`${scope}\` and install it again.`;
  if (reason === 'unknown-person') return `${what}: Slack does not show me your account. Ask from another one.`;
  if (reason === 'rate-limited')
    return `${what}: Slack lets me ask no more just now. Try again in ${Math.ceil(retryAfterMs / 1000)} s.`;
  if (reason === 'unavailable') return `${what}: Slack does not answer (${code}). Try again in a minute.`;
  return `${what}: Slack refuses to say who people are (${code}). Ask an admin to look at the app's installation.`;
}
