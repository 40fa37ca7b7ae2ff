// A stand-in for the sandbox server that serves the page and canned states: these tests are of the page alone.

import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';

const PAGE = new URL('../../src/sandbox/page/', import.meta.url);
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

type Json = Record<string, unknown>;

export interface Received {
  readonly path: string;
  readonly body: Json;
}

export interface PageServer {
  readonly url: string;
  /** Everything the page has sent, oldest first. */
  readonly received: Received[];
  /** What the next request to a path is answered with, instead of `{ok: true}`. */
  readonly answers: Map<string, Json>;
  /** The state for everyone; a function is asked who looks. */
  state: Json | ((as: string | null) => Json);
  /** Tells open pages that the state has changed. */
  notify(): void;
  close(): Promise<void>;
}

async function sendFile(name: string, response: ServerResponse) {
  const file = await readFile(new URL(name, PAGE)).catch(() => null);
  response.writeHead(file === null ? 404 : 200, { 'content-type': TYPES[extname(name)] ?? 'text/plain' });
  response.end(file ?? 'not found');
}

async function bodyOf(request: IncomingMessage): Promise<Json> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return JSON.parse(text || '{}') as Json;
}

function sendJson(response: ServerResponse, value: unknown) {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

function openStream(response: ServerResponse, streams: Set<ServerResponse>) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write(': hello\n\n');
  streams.add(response);
  response.on('close', () => streams.delete(response));
}

async function handle(server: PageServer, streams: Set<ServerResponse>, files: Map<string, string>, io: Io) {
  const { request, response } = io;
  const url = new URL(request.url ?? '/', 'http://localhost');
  const path = url.pathname;
  if (path === '/') return sendFile('index.html', response);
  if (path.startsWith('/page/')) return sendFile(path.slice('/page/'.length), response);
  if (path === '/sandbox/state') {
    const { state } = server;
    return sendJson(response, typeof state === 'function' ? state(url.searchParams.get('as')) : state);
  }
  if (path === '/sandbox/events') return openStream(response, streams);
  if (path.startsWith('/sandbox/file/')) return response.end(files.get(path.slice('/sandbox/file/'.length)) ?? '');
  const name = path.slice('/sandbox/'.length);
  server.received.push({ path: name, body: await bodyOf(request) });
  return sendJson(response, server.answers.get(name) ?? { ok: true });
}

interface Io {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Starts the server on a free port of this machine; `files` are the texts of shared files by id. */
export async function startPageServer(state: Json, files: Map<string, string> = new Map()): Promise<PageServer> {
  const streams = new Set<ServerResponse>();
  const http = createServer((request, response) => void handle(server, streams, files, { request, response }));
  const server: PageServer = {
    url: '',
    received: [],
    answers: new Map(),
    state,
    notify: () => {
      for (const stream of streams) stream.write('event: changed\ndata: {}\n\n');
    },
    close: () => {
      http.closeAllConnections();
      return new Promise((resolve) => http.close(() => resolve()));
    },
  };
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  return Object.assign(server, { url: `http://127.0.0.1:${port}/` });
}
