import { directWith, visibleChannel } from '../access.ts';
import { given, isTrue, type Json, text } from '../json.ts';
import { messagesIn, threadOf } from '../messages.ts';
import { SlackError } from '../slack-error.ts';
import type { Channel, Message, Workspace } from '../state.ts';
import { channelJson, messageJson } from '../wire.ts';
import { type Method, page, required } from './method.ts';

export const conversations: Readonly<Record<string, Method>> = {
  'conversations.open': ({ workspace }, args) => {
    const users = required(args, 'users', 'users_list_not_supplied').split(',');
    if (users.length > 1) throw new SlackError('method_not_supported_for_channel_type');
    const channel = directWith(workspace, users[0] ?? '');
    return { channel: isTrue(args.return_im) ? channelJson(workspace, channel) : { id: channel.id } };
  },
  'conversations.info': ({ workspace }, args) => ({
    channel: channelJson(workspace, visibleChannel(workspace, required(args, 'channel', 'channel_not_found'))),
  }),
  'conversations.history': ({ workspace }, args) => {
    const channel = readable(workspace, args);
    const roots = messagesIn(workspace, channel.id).filter(
      ({ threadTs, broadcast }) => threadTs === undefined || broadcast,
    );
    return found(workspace, between(roots, args).toReversed(), args);
  },
  'conversations.replies': ({ workspace }, args) => {
    const channel = readable(workspace, args);
    const thread = threadOf(workspace, channel.id, required(args, 'ts', 'thread_not_found'));
    if (thread[0]?.ephemeralTo !== undefined || thread.length === 0) throw new SlackError('thread_not_found');
    return found(workspace, between(thread, args), args);
  },
  'conversations.members': ({ workspace }, args) => {
    const channel = visibleChannel(workspace, required(args, 'channel', 'channel_not_found'));
    const { items, rest } = page([...channel.members], args);
    return { members: items, ...rest };
  },
  'conversations.list': ({ workspace }, args) => {
    const { botUser } = workspace.app;
    const types = (given(args.types) ?? 'public_channel').split(',').map((type) => type.replace('_channel', '').trim());
    const all = Array.from(workspace.channels.values()).filter(
      ({ kind, members, archived }) =>
        types.includes(kind) &&
        (kind === 'public' || members.has(botUser)) &&
        !(archived && isTrue(args.exclude_archived)),
    );
    const { items, rest } = page(all, args);
    return { channels: items.map((channel) => channelJson(workspace, channel)), ...rest };
  },
};

function readable(workspace: Workspace, args: Json): Channel {
  const channel = visibleChannel(workspace, required(args, 'channel', 'channel_not_found'));
  if (!channel.members.has(workspace.app.botUser)) throw new SlackError('not_in_channel');
  return channel;
}

function between(messages: readonly Message[], args: Json): readonly Message[] {
  const oldest = Number(given(args.oldest) ?? 0);
  const latest = Number(given(args.latest) ?? Number.POSITIVE_INFINITY);
  const inclusive = isTrue(args.inclusive);
  return messages.filter(({ ts, ephemeralTo }) => {
    const at = Number(text(ts));
    return ephemeralTo === undefined && (inclusive ? at >= oldest && at <= latest : at > oldest && at < latest);
  });
}

function found(workspace: Workspace, messages: readonly Message[], args: Json): Json {
  const { items, rest } = page(messages, args);
  const withMetadata = isTrue(args.include_all_metadata);
  return {
    messages: items.map((message) => messageJson(workspace, message, withMetadata)),
    has_more: items.length > 0 && items.at(-1) !== messages.at(-1),
    ...rest,
  };
}
