import { type App, type Receiver, SocketModeReceiver } from '@slack/bolt';
import type { Logger as SlackLogger } from '@slack/web-api';

export interface SocketSettings {
  readonly appToken: string;
  readonly apiUrl?: string;
  readonly logger: SlackLogger;
  /** Told of everything that Slack sends, before it is handled: "never sent" and "went elsewhere" then differ. */
  readonly onEnvelope: (envelope: { readonly id: string; readonly type: string }) => void;
}

export interface SocketReceiver extends Receiver {
  /** How many sockets are open and greeted. */
  connected(): number;
}

const sockets = 2;
const closeTimeoutMs = 3_000;

/**
 * Two Socket Mode connections behind one app. Slack closes each every few hours and the client then takes five seconds
 * to open it again; what is sent meanwhile comes through the other.
 */
export function socketReceiver(settings: SocketSettings): SocketReceiver {
  const open = new Set<SocketModeReceiver>();
  const receivers = Array.from({ length: sockets }, () => oneSocket(settings, open));
  return {
    connected: () => open.size,
    init(app: App) {
      for (const receiver of receivers) receiver.init(app);
    },
    start: () => Promise.all(receivers.map((receiver) => receiver.start())),
    // The receiver's own `stop` does not wait until the socket is closed.
    stop: () => within(closeTimeoutMs, Promise.all(receivers.map(({ client }) => client.disconnect()))),
  };
}

function oneSocket(
  { appToken, apiUrl, logger, onEnvelope }: SocketSettings,
  open: Set<SocketModeReceiver>,
): SocketModeReceiver {
  const receiver = new SocketModeReceiver({
    appToken,
    logger,
    installerOptions: {
      // Each its own: the client changes what it is given. With few retries one failed request would end the process.
      clientOptions: {
        retryConfig: { retries: 100, factor: 1.3, maxTimeout: 10_000 },
        timeout: 10_000,
        ...(apiUrl !== undefined && { slackApiUrl: apiUrl }),
      },
    },
  });
  receiver.client.on('connected', () => open.add(receiver));
  receiver.client.on('close', () => open.delete(receiver));
  receiver.client.on('slack_event', ({ envelope_id, type }: { envelope_id: string; type: string }) => {
    onEnvelope({ id: envelope_id, type });
  });
  return receiver;
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const { promise: timeout, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work, timeout]);
  clearTimeout(timer);
}
