import { newId } from './json.ts';
import { SlackError } from './slack-error.ts';
import type { Content, Message, Version, Workspace } from './state.ts';

const mostMessages = 1_000;
const mostVersions = 100;

interface NewMessage extends Content {
  readonly channel: string;
  readonly user: string;
  readonly threadTs?: string;
  readonly ephemeralTo?: string;
  readonly files?: readonly string[];
  readonly broadcast?: boolean;
}

export function addMessage(workspace: Workspace, wanted: NewMessage): Message {
  const { channel, user, threadTs, ephemeralTo, files = [], broadcast = false } = wanted;
  const message: Message = {
    channel,
    ts: workspace.nextTs(),
    user,
    files,
    broadcast,
    versions: [version(workspace, wanted)],
    deleted: false,
    reactions: [],
    ...(threadTs !== undefined && { threadTs }),
    ...(ephemeralTo !== undefined && { ephemeralTo }),
  };
  const kept = workspace.messages.get(channel) ?? [];
  workspace.messages.set(channel, [...kept, message].slice(-mostMessages));
  workspace.changed();
  return message;
}

export function editMessage(workspace: Workspace, message: Message, content: Content): Message {
  const last = currentOf(message);
  const shown = { ...(last.metadata !== undefined && { metadata: last.metadata }), ...content };
  const [first, ...later] = [...message.versions, version(workspace, shown)].slice(-mostVersions);
  if (first === undefined) return message;
  // Slack marks only edited text: a message with blocks changes silently.
  const edited = content.blocks.length === 0 ? { editedTs: workspace.nextTs() } : {};
  return replace(workspace, { ...message, ...edited, versions: [first, ...later] });
}

export function deleteMessage(workspace: Workspace, message: Message): void {
  replace(workspace, { ...message, deleted: true });
}

export function replace(workspace: Workspace, message: Message): Message {
  const kept = workspace.messages.get(message.channel) ?? [];
  workspace.messages.set(
    message.channel,
    kept.map((one) => (one.ts === message.ts ? message : one)),
  );
  workspace.changed();
  return message;
}

/** The message itself, whoever may see it. */
export function storedMessage(workspace: Workspace, channel: string, ts: string): Message | undefined {
  return workspace.messages.get(channel)?.find((message) => message.ts === ts);
}

/** What the Web API can find: nothing that was deleted, nothing that one person alone sees. */
export function findMessage(workspace: Workspace, channel: string, ts: string): Message {
  const found = storedMessage(workspace, channel, ts);
  if (found === undefined || found.deleted || found.ephemeralTo !== undefined)
    throw new SlackError('message_not_found');
  return found;
}

export function currentOf({ versions }: Message): Version {
  return versions.at(-1) ?? versions[0];
}

/** Everything said in the channel that is still there, oldest first. */
export function messagesIn(workspace: Workspace, channel: string): readonly Message[] {
  return (workspace.messages.get(channel) ?? []).filter(({ deleted }) => !deleted);
}

/** The root first, then its replies. */
export function threadOf(workspace: Workspace, channel: string, ts: string): readonly Message[] {
  return messagesIn(workspace, channel).filter((message) => message.ts === ts || message.threadTs === ts);
}

/** Slack gives every block an id where the app gives none. */
function version(workspace: Workspace, { text, blocks, metadata }: Content): Version {
  const named = blocks.map((block) => ({ ...block, block_id: block.block_id ?? newId('').slice(1, 6) }));
  return { text, blocks: named, at: workspace.now(), ...(metadata !== undefined && { metadata }) };
}
