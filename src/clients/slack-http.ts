import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parse } from 'node:querystring';
import { type App, HTTPReceiver, type Receiver, verifySlackRequest } from '@slack/bolt';
import type { Logger as SlackLogger } from '@slack/web-api';

export interface HttpSettings {
  readonly signingSecret: string;
  readonly port: number;
  readonly host: string;
  readonly logger: SlackLogger;
  /** False where this signature was used before. Throws where that cannot be known now. */
  readonly firstUse: (signature: string) => Promise<boolean>;
  readonly onRefused: (reason: string) => void;
}

export interface HttpReceiver extends Receiver {
  /** Where it listens, once started. */
  url(): string;
}

const path = '/slack/events';
const maxAgeSeconds = 300;
const maxBody = 1_000_000;
const busy = 'I cannot take questions now: my queue does not answer. Nothing was started. Ask again in a minute.';

/** Slack's requests over HTTP. Bolt checks the signature; age in both directions and replay are checked here. */
export function httpReceiver(settings: HttpSettings): HttpReceiver {
  const { signingSecret, logger, port, host } = settings;
  const bolt = new HTTPReceiver({ signingSecret, endpoints: path, logger, bodyLimit: maxBody });
  const server = createServer((request, response) => {
    receive(settings, bolt, request, response).catch((error: unknown) => {
      logger.error('A request could not be handled', error);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  return {
    url: () => `http://${host}:${portOf(server)}${path}`,
    init: (app: App) => bolt.init(app),
    async start() {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      server.once('error', reject);
      server.listen(port, host, resolve);
      await promise;
    },
    async stop() {
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      server.closeIdleConnections();
      await promise;
    },
  };
}

async function receive(
  settings: HttpSettings,
  bolt: HTTPReceiver,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'POST' || request.url?.split('?')[0] !== path) return answer(response, 404);
  const body = await read(request);
  if (body === undefined) return refuse(settings, response, 413, 'too large');
  // Bolt answers Slack's check of the certificate without a signature, and drops whatever came with it.
  if (parse(body.toString()).ssl_check !== '1') {
    const reason = untrusted(settings.signingSecret, request, body);
    if (reason !== undefined) return refuse(settings, response, 401, reason);
    const first = await settings.firstUse(String(request.headers['x-slack-signature'])).catch(() => undefined);
    if (first === undefined) return answer(response, 200, JSON.stringify({ response_type: 'ephemeral', text: busy }));
    if (!first) return refuse(settings, response, 401, 'replayed');
  }
  bolt.requestListener(Object.assign(request, { rawBody: body }), response);
}

/** Why the request is not from Slack, or not from now. */
function untrusted(signingSecret: string, { headers }: IncomingMessage, body: Buffer): string | undefined {
  const [signature, timestamp] = [headers['x-slack-signature'], headers['x-slack-request-timestamp']];
  if (typeof signature !== 'string' || typeof timestamp !== 'string' || !/^\d{1,12}$/.test(timestamp))
    return 'unsigned';
  // Strictly: Bolt ignores what follows a second equals sign, which would make a replay look new.
  if (!/^v0=[0-9a-f]{64}$/.test(signature)) return 'bad signature';
  const age = Math.abs(Date.now() / 1000 - Number(timestamp));
  if (age > maxAgeSeconds) return 'stale';
  try {
    const signed = { 'x-slack-signature': signature, 'x-slack-request-timestamp': Number(timestamp) };
    verifySlackRequest({ signingSecret, body: body.toString(), headers: signed });
    return undefined;
  } catch {
    return 'bad signature';
  }
}

async function read(request: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > maxBody) return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > maxBody) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function refuse({ onRefused }: HttpSettings, response: ServerResponse, status: number, reason: string): void {
  onRefused(reason);
  answer(response, status);
}

function answer(response: ServerResponse, status: number, json?: string): void {
  response.writeHead(status, json === undefined ? { connection: 'close' } : { 'content-type': 'application/json' });
  response.end(json);
}

function portOf(server: Server): number {
  const address = server.address();
  return isAddress(address) ? address.port : 0;
}

function isAddress(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}
