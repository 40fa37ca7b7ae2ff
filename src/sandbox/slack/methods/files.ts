import { writableChannel } from '../access.ts';
import type { Context } from '../context.ts';
import { given, type Json, newId, parsed, records, text } from '../json.ts';
import { addMessage } from '../messages.ts';
import { SlackError } from '../slack-error.ts';
import { keep, type StoredFile, type Workspace } from '../state.ts';
import { fileJson } from '../wire.ts';
import { contentOf, threadOf } from './chat.ts';
import { type Method, required } from './method.ts';

const mostFiles = 100;
const mostBytes = 100_000_000;

export const files: Readonly<Record<string, Method>> = {
  'files.getUploadURLExternal': ({ workspace, settings }, args) => {
    const name = required(args, 'filename');
    const length = Number(required(args, 'length'));
    if (!Number.isInteger(length) || length < 1) throw new SlackError('invalid_arguments');
    const id = newId('F');
    const snippet = given(args.snippet_type);
    const file: StoredFile = {
      id,
      name,
      title: name,
      owner: workspace.app.botUser,
      length,
      complete: false,
      shares: [],
      ...(snippet !== undefined && { snippetType: snippet }),
    };
    keep(workspace.files, id, file, mostFiles);
    return { upload_url: `${settings.url}/upload/${id}`, file_id: id };
  },
  'files.completeUploadExternal': (context, args) => {
    const { workspace, settings } = context;
    const wanted = records(parsed(args.files));
    if (wanted.length === 0) throw new SlackError('invalid_arguments');
    const uploaded = wanted.map((one) => uploadedFile(workspace, one));
    const channel = given(args.channel_id);
    if (channel !== undefined) {
      if (!/^[CDG]/.test(channel)) throw new SlackError('invalid_channel');
      const { id } = writableChannel(workspace, channel, settings.scopes);
      const thread = threadOf(workspace, id, args.thread_ts);
      const words = { text: text(args.initial_comment), blocks: args.blocks ?? [] };
      const content =
        words.text === '' && given(args.blocks) === undefined ? { text: '', blocks: [] } : contentOf(words as Json);
      shareSoon(context, () => share(workspace, id, { ...content, ...thread }, uploaded));
    }
    return { files: uploaded.map((file) => fileJson(file)) };
  },
  'files.info': ({ workspace }, args) => {
    const file = workspace.files.get(required(args, 'file', 'file_not_found'));
    if (file === undefined || !file.complete) throw new SlackError('file_not_found');
    return { file: fileJson(file) };
  },
};

/** Takes what was sent to an upload URL. False where nobody asked for one, or for another length. */
export function takeUpload(workspace: Workspace, id: string, content: Buffer): boolean {
  const file = workspace.files.get(id);
  if (file === undefined || file.complete || content.length !== file.length) return false;
  workspace.files.set(id, { ...file, content });
  forgetOldest(workspace);
  return true;
}

function forgetOldest({ files }: Workspace): void {
  let bytes = Array.from(files.values()).reduce((sum, { content }) => sum + (content?.length ?? 0), 0);
  for (const [id, { content }] of files) {
    if (bytes <= mostBytes) return;
    bytes -= content?.length ?? 0;
    files.delete(id);
  }
}

function uploadedFile(workspace: Workspace, wanted: Json): StoredFile {
  const file = workspace.files.get(text(wanted.id));
  if (file?.content === undefined) throw new SlackError('file_not_found');
  const complete = { ...file, complete: true, title: given(wanted.title) ?? file.name };
  workspace.files.set(file.id, complete);
  return complete;
}

/** Slack answers first; the message with the file follows. */
function shareSoon({ settings }: Context, share: () => void): void {
  if (settings.fileShareMs <= 0) share();
  else setTimeout(share, settings.fileShareMs).unref();
}

function share(
  workspace: Workspace,
  channel: string,
  content: ReturnType<typeof contentOf> & { readonly threadTs?: string },
  uploaded: readonly StoredFile[],
): void {
  const ids = uploaded.map(({ id }) => id);
  const { ts } = addMessage(workspace, { ...content, channel, user: workspace.app.botUser, files: ids });
  for (const id of ids) {
    const file = workspace.files.get(id);
    if (file !== undefined) workspace.files.set(id, { ...file, shares: [...file.shares, { channel, ts }] });
  }
}
