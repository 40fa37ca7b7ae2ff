import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Stage } from './acts/stage.ts';
import type { Context } from './context.ts';
import { createDelivery } from './delivery.ts';
import { createDriver, type Driver } from './driver/driver.ts';
import { createFaults } from './faults.ts';
import { argsOf, bytesOf, sendJson, sendText } from './http.ts';
import { createLimits } from './limits.ts';
import { takeUpload } from './methods/files.ts';
import { respond } from './response-url.ts';
import { type SlackOptions, settingsFrom } from './settings.ts';
import { createSockets } from './socket-mode.ts';
import { untrusted } from './web/guard.ts';
import { createPage, type Page } from './web/page.ts';
import { answerCall } from './web-api.ts';
import { createWorkspace } from './workspace.ts';

export interface FakeSlack extends Driver {
  /** Where the workspace can be looked at with a browser. */
  readonly url: string;
  /** For `slackApiUrl`. */
  readonly apiUrl: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  close(): Promise<void>;
}

/** Starts a Slack workspace in a box, on a loopback address. Nothing of it leaves this process. */
export async function startFakeSlack(options: SlackOptions = {}): Promise<FakeSlack> {
  const context = contextOf(options);
  const { settings, sockets } = context;
  const stage: Stage = { context, delivery: createDelivery(context) };
  const page = createPage(stage);
  const server = createServer((request, response) => {
    route(context, page, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else sendJson(response, { ok: false, error: 'internal_error', reason: String(error) }, 500);
    });
  });
  server.on('upgrade', (request, socket, head) => sockets.accept(request, socket, head));
  const url = await listen(server, options.port ?? 0);
  settings.url = options.reachedAt ?? url;
  return {
    ...createDriver(stage),
    url,
    apiUrl: `${settings.url}/api/`,
    botToken: settings.botToken,
    appToken: settings.appToken,
    signingSecret: settings.signingSecret,
    async close() {
      sockets.close();
      page.close();
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      server.closeAllConnections();
      await promise;
    },
  };
}

function contextOf(options: SlackOptions): Context {
  const now = options.now ?? Date.now;
  const settings = settingsFrom(options);
  const workspace = createWorkspace(now);
  return {
    workspace,
    settings,
    faults: createFaults(),
    limits: createLimits(now, settings.rateLimits),
    sockets: createSockets(workspace.app.id),
    calls: [],
    alarms: [],
  };
}

async function route(context: Context, page: Page, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const reason = untrusted(request, context.settings.url);
  if (reason !== undefined) return sendText(response, reason, 403);
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  const [, first = '', rest = ''] = /^\/([^/]*)\/?(.*)$/.exec(pathname) ?? [];
  if (first === 'api') return answerCall(context, rest, request, response);
  if (first === 'response' && request.method === 'POST') {
    const { status, body } = respond(context, rest, await argsOf(request));
    return sendJson(response, body, status);
  }
  if (first === 'upload' && request.method === 'POST') {
    const content = await bytesOf(request);
    const taken = takeUpload(context.workspace, rest, contentOf(request, content));
    return sendText(
      response,
      taken ? `OK - ${content.length}` : 'no such upload, or another length',
      taken ? 200 : 400,
    );
  }
  return page.answer(request, response, pathname);
}

/** The bytes of the file, also where they come in a form with one part. */
function contentOf({ headers }: IncomingMessage, body: Buffer): Buffer {
  const boundary = /boundary="?([^";]+)/.exec(headers['content-type'] ?? '')?.[1];
  if (boundary === undefined) return body;
  const begin = body.indexOf('\r\n\r\n') + 4;
  const end = body.indexOf(`\r\n--${boundary}`, begin);
  return body.subarray(begin, end < 0 ? undefined : end);
}

async function listen(server: Server, port: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, '127.0.0.1', resolve);
  await promise;
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('The sandbox has no address');
  return `http://127.0.0.1:${address.port}`;
}
