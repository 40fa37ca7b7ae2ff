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

/** Whether someone belongs to the workspace or organisation this bot is installed in. In shared channels others are present. */
export function isAtHome({ team, enterprise }: Actor, { home }: HandlerDeps): boolean {
  return team === home.team || (home.enterprise !== undefined && enterprise === home.enterprise);
}

export const stranger = 'I answer only people of the workspace I am installed in.';
