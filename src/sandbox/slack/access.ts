import { SlackError } from './slack-error.ts';
import type { Channel, Workspace } from './state.ts';
import { openDirect } from './workspace.ts';

/** The conversation as far as the app can see it, by id, `#name`, or a person's id. */
export function visibleChannel(workspace: Workspace, wanted: string): Channel {
  const { channels, people, app } = workspace;
  const person = people.get(wanted);
  if (person !== undefined) return directWith(workspace, person.id);
  const name = wanted.replace(/^#/, '');
  const channel = channels.get(wanted) ?? Array.from(channels.values()).find((one) => one.name === name);
  if (channel === undefined) throw new SlackError('channel_not_found');
  if (channel.kind !== 'public' && !channel.members.has(app.botUser)) throw new SlackError('channel_not_found');
  return channel;
}

/** The conversation, where the app may write into it. */
export function writableChannel(workspace: Workspace, wanted: string, scopes: ReadonlySet<string>): Channel {
  const channel = visibleChannel(workspace, wanted);
  const isMember = channel.members.has(workspace.app.botUser);
  const mayAnyway = channel.kind === 'public' && scopes.has('chat:write.public');
  if (channel.archived) throw new SlackError('is_archived');
  if (!isMember && !mayAnyway) throw new SlackError('not_in_channel');
  return channel;
}

/** Opens the app's conversation with a person. */
export function directWith(workspace: Workspace, user: string): Channel {
  const person = workspace.people.get(user);
  if (person === undefined) throw new SlackError('user_not_found');
  if (person.kind === 'bot') throw new SlackError('cannot_dm_bot');
  if (person.kind === 'deleted') throw new SlackError('user_disabled');
  if (person.kind === 'stranger') throw new SlackError('channel_not_found');
  return openDirect(workspace, user);
}

/** The channels that a person sees: public ones, and those they are in. Guests see only the latter. */
export function seenBy({ channels, people }: Workspace, user: string): readonly Channel[] {
  const isInside = people.get(user)?.kind === 'member';
  return Array.from(channels.values()).filter(
    ({ kind, members }) => members.has(user) || (isInside && kind === 'public'),
  );
}
