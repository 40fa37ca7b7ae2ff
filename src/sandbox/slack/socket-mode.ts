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
  | { readonly status: 'acked'; readonly payload: Json; readonly tookMs: number }
  | { readonly status: 'timeout' }
  | { readonly status: 'no-connection' };

export interface Sockets {
  /** An address that one connection can use once. */
  newAddress(url: string): string;
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** To one of the open connections, whichever. */
  send(envelope: Envelope, timeoutMs: number): Promise<Sent>;
  count(): number;
  /**
   * Says that connections end: to all, or to so many of them, oldest first. Slack closes them itself after `closeAfterMs`
   * where the app does not.
   */
  disconnect(reason: DisconnectReason, options?: { readonly only?: number; readonly closeAfterMs?: number }): void;
  /** Cuts connections without a word. */
  cut(only?: number): void;
  /** Sends something Slack would not. */
  raw(data: string | Buffer): void;
  close(): void;
}

const mostConnections = 10;
const secondsUntilRefresh = 18_060;

export function createSockets(appId: string): Sockets {
  const server = new WebSocketServer({ noServer: true });
  const tickets = new Set<string>();
  const open = new Set<WebSocket>();
  const waiting = new Map<string, (payload: Json) => void>();
  const some = (only = open.size): readonly WebSocket[] => [...open].slice(0, only);

  function greet(socket: WebSocket): void {
    socket.on('error', () => socket.terminate());
    socket.on('close', () => open.delete(socket));
    socket.on('message', (data) => {
      const message = parsed(String(data));
      if (!isJson(message)) return;
      waiting.get(text(message.envelope_id))?.(record(message.payload));
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
      debug_info: {
        host: 'sandbox',
        started: new Date().toISOString(),
        build_number: 1,
        approximate_connection_time: secondsUntilRefresh,
      },
    });
  }

  return {
    newAddress(url) {
      const ticket = randomBytes(12).toString('hex');
      tickets.add(ticket);
      return `${url.replace('http', 'ws')}/link/?ticket=${ticket}&app_id=${appId}`;
    },
    accept(request, socket, head) {
      const ticket = new URL(request.url ?? '/', 'http://localhost').searchParams.get('ticket') ?? '';
      if (!tickets.delete(ticket)) {
        socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n');
        return;
      }
      server.handleUpgrade(request, socket, head, greet);
    },
    async send(envelope, timeoutMs) {
      const usable = [...open].filter(({ readyState }) => readyState === WebSocket.OPEN);
      const socket = usable[Math.floor(Math.random() * usable.length)];
      if (socket === undefined) return { status: 'no-connection' };
      const id = randomUUID();
      const begun = performance.now();
      const { promise, resolve } = Promise.withResolvers<Sent>();
      const timer = setTimeout(() => resolve({ status: 'timeout' }), timeoutMs);
      waiting.set(id, (payload) => resolve({ status: 'acked', payload, tookMs: performance.now() - begun }));
      say(socket, { envelope_id: id, ...envelope });
      const sent = await promise;
      clearTimeout(timer);
      waiting.delete(id);
      return sent;
    },
    count: () => open.size,
    disconnect(reason, { only, closeAfterMs = 10_000 } = {}) {
      for (const socket of some(only)) {
        say(socket, goodbye(reason));
        // From here on nothing goes through it, except after a warning.
        if (reason !== 'warning') open.delete(socket);
        setTimeout(() => socket.close(), closeAfterMs).unref();
      }
    },
    cut(only) {
      for (const socket of some(only)) {
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

function goodbye(reason: DisconnectReason): Json {
  return { type: 'disconnect', reason, debug_info: { host: 'sandbox' } };
}

function say(socket: WebSocket, message: Json): void {
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}
