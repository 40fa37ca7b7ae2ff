import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Stage } from '../acts/stage.ts';
import { argsOf, sendJson, sendText } from '../http.ts';
import { SlackError } from '../slack-error.ts';
import type { Person } from '../state.ts';
import { mimeOf } from '../wire.ts';
import { acts } from './done.ts';
import { seen } from './seen.ts';
import { sendPageFile } from './static.ts';

/** What the workspace's web page asks for. */
export interface Page {
  answer(request: IncomingMessage, response: ServerResponse, pathname: string): Promise<void>;
  close(): void;
}

const coalesceMs = 50;

export function createPage(stage: Stage): Page {
  const { workspace } = stage.context;
  const streams = new Set<ServerResponse>();
  let pending: NodeJS.Timeout | undefined;
  const stop = workspace.onChange(() => {
    pending ??= setTimeout(() => {
      pending = undefined;
      for (const stream of streams) stream.write('event: changed\ndata: {}\n\n');
    }, coalesceMs).unref();
  });

  return {
    answer(request, response, pathname) {
      if (request.method === 'POST') return act(stage, request, response, pathname);
      if (pathname === '/sandbox/events') return stream(response, streams);
      return read(stage, request, response, pathname);
    },
    close() {
      stop();
      clearTimeout(pending);
      for (const stream of streams) stream.end();
    },
  };
}

async function stream(response: ServerResponse, streams: Set<ServerResponse>): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write(': listening\n\n');
  streams.add(response);
  response.on('close', () => streams.delete(response));
}

async function read(stage: Stage, request: IncomingMessage, response: ServerResponse, pathname: string): Promise<void> {
  const [, area, name = ''] = /^\/([^/]*)\/?(.*)$/.exec(pathname) ?? [];
  if (pathname === '/') return sendPageFile(response, 'index.html');
  if (area === 'page') return sendPageFile(response, name);
  if (area === 'archives') return sendToMessage(response, name);
  if (area !== 'sandbox') return sendText(response, 'There is nothing here.', 404);
  if (name.startsWith('file/')) return sendFile(stage, response, name.slice('file/'.length));
  const person = personOf(stage, new URL(request.url ?? '/', 'http://localhost').searchParams.get('as'));
  if (name !== 'state' || person === undefined) return sendJson(response, { ok: false, error: 'not_found' }, 404);
  sendJson(response, seen(stage.context, person), 200, { 'cache-control': 'no-store' });
}

async function act(stage: Stage, request: IncomingMessage, response: ServerResponse, pathname: string): Promise<void> {
  const run = Object.entries(acts).find(([name]) => pathname === `/sandbox/${name}`)?.[1];
  const isJson = String(request.headers['content-type']).startsWith('application/json');
  if (run === undefined || !isJson) return sendJson(response, { ok: false, error: 'not_found' }, 404);
  const body = await argsOf(request);
  const person = personOf(stage, String(body.as));
  if (person === undefined) return sendJson(response, { ok: false, error: 'user_not_found' });
  try {
    sendJson(response, await run(stage, person, body));
  } catch (error) {
    if (!(error instanceof SlackError)) throw error;
    sendJson(response, { ok: false, error: error.code });
  }
}

/** The first member, where nobody is named. */
function personOf({ context }: Stage, id: string | null): Person | undefined {
  const { people } = context.workspace;
  return id === null ? people.values().next().value : people.get(id);
}

function sendFile({ context }: Stage, response: ServerResponse, id: string): void {
  const file = context.workspace.files.get(id);
  if (file?.content === undefined || !file.complete) {
    sendText(response, 'There is no such file.', 404);
    return;
  }
  response.writeHead(200, {
    'content-type': mimeOf(file),
    'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`,
    'content-security-policy': 'sandbox',
    'x-content-type-options': 'nosniff',
  });
  response.end(file.content);
}

/** A permalink leads to the message on the page. */
function sendToMessage(response: ServerResponse, name: string): void {
  const [, channel = '', seconds = '', rest = ''] = /^(\w+)\/p(\d+)(\d{6})$/.exec(name) ?? [];
  response.writeHead(302, { location: `/#channel=${channel}&thread=${seconds}.${rest}` });
  response.end();
}
