import { seenBy } from '../access.ts';
import { canSee } from '../acts/stage.ts';
import type { Context } from '../context.ts';
import type { Json } from '../json.ts';
import { currentOf, messagesIn } from '../messages.ts';
import { topModal } from '../modals.ts';
import type { Channel, Message, Person, Workspace } from '../state.ts';
import { fileJson, filesOf, viewJson } from '../wire.ts';

/** All that one person sees of the workspace, for the page. */
export function seen({ workspace, settings }: Context, person: Person): Json {
  const channels = seenBy(workspace, person.id);
  const home = workspace.views.get(workspace.homes.get(person.id) ?? '');
  const modal = topModal(workspace, person.id);
  return {
    team: { id: workspace.team.id, name: workspace.team.name },
    me: personSeen(person),
    users: Array.from(workspace.people.values(), personSeen),
    channels: channels.map((channel) => channelSeen(workspace, person, channel)),
    messages: Object.fromEntries(channels.map(({ id }) => [id, messagesSeen(workspace, person, id)])),
    home: home === undefined ? null : { id: home.id, blocks: home.body.blocks },
    modal: modal === undefined ? null : { id: modal.id, view: viewJson(workspace, modal) },
    commands: settings.commands.map(({ command, description, usageHint }) => ({ command, description, usageHint })),
    shortcuts: settings.shortcuts,
  };
}

function personSeen({ id, name, realName, kind }: Person): Json {
  return { id, name, realName, kind };
}

function channelSeen({ people, app }: Workspace, person: Person, channel: Channel): Json {
  const { id, name, kind, members, topic, archived, shared } = channel;
  return {
    id,
    name: kind === 'im' ? people.get(app.botUser)?.name : name,
    kind,
    isMember: members.has(person.id),
    botIsMember: members.has(app.botUser),
    topic,
    archived,
    shared,
  };
}

function messagesSeen(workspace: Workspace, person: Person, channel: string): readonly Json[] {
  const visible = messagesIn(workspace, channel).filter((message) => canSee(person, message));
  const replies = Map.groupBy(visible, ({ threadTs }) => threadTs);
  return visible.map((message) => ({
    ...messageSeen(workspace, message),
    ...(replies.has(message.ts) && { reply_count: replies.get(message.ts)?.length }),
  }));
}

function messageSeen(workspace: Workspace, message: Message): Json {
  const { ts, user, threadTs, editedTs, ephemeralTo } = message;
  const { text, blocks } = currentOf(message);
  const files = filesOf(workspace, message).map(fileJson);
  return {
    ts,
    user,
    text,
    ...(blocks.length > 0 && { blocks }),
    ...(threadTs !== undefined && { thread_ts: threadTs }),
    ...(editedTs !== undefined && { edited: { ts: editedTs } }),
    ...(ephemeralTo !== undefined && { ephemeral: true }),
    ...(files.length > 0 && { files }),
    ...(message.reactions.length > 0 && { reactions: message.reactions }),
  };
}
