import type { Json } from './json.ts';
import { currentOf, messagesIn } from './messages.ts';
import type { Channel, Message, Person, StoredFile, View, Workspace } from './state.ts';

/** A message as the Web API and payloads carry it. */
export function messageJson(workspace: Workspace, message: Message, withMetadata = false): Json {
  const { text, blocks, metadata } = currentOf(message);
  const isBot = message.user === workspace.app.botUser;
  return {
    type: 'message',
    user: message.user,
    ts: message.ts,
    text,
    team: workspace.people.get(message.user)?.team ?? workspace.team.id,
    ...(isBot && { bot_id: workspace.app.botId, app_id: workspace.app.id }),
    ...(blocks.length > 0 && { blocks }),
    ...(message.threadTs !== undefined && {
      thread_ts: message.threadTs,
      parent_user_id: rootUser(workspace, message),
    }),
    ...(message.editedTs !== undefined && { edited: { user: message.user, ts: message.editedTs } }),
    ...(message.files.length > 0 && { files: filesOf(workspace, message).map(fileJson), upload: true }),
    ...(message.reactions.length > 0 && {
      reactions: message.reactions.map(({ name, users }) => ({ name, users, count: users.length })),
    }),
    ...(withMetadata && metadata !== undefined && { metadata }),
    ...repliesOf(workspace, message),
  };
}

function rootUser({ messages }: Workspace, { channel, threadTs }: Message): string | undefined {
  return messages.get(channel)?.find(({ ts }) => ts === threadTs)?.user;
}

function repliesOf(workspace: Workspace, { channel, ts }: Message): Json {
  const replies = messagesIn(workspace, channel).filter((one) => one.threadTs === ts && one.ephemeralTo === undefined);
  const last = replies.at(-1);
  if (last === undefined) return {};
  const users = [...new Set(replies.map(({ user }) => user))];
  return {
    thread_ts: ts,
    reply_count: replies.length,
    reply_users: users,
    reply_users_count: users.length,
    latest_reply: last.ts,
  };
}

export function filesOf({ files }: Workspace, message: Message): readonly StoredFile[] {
  return message.files.flatMap((id) => files.get(id) ?? []);
}

export function mimeOf({ name, snippetType }: Pick<StoredFile, 'name' | 'snippetType'>): string {
  if (snippetType !== undefined) return 'text/plain';
  const types: Readonly<Record<string, string>> = {
    json: 'application/json',
    yaml: 'text/yaml',
    yml: 'text/yaml',
    txt: 'text/plain',
    md: 'text/markdown',
    csv: 'text/csv',
    diff: 'text/plain',
    svg: 'image/svg+xml',
    png: 'image/png',
    gz: 'application/gzip',
  };
  return types[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
}

export function fileJson(file: StoredFile): Json {
  const shares = Object.groupBy(file.shares, ({ channel }) => channel);
  return {
    id: file.id,
    name: file.name,
    title: file.title,
    user: file.owner,
    size: file.length,
    mimetype: mimeOf(file),
    filetype: file.snippetType ?? file.name.split('.').at(-1) ?? 'binary',
    mode: file.snippetType === undefined ? 'hosted' : 'snippet',
    channels: Object.keys(shares),
    shares: {
      public: Object.fromEntries(Object.entries(shares).map(([id, all = []]) => [id, all.map(({ ts }) => ({ ts }))])),
    },
  };
}

export function channelJson(workspace: Workspace, channel: Channel): Json {
  const { id, name, kind, members, topic, archived, shared } = channel;
  const { botUser } = workspace.app;
  const common = {
    id,
    created: 1_700_000_000,
    is_archived: archived,
    is_im: kind === 'im',
    is_mpim: false,
    is_private: kind !== 'public',
    is_ext_shared: shared,
    is_shared: shared,
    is_org_shared: false,
    is_pending_ext_shared: false,
    context_team_id: workspace.team.id,
  };
  if (kind === 'im') return { ...common, user: Array.from(members).find((one) => one !== botUser), is_open: true };
  return {
    ...common,
    name,
    name_normalized: name,
    is_channel: kind === 'public',
    is_group: kind === 'private',
    is_general: false,
    is_member: members.has(botUser),
    num_members: members.size,
    topic: { value: topic, creator: '', last_set: 0 },
    purpose: { value: '', creator: '', last_set: 0 },
    ...(shared && { connected_team_ids: [workspace.otherTeam.id] }),
  };
}

export function userJson({ id, name, realName, kind, team, timeZone }: Person): Json {
  return {
    id,
    team_id: team,
    name,
    deleted: kind === 'deleted',
    real_name: realName,
    tz: timeZone,
    profile: { real_name: realName, display_name: name, team },
    is_admin: false,
    is_owner: false,
    is_bot: kind === 'bot',
    is_app_user: false,
    is_restricted: kind === 'guest' || kind === 'ultra',
    is_ultra_restricted: kind === 'ultra',
  };
}

/** A view as payloads carry it, with what was entered in `state.values`. */
export function viewJson(
  workspace: Workspace,
  { id, hash, body, type, rootId, previousId }: View,
  values: Json = {},
): Json {
  const { team, app } = workspace;
  return {
    private_metadata: '',
    callback_id: '',
    external_id: '',
    clear_on_close: false,
    notify_on_close: false,
    close: null,
    submit: null,
    ...body,
    id,
    hash,
    type,
    team_id: team.id,
    app_id: app.id,
    app_installed_team_id: team.id,
    bot_id: app.botId,
    root_view_id: rootId,
    previous_view_id: previousId ?? null,
    state: { values },
  };
}
