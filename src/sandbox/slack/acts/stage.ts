import type { Context } from '../context.ts';
import type { Delivery } from '../delivery.ts';
import type { Json } from '../json.ts';
import type { Channel, Message, Person } from '../state.ts';

export interface Stage {
  readonly context: Context;
  readonly delivery: Delivery;
}

/** How something that a person did ended. */
export interface Done {
  readonly ok: boolean;
  /** What the person is told: `operation_timeout`, `dispatch_failed`, or why Slack itself refused. */
  readonly error?: string;
  /** What the app acknowledged with; empty where it said nothing. */
  readonly response: Json;
  /** The status over HTTP; 0 where nothing came back, and 200 over a socket. */
  readonly status: number;
}

export function refused(error: string): Done {
  return { ok: false, error, response: {}, status: 0 };
}

/** Why this person can do nothing here. */
export function barred(person: Person, channel: Channel): string | undefined {
  if (person.kind === 'deleted') return 'account_inactive';
  if (!channel.members.has(person.id)) return 'not_in_channel';
  return undefined;
}

export function canSee(person: Person, { ephemeralTo, deleted }: Message): boolean {
  return !deleted && (ephemeralTo === undefined || ephemeralTo === person.id);
}
