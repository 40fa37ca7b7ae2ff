import type { Actor } from '../model/command.ts';
import type { HandlerDeps } from './deps.ts';
import { peopleReason, refuse } from './fixes/decide.ts';

/** Who did something, as a request of Slack tells it. */
export interface Sender {
  readonly user: string;
  /** The workspace that the person is of. Absent where the request tells only where it was done. */
  readonly team?: string | undefined;
}

export interface Admission {
  readonly actor: Actor;
  /** For them alone, where they are none of ours. */
  readonly refusal?: string;
}

/** Who clicked, or sent a form. */
export function senderOf({ user }: { readonly user: { readonly id: string; readonly team_id?: string } }): Sender {
  return { user: user.id, team: user.team_id };
}

interface Mentioning {
  readonly user: string;
  readonly user_team?: string | undefined;
  readonly team?: string | undefined;
}

/**
 * Who mentioned the bot. In a channel with people of other workspaces only what is said of the person counts; elsewhere
 * that may be left out, and all are of the workspace that the event is about.
 */
export function senderOfMention(
  { user, user_team: own, team }: Mentioning,
  {
    team_id: here,
    is_ext_shared_channel: shared,
  }: { readonly team_id: string; readonly is_ext_shared_channel?: boolean },
): Sender {
  return { user, team: own ?? (shared === false ? (team ?? here) : undefined) };
}

export const stranger = 'I answer only people of the workspace I am installed in.';

/**
 * Whether somebody belongs to the workspace or organisation this bot is installed in: in shared channels others are
 * present. A request names the organisation where something was done, which is not that of the person: for those of
 * another workspace Slack is asked.
 */
export async function admit(
  { user, team }: Sender,
  deps: Pick<HandlerDeps, 'home' | 'people' | 'log'>,
): Promise<Admission> {
  const { home } = deps;
  const actor = { team: team ?? home.team, user };
  const ours = home.enterprise === undefined ? actor : { ...actor, enterprise: home.enterprise };
  if (team === home.team) return { actor: ours };
  if (team !== undefined && home.enterprise === undefined) return { actor, refusal: stranger };
  try {
    const person = await deps.people.ask(user);
    if (person.stranger)
      return { actor: { ...actor, ...(person.team !== '' && { team: person.team }) }, refusal: stranger };
    return { actor: person.team === '' ? ours : { ...ours, team: person.team } };
  } catch (error) {
    deps.log.warn({ error, user }, 'Slack does not say whose somebody is');
    return { actor, refusal: peopleReason(error) ?? stranger };
  }
}

/** The same; a refusal is recorded, as far as one person may cause records. */
export async function admitted(sender: Sender, what: string, deps: HandlerDeps): Promise<Admission> {
  const admission = await admit(sender, deps);
  const { actor, refusal } = admission;
  if (refusal === undefined) return admission;
  deps.log.warn({ user: actor.user, team: actor.team, what }, 'Refused a stranger');
  deps.watch.command('none', 'stranger');
  if (deps.allowance.take(actor.user) === 0) await refuse({ actor, what }, refusal, deps);
  return admission;
}
