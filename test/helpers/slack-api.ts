import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parse } from 'node:querystring';

export interface Posted {
  ts: string;
  channel: string;
  thread?: string;
  text: string;
  blocks: unknown[];
  metadata?: { event_payload: { request_id: string; part: string } };
  files?: { name: string; content: string }[];
  /** Shown in the channel too. */
  broadcast?: true;
}

/**
 * What happens to one call: an error of Slack's, an HTTP status, or `lost`: done, but the connection ends before the
 * answer. `dropped`: not done, and the connection ends.
 */
export type Fault =
  | { readonly error: string }
  | { readonly status: number; readonly retryAfter?: number }
  | 'lost'
  | 'dropped';

/** The few methods of the Web API that deliver messages, with faults for the calls to come. */
export interface SlackApi {
  readonly url: string;
  readonly messages: Posted[];
  readonly calls: string[];
  /** Applies to the next calls of the method, one each; `undefined` lets one through. */
  fail(method: string, ...faults: (Fault | undefined)[]): void;
  /** Applies to every call it gives a fault for. */
  failWhen(rule: (method: string, args: Record<string, string>) => Fault | undefined): void;
  close(): Promise<void>;
}

export async function startSlackApi(): Promise<SlackApi> {
  const messages: Posted[] = [];
  const calls: string[] = [];
  const uploads = new Map<string, { name: string; content: string }>();
  const scripted = new Map<string, (Fault | undefined)[]>();
  let rule: (method: string, args: Record<string, string>) => Fault | undefined = () => undefined;
  let clock = Math.floor(Date.now() / 1000);

  const methods: Record<string, (args: Record<string, string>) => object> = {
    'auth.test': () => ({ team_id: 'T1', user: 'meshbot', user_id: 'UBOT', bot_id: 'BBOT' }),
    'conversations.open': ({ users }) => ({ channel: { id: `D${users}` } }),
    'chat.postMessage'({ channel = '', thread_ts, text = '', blocks = '[]', metadata = '{}', reply_broadcast }) {
      clock += 1;
      const ts = `${clock}.000100`;
      messages.push({
        ts,
        channel,
        text,
        blocks: JSON.parse(blocks),
        metadata: JSON.parse(metadata),
        ...(thread_ts !== undefined && { thread: thread_ts }),
        ...(reply_broadcast === 'true' && { broadcast: true }),
      });
      return { ts, channel };
    },
    'chat.update'({ channel, ts, text = '', blocks = '[]' }) {
      const message = messages.find((one) => one.channel === channel && one.ts === ts);
      if (message === undefined) return { ok: false, error: 'message_not_found' };
      Object.assign(message, { text, blocks: JSON.parse(blocks) });
      return { ts };
    },
    'chat.getPermalink': ({ channel, message_ts }) => ({ permalink: `https://slack.test/${channel}/${message_ts}` }),
    'conversations.history': ({ channel }) => ({
      messages: messages.filter((one) => one.channel === channel && one.thread === undefined),
    }),
    'conversations.replies': ({ channel, ts }) => ({
      messages: messages.filter((one) => one.channel === channel && (one.thread === ts || one.ts === ts)),
    }),
    'files.getUploadURLExternal'({ filename = '' }) {
      const id = `F${uploads.size + 1}`;
      uploads.set(id, { name: filename, content: '' });
      return { upload_url: `${url}upload/${id}`, file_id: id };
    },
    'files.completeUploadExternal'({ files = '[]', channel_id = '', thread_ts = '' }) {
      clock += 1;
      const shared = (JSON.parse(files) as { id: string }[]).map(
        ({ id }) => uploads.get(id) ?? { name: '', content: '' },
      );
      messages.push({
        ts: `${clock}.000200`,
        channel: channel_id,
        thread: thread_ts,
        text: '',
        blocks: [],
        files: shared,
      });
      return { files: JSON.parse(files) };
    },
  };

  const server = createServer(async (request, response) => {
    const body = await textOf(request);
    const method = (request.url ?? '').replace('/api/', '');
    if (method.startsWith('upload/')) {
      const upload = uploads.get(method.replace('upload/', ''));
      if (upload !== undefined) upload.content = body;
      return void response.end('OK');
    }
    calls.push(method);
    const args = Object.fromEntries(Object.entries(parse(body)).map(([name, value]) => [name, String(value)]));
    const fault = scripted.get(method)?.shift() ?? rule(method, args);
    const done = fault === undefined || fault === 'lost' ? methods[method]?.(args) : undefined;
    reply(response, fault, done ?? { ok: false, error: 'unknown_method' });
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`;
  return {
    url,
    messages,
    calls,
    fail: (method, ...faults) => void scripted.set(method, faults),
    failWhen(next) {
      rule = next;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function reply(response: ServerResponse, fault: Fault | undefined, done: object): void {
  if (fault === 'lost' || fault === 'dropped') return void response.destroy();
  if (fault === undefined) return void response.end(JSON.stringify({ ok: true, ...done }));
  if ('error' in fault) return void response.end(JSON.stringify({ ok: false, error: fault.error }));
  response.writeHead(fault.status, fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) });
  response.end('<html>busy</html>');
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
