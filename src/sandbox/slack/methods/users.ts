import { visibleChannel } from '../access.ts';
import { isTrue, type Json } from '../json.ts';
import { findMessage, replace } from '../messages.ts';
import { SlackError } from '../slack-error.ts';
import type { Person, Workspace } from '../state.ts';
import { userJson } from '../wire.ts';
import { type Method, page, required } from './method.ts';

export const users: Readonly<Record<string, Method>> = {
  'users.info': ({ workspace }, args) => {
    const person = workspace.people.get(required(args, 'user', 'user_not_found'));
    if (person === undefined) throw new SlackError('user_not_found');
    return { user: seenFromHere(workspace, person) };
  },
  'users.list': ({ workspace }, args) => {
    const { items, rest } = page(Array.from(workspace.people.values()), args);
    return { members: items.map((person) => seenFromHere(workspace, person)), ...rest };
  },
  'usergroups.list': ({ workspace }, args) => ({
    usergroups: workspace.groups.map(({ id, handle, name, users: members }) => ({
      id,
      team_id: workspace.team.id,
      is_usergroup: true,
      handle,
      name,
      description: '',
      user_count: members.length,
      date_delete: 0,
      ...(isTrue(args.include_users) && { users: members }),
    })),
  }),
  'usergroups.users.list': ({ workspace }, args) => {
    const group = workspace.groups.find(({ id }) => id === required(args, 'usergroup'));
    if (group === undefined) throw new SlackError('no_such_subteam');
    return { users: group.users };
  },
  'reactions.add': ({ workspace }, args) => {
    const channel = visibleChannel(workspace, required(args, 'channel', 'channel_not_found'));
    const message = findMessage(workspace, channel.id, required(args, 'timestamp', 'message_not_found'));
    const name = required(args, 'name', 'invalid_name');
    const { botUser } = workspace.app;
    const other = message.reactions.filter((one) => one.name !== name);
    const before = message.reactions.find((one) => one.name === name)?.users ?? [];
    if (before.includes(botUser)) throw new SlackError('already_reacted');
    replace(workspace, { ...message, reactions: [...other, { name, users: [...before, botUser] }] });
    return {};
  },
};

/** Slack calls only those of another workspace strangers who are in no channel that the app can see. */
function seenFromHere({ channels, app }: Workspace, person: Person): Json {
  const meets = Array.from(channels.values()).some(({ members }) => members.has(person.id) && members.has(app.botUser));
  return { ...userJson(person), ...(person.kind === 'stranger' && { is_stranger: !meets }) };
}
