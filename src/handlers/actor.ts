import type { Actor } from '../model/command.ts';
import type { HandlerDeps } from './deps.ts';

interface Ids {
  readonly team?: string | undefined;
  readonly enterprise?: string | undefined;
  readonly user: string;
}

export function actorOf({ team = '', enterprise, user }: Ids): Actor {
  return { team, user, ...(enterprise !== undefined && enterprise !== '' && { enterprise }) };
}

/** What a click and a form say of who sent them. */
interface Sent {
  readonly user: { readonly id: string; readonly team_id?: string };
  readonly team: { readonly id: string; readonly enterprise_id?: string } | null;
  readonly enterprise?: { readonly id: string };
}

/** Who clicked, or sent a form: the person's own workspace counts, not the one where it was done. */
export function actorOfSent({ user, team, enterprise }: Sent): Actor {
  return actorOf({
    team: user.team_id ?? team?.id,
    enterprise: team?.enterprise_id ?? enterprise?.id,
    user: user.id,
  });
}

/** Whether someone belongs to the workspace or organisation this bot is installed in. In shared channels others are present. */
export function isAtHome({ team, enterprise }: Actor, { home }: HandlerDeps): boolean {
  return team === home.team || (home.enterprise !== undefined && enterprise === home.enterprise);
}

export const stranger = 'I answer only people of the workspace I am installed in.';
