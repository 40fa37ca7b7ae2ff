import { setTimeout as sleep } from 'node:timers/promises';
import { type App, type Receiver, SocketModeReceiver } from '@slack/bolt';
import { type Logger as SlackLogger, WebAPIPlatformError } from '@slack/web-api';
import type { Log } from '../model/log.ts';
import { type Envelopes, watchEnvelopes } from './slack-envelopes.ts';
import { failureOf } from './slack-failure.ts';

export interface SocketSettings {
  readonly appToken: string;
  readonly apiUrl?: string;
  readonly logger: SlackLogger;
  readonly log: Log;
  /** Told of everything that Slack sends, before it is handled: "never sent" and "went elsewhere" then differ. */
  readonly onEnvelope: (envelope: { readonly id: string; readonly type: string }) => void;
}

export interface SocketReceiver extends Receiver {
  /** How many sockets are open and greeted. */
  connected(): number;
}

interface Socket {
  readonly client: SocketModeReceiver['client'];
  readonly envelopes: Envelopes;
  /** Resolves when Slack says that it will close the socket, or has. */
  readonly leaving: Promise<void>;
}

const sockets = 2;
const openTimeoutMs = 15_000;
const settleTimeoutMs = 3_000;
const closeTimeoutMs = 3_000;
/** A socket that Slack wants closed still takes what is on its way. */
const lingerMs = 3_000;
const maxPauseMs = 30_000;

/**
 * Two Socket Mode connections behind one app. Slack closes each every few hours; a new one is opened before the old one
 * is let go, and meanwhile there is the other. The client's own way is to close first and to wait five seconds, and one
 * failed request while it reconnects ends the process.
 */
export function socketReceiver(settings: SocketSettings): SocketReceiver {
  const open = new Set<Socket>();
  let app: App | undefined;
  let stopping = false;

  async function openSocket(): Promise<Socket> {
    const receiver = oneSocket(settings);
    if (app !== undefined) receiver.init(app);
    const { client } = receiver;
    const { promise: leaving, resolve } = Promise.withResolvers<void>();
    const socket = { client, envelopes: watchEnvelopes(client), leaving };
    client.on('close', () => {
      open.delete(socket);
      resolve();
    });
    client.on('connected', () => open.add(socket));
    onGoodbye(client, resolve);
    try {
      await within(openTimeoutMs, client.start(), 'Slack did not greet');
    } catch (error) {
      void client.disconnect();
      throw error;
    }
    return socket;
  }

  /** Tries until it works; only a token that is not good is final, and only at the start. */
  async function openPatiently(isFirst: boolean): Promise<Socket | undefined> {
    for (let attempt = 0; !stopping; attempt += 1) {
      try {
        return await openSocket();
      } catch (error) {
        if (isFirst && isFinal(error)) throw error;
        settings.log.warn({ error, attempt }, 'A socket could not be opened; trying again');
        await sleep(Math.min(maxPauseMs, 500 * 2 ** attempt), undefined, { ref: false });
      }
    }
    return undefined;
  }

  async function replaceForever(first: Socket | undefined): Promise<void> {
    let current = first;
    while (current !== undefined && !stopping) {
      await current.leaving;
      const next: Socket | undefined = await openPatiently(false);
      void retire(current);
      current = next;
    }
  }

  async function retire(socket: Socket): Promise<void> {
    if (!open.has(socket)) return;
    await sleep(lingerMs, undefined, { ref: false });
    await close(socket);
  }

  /** What was received is acknowledged first. What Slack sends until it hears of the end is lost, and Slack says so. */
  async function close({ client, envelopes }: Socket): Promise<void> {
    await envelopes.settled(settleTimeoutMs);
    await within(closeTimeoutMs, client.disconnect()).catch(() => {});
  }

  return {
    connected: () => open.size,
    init(next: App) {
      app = next;
    },
    async start() {
      const opened = await Promise.all(Array.from({ length: sockets }, () => openPatiently(true)));
      for (const socket of opened) void replaceForever(socket);
    },
    async stop() {
      stopping = true;
      await Promise.all(Array.from(open, close));
    },
  };
}

function oneSocket({ appToken, apiUrl, logger, onEnvelope }: SocketSettings): SocketModeReceiver {
  const receiver = new SocketModeReceiver({
    appToken,
    logger,
    autoReconnectEnabled: false,
    installerOptions: {
      // Each its own: the client changes what it is given.
      clientOptions: {
        retryConfig: { retries: 0 },
        timeout: 10_000,
        rejectRateLimitedCalls: true,
        ...(apiUrl !== undefined && { slackApiUrl: apiUrl }),
      },
    },
  });
  receiver.client.on('slack_event', ({ envelope_id, type }: { envelope_id: string; type: string }) => {
    onEnvelope({ id: envelope_id, type });
  });
  return receiver;
}

/** Keeps Slack's goodbye from the client, which would close at once and lose what is on its way. */
function onGoodbye(client: Socket['client'], leave: () => void): void {
  const handlers = client.listeners('ws_message');
  client.removeAllListeners('ws_message');
  client.on('ws_message', (data: unknown, isBinary: boolean) => {
    if (typeof data === 'string' && isGoodbye(data)) leave();
    else for (const handle of handlers) handle.call(client, data, isBinary);
  });
}

function isGoodbye(data: string): boolean {
  if (!data.includes('"disconnect"')) return false;
  try {
    const message: unknown = JSON.parse(data);
    return typeof message === 'object' && message !== null && 'type' in message && message.type === 'disconnect';
  } catch {
    return false;
  }
}

/** Slack has spoken: this token will not work later either. */
function isFinal(error: unknown): boolean {
  return error instanceof WebAPIPlatformError && failureOf(error).reason === 'refused';
}

async function within(ms: number, work: Promise<unknown>, otherwise = 'It took too long'): Promise<void> {
  const { promise: timeout, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error(otherwise)), ms);
  try {
    await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
