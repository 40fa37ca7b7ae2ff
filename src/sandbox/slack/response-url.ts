import { randomBytes } from 'node:crypto';
import { type Context, logCall } from './context.ts';
import { isTrue, type Json } from './json.ts';
import { addMessage, deleteMessage, editMessage, storedMessage } from './messages.ts';
import { contentOf, threadOf } from './methods/chat.ts';
import { SlackError } from './slack-error.ts';
import { keep, type ResponseUrl } from './state.ts';

const goodForMs = 30 * 60_000;
const uses = 5;
const most = 10_000;

export function newResponseUrl(
  { workspace, settings }: Context,
  place: Omit<ResponseUrl, 'expiresAt' | 'usesLeft'>,
): string {
  const id = randomBytes(18).toString('hex');
  const expiresAt = workspace.now() + goodForMs;
  keep(workspace.responseUrls, id, { ...place, expiresAt, usesLeft: uses }, most);
  return `${settings.url}/response/${id}`;
}

/** What a post to a response URL is answered with. */
export function respond(context: Context, id: string, body: Json): { readonly status: number; readonly body: Json } {
  const answered = answer(context, id, body);
  logCall(context, 'response_url', body, answered.status === 200 ? 'ok' : String(answered.body.error));
  return answered;
}

function answer(context: Context, id: string, body: Json): { readonly status: number; readonly body: Json } {
  const { workspace } = context;
  const place = workspace.responseUrls.get(id);
  if (place === undefined || workspace.now() > place.expiresAt) return refused(404, 'expired_url');
  if (place.usesLeft === 0) return refused(404, 'used_url');
  place.usesLeft -= 1;
  try {
    write(context, place, body);
    return { status: 200, body: { ok: true } };
  } catch (error) {
    if (!(error instanceof SlackError)) throw error;
    return refused(error.code === 'no_text' ? 500 : 400, error.code, error.more);
  }
}

function write({ workspace }: Context, place: ResponseUrl, body: Json): void {
  const original = place.message && storedMessage(workspace, place.channel, place.message.ts);
  if (isTrue(body.delete_original)) {
    if (original === undefined) throw new SlackError('message_not_found');
    deleteMessage(workspace, original);
    return;
  }
  const content = contentOf(body);
  if (isTrue(body.replace_original) && original !== undefined) {
    editMessage(workspace, original, content);
    return;
  }
  const inThread = threadOf(workspace, place.channel, body.thread_ts ?? place.threadTs);
  addMessage(workspace, {
    ...content,
    ...inThread,
    channel: place.channel,
    user: workspace.app.botUser,
    ...(body.response_type !== 'in_channel' && { ephemeralTo: place.user }),
  });
}

function refused(status: number, error: string, more: Json = {}): { readonly status: number; readonly body: Json } {
  return { status, body: { ok: false, error, ...more } };
}
