import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { isJson, type Json, parsed, record, text } from './json.ts';

export type DisconnectReason = 'warning' | 'refresh_requested' | 'link_disabled' | 'too_many_websockets';

export interface Envelope {
  readonly type: 'slash_commands' | 'interactive' | 'events_api';
  readonly payload: Json;
  readonly accepts_response_payload: boolean;
  readonly retry_attempt?: number;
  readonly retry_reason?: string;
}

export type Sent =
  | { readonly status: 'acked'; readonly payload: Json }
  | { readonly status: 'timeout' }
  /** The app ended the connection while this was on its way, so that it cannot have been acknowledged. */
  | { readonly status: 'crossed' }
  | { readonly status: 'no-connection' };

export interface Sockets {
  /** An address that one connection can use once. */
  newAddress(url: string): string;
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** To one of the open connections, whichever. */
  send(envelope: Envelope, timeoutMs: number): Promise<Sent>;
  count(): number;
  /**
   * Says that connections end: to all, or to so many of them, oldest first. Nothing more is sent over them, except after
   * a warning; where the app does not close them, Slack does after `closeAfterMs`.
   */
  disconnect(reason: DisconnectReason, options?: { readonly only?: number; readonly closeAfterMs?: number }): void;
  /** Cuts connections without a word: all, or so many of them, oldest first. */
  cut(only?: number): void;
  /** Sends something Slack would not, to all. */
  raw(data: string | Buffer): void;
  close(): void;
}

const mostConnections = 10;
const mostTickets = 100;
/** What the app has had for longer, it could have acknowledged before it ended the connection. */
const mostOnTheWayMs = 500;
const secondsUntilRefresh = 18_060;

export function createSockets(appId: string): Sockets {
  const server = new WebSocketServer({ noServer: true });
  const tickets = new Set<string>();
  const open = new Set<WebSocket>();
  const waiting = new Map<string, (payload: Json) => void>();
  const oldest = (only = open.size): readonly WebSocket[] => [...open].slice(0, only);

  return {
    newAddress(url) {
      const ticket = randomBytes(12).toString('hex');
      for (const unused of tickets) if (tickets.size >= mostTickets) tickets.delete(unused);
      tickets.add(ticket);
      return `${url.replace('http', 'ws')}/link/?ticket=${ticket}&app_id=${appId}`;
    },
    accept(request, socket, head) {
      const ticket = new URL(request.url ?? '/', 'http://localhost').searchParams.get('ticket') ?? '';
      if (!tickets.delete(ticket)) socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n');
      else server.handleUpgrade(request, socket, head, (accepted) => greet(accepted, open, waiting, appId));
    },
    send: (envelope, timeoutMs) => send(oneOf(open), envelope, waiting, timeoutMs),
    count: () => open.size,
    disconnect(reason, { only, closeAfterMs = 10_000 } = {}) {
      for (const socket of oldest(only)) {
        say(socket, goodbye(reason));
        if (reason === 'warning') continue;
        open.delete(socket);
        setTimeout(() => socket.close(), closeAfterMs).unref();
      }
    },
    cut(only) {
      for (const socket of oldest(only)) {
        open.delete(socket);
        socket.terminate();
      }
    },
    raw(data) {
      for (const socket of open) socket.send(data);
    },
    close() {
      for (const socket of server.clients) socket.terminate();
      server.close();
    },
  };
}

function greet(
  socket: WebSocket,
  open: Set<WebSocket>,
  waiting: ReadonlyMap<string, (payload: Json) => void>,
  appId: string,
): void {
  socket.on('error', () => socket.terminate());
  socket.on('close', () => open.delete(socket));
  socket.on('message', (data) => {
    const message = parsed(String(data));
    if (isJson(message)) waiting.get(text(message.envelope_id))?.(record(message.payload));
  });
  if (open.size >= mostConnections) {
    say(socket, goodbye('too_many_websockets'));
    socket.close();
    return;
  }
  open.add(socket);
  say(socket, {
    type: 'hello',
    num_connections: open.size,
    connection_info: { app_id: appId },
    debug_info: { host: 'sandbox', build_number: 1, approximate_connection_time: secondsUntilRefresh },
  });
}

async function send(
  socket: WebSocket | undefined,
  envelope: Envelope,
  waiting: Map<string, (payload: Json) => void>,
  timeoutMs: number,
): Promise<Sent> {
  if (socket === undefined) return { status: 'no-connection' };
  const id = randomUUID();
  const { promise, resolve } = Promise.withResolvers<Sent>();
  let status: 'timeout' | 'crossed' = 'timeout';
  const sentAt = performance.now();
  const onClose = (): void => {
    if (performance.now() - sentAt < mostOnTheWayMs) status = 'crossed';
  };
  socket.once('close', onClose);
  const timer = setTimeout(() => resolve({ status }), timeoutMs);
  waiting.set(id, (payload) => resolve({ status: 'acked', payload }));
  say(socket, { envelope_id: id, ...envelope });
  const sent = await promise;
  clearTimeout(timer);
  socket.off('close', onClose);
  waiting.delete(id);
  return sent;
}

function oneOf(open: ReadonlySet<WebSocket>): WebSocket | undefined {
  const usable = [...open].filter(({ readyState }) => readyState === WebSocket.OPEN);
  return usable[Math.floor(Math.random() * usable.length)];
}

function goodbye(reason: DisconnectReason): Json {
  return { type: 'disconnect', reason, debug_info: { host: 'sandbox' } };
}

function say(socket: WebSocket, message: Json): void {
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}
