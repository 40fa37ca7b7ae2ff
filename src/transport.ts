import type { Redis } from 'ioredis';
import { type HttpReceiver, httpReceiver } from './clients/slack-http.ts';
import { type SocketReceiver, socketReceiver } from './clients/slack-socket.ts';
import type { BotConfig } from './config.ts';
import type { Probe } from './health.ts';
import { prefix } from './jobs/queue.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';
import { slackLogger } from './slack-log.ts';

/** How Slack's requests reach the bot. */
export interface Transport {
  readonly receiver: SocketReceiver | HttpReceiver;
  readonly probe: Probe;
  /** Where requests are taken, once started, in mode `http`. */
  readonly url?: () => string;
}

export interface TransportDeps {
  readonly redis: Redis;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** Longer than a signature is good for. */
const replaySeconds = 600;

export function transportFor(config: BotConfig, deps: TransportDeps): Transport {
  const { transport } = config;
  return transport.mode === 'socket'
    ? overSockets(config, transport.appToken, deps)
    : overHttp(config, transport, deps);
}

function overSockets({ slackApiUrl }: BotConfig, appToken: string, { metrics, log }: TransportDeps): Transport {
  const receiver = socketReceiver({
    appToken,
    log,
    logger: slackLogger(log),
    ...(slackApiUrl !== undefined && { apiUrl: slackApiUrl }),
    onEnvelope: (envelope) => log.info({ envelope }, 'Received'),
  });
  metrics.gauge('meshbot_sockets_connected', 'Open Socket Mode connections', receiver.connected);
  return { receiver, probe: () => (receiver.connected() > 0 ? undefined : 'no socket is open') };
}

function overHttp(
  { listenHost }: BotConfig,
  { signingSecret, port }: { readonly signingSecret: string; readonly port: number },
  { redis, metrics, log }: TransportDeps,
): Transport {
  const receiver = httpReceiver({
    signingSecret,
    port,
    host: listenHost,
    logger: slackLogger(log),
    firstUse: async (signature) =>
      (await redis.set(`${prefix}:seen:${signature}`, '1', 'EX', replaySeconds, 'NX')) === 'OK',
    onRefused(reason) {
      metrics.refused(reason);
      log.warn({ reason }, 'Refused a request');
    },
  });
  return { receiver, probe: () => undefined, url: receiver.url };
}
