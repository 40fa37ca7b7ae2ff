import { visibleChannel, writableChannel } from '../access.ts';
import { checkBlocks, readBlocks } from '../blocks/validate.ts';
import type { Context } from '../context.ts';
import { given, isJson, isTrue, type Json, list, parsed, text } from '../json.ts';
import { addMessage, deleteMessage, editMessage, findMessage, storedMessage } from '../messages.ts';
import { SlackError } from '../slack-error.ts';
import type { Content, Message, Workspace } from '../state.ts';
import { messageJson } from '../wire.ts';
import { type Method, required } from './method.ts';

const mostText = 40_000;
const mostMetadata = 16_000;

export const chat: Readonly<Record<string, Method>> = {
  'chat.postMessage': ({ workspace, settings }, args) => {
    const channel = writableChannel(workspace, required(args, 'channel', 'channel_not_found'), settings.scopes);
    const message = addMessage(workspace, {
      ...contentOf(args),
      channel: channel.id,
      user: workspace.app.botUser,
      ...threadOf(workspace, channel.id, args.thread_ts),
      broadcast: isTrue(args.reply_broadcast),
    });
    return { channel: channel.id, ts: message.ts, message: messageJson(workspace, message, true) };
  },
  'chat.postEphemeral': ({ workspace, settings }, args) => {
    const channel = writableChannel(workspace, required(args, 'channel', 'channel_not_found'), settings.scopes);
    const user = required(args, 'user');
    if (!channel.members.has(user)) throw new SlackError('user_not_in_channel');
    const message = addMessage(workspace, {
      ...contentOf(args),
      channel: channel.id,
      user: workspace.app.botUser,
      ephemeralTo: user,
      ...threadOf(workspace, channel.id, args.thread_ts),
    });
    return { message_ts: message.ts };
  },
  'chat.update': ({ workspace, settings }, args) => {
    const { message, channel } = own(workspace, settings.scopes, args, 'cant_update_message');
    const changed = editMessage(workspace, message, contentOf(args));
    return { channel, ts: message.ts, text: text(args.text), message: messageJson(workspace, changed, true) };
  },
  'chat.delete': ({ workspace, settings }, args) => {
    const { message, channel } = own(workspace, settings.scopes, args, 'cant_delete_message');
    deleteMessage(workspace, message);
    return { channel, ts: message.ts };
  },
  'chat.getPermalink': ({ workspace, settings }, args) => {
    const channel = visibleChannel(workspace, required(args, 'channel', 'channel_not_found'));
    const { ts } = findMessage(workspace, channel.id, required(args, 'message_ts', 'message_not_found'));
    return { channel: channel.id, permalink: `${settings.url}/archives/${channel.id}/p${ts.replace('.', '')}` };
  },
};

/** A message that the app wrote itself. */
function own(workspace: Workspace, scopes: Context['settings']['scopes'], args: Json, refusal: string) {
  const channel = writableChannel(workspace, required(args, 'channel', 'channel_not_found'), scopes).id;
  const message = findMessage(workspace, channel, required(args, 'ts', 'message_not_found'));
  if (message.user !== workspace.app.botUser) throw new SlackError(refusal);
  return { message, channel };
}

/** What a message is to show. Throws what Slack does not take. */
export function contentOf(args: Json): Content {
  const blocks = [...readBlocks(parsed(args.blocks)), ...markdownOf(args)];
  const shown = text(args.text);
  if (list(parsed(args.attachments)).length > 0) {
    throw new SlackError('invalid_attachments', {
      response_metadata: { messages: ['[ERROR] the sandbox knows blocks, not attachments'] },
    });
  }
  if (shown === '' && blocks.length === 0) throw new SlackError('no_text');
  if (shown.length > mostText) throw new SlackError('msg_too_long');
  checkBlocks(blocks);
  return { text: shown, blocks, ...metadataOf(args.metadata) };
}

function markdownOf(args: Json): readonly Json[] {
  const markdown = given(args.markdown_text);
  if (markdown === undefined) return [];
  if (given(args.text) !== undefined || given(args.blocks) !== undefined)
    throw new SlackError('markdown_text_conflict');
  return [{ type: 'markdown', text: markdown }];
}

function metadataOf(value: unknown): { readonly metadata?: Json } {
  if (value === undefined || value === '') return {};
  const metadata = parsed(value);
  if (!isJson(metadata) || typeof metadata.event_type !== 'string' || !isJson(metadata.event_payload)) {
    throw new SlackError('invalid_metadata_format');
  }
  if (JSON.stringify(metadata).length > mostMetadata) throw new SlackError('metadata_too_large');
  return { metadata };
}

/** Replies belong to the root of a thread, also where they answer another reply. */
export function threadOf(workspace: Workspace, channel: string, value: unknown): { readonly threadTs?: string } {
  const ts = given(value);
  if (ts === undefined) return {};
  if (!/^\d+\.\d{6}$/.test(ts)) throw new SlackError('invalid_thread_ts');
  const root: Message | undefined = storedMessage(workspace, channel, ts);
  if (root === undefined || root.ephemeralTo !== undefined) throw new SlackError('thread_not_found');
  return { threadTs: root.threadTs ?? root.ts };
}
