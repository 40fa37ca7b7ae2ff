import { randomBytes } from 'node:crypto';
import { App } from '@slack/bolt';
import type { Redis } from 'ioredis';
import { impatientRedis } from './clients/redis.ts';
import { type Identity, identify, slackClient } from './clients/slack-client.ts';
import { type BotConfig, readBotConfig } from './config.ts';
import type { TopicHelp } from './handlers/commands/parse.ts';
import type { HandlerDeps } from './handlers/deps.ts';
import { registerHandlers } from './handlers/register.ts';
import { serveHealth } from './health.ts';
import { asks } from './jobs/asks.ts';
import { checkQueues } from './jobs/queue.ts';
import { createLogger, type Logger } from './log.ts';
import { createMetrics } from './metrics.ts';
import { runAsMain } from './process.ts';
import { slackLogger } from './slack-log.ts';
import { type Transport, transportFor } from './transport.ts';

export interface BotDeps {
  readonly topics: readonly TopicHelp[];
  readonly log?: Logger;
}

export interface RunningBot {
  /** Where `/livez`, `/readyz` and `/metrics` are. */
  readonly healthUrl: string;
  /** Where Slack's requests are taken, in mode `http`. */
  readonly requestsUrl?: string;
  stop(): Promise<void>;
}

const drainMs = 3_000;

/** Takes commands and clicks from Slack and queues them, until stopped. It has no access to any cluster. */
export async function startBot(config: BotConfig, deps: BotDeps): Promise<RunningBot> {
  const log = deps.log ?? createLogger({ level: config.logLevel });
  const metrics = createMetrics();
  const redis = impatientRedis({ url: config.redisUrl, name: 'meshbot-bot', onError: warnOf(log) });
  const queues = checkQueues(redis);
  const { receiver, probe, url } = transportFor(config, { redis, metrics, log });
  const probes = { redis: () => (redis.status === 'ready' ? undefined : 'no connection'), slack: probe };
  const { listenHost: host, healthPort: port } = config;
  const health = await serveHealth({ host, port, registry: metrics.registry, probes });
  const home = await whoAmI(config, log);
  const app = createApp(config, receiver, home, log);
  const handling = registerHandlers(app, {
    ...handlerDeps(config, deps, redis),
    queues,
    home,
    log,
    watch: metrics.handlers,
  });
  await receiver.start();
  log.info({ mode: config.transport.mode, clusters: config.clusters, team: home.team }, 'The bot is ready');
  return {
    healthUrl: health.url,
    ...(url !== undefined && { requestsUrl: url() }),
    async stop() {
      // What was received is acknowledged while the sockets are still open.
      await until(handling.idle, Math.min(config.shutdownMs, drainMs));
      await receiver.stop();
      await until(handling.idle, Math.min(config.shutdownMs, drainMs));
      await queues.close();
      redis.disconnect();
      await health.close();
      log.info('The bot has stopped');
    },
  };
}

function handlerDeps({ clusters, defaultCluster }: BotConfig, { topics }: BotDeps, redis: Redis) {
  return {
    vocabulary: { topics, clusters, ...(defaultCluster !== undefined && { defaultCluster }) },
    asks: asks(redis),
    now: () => new Date(),
    newId: () => `r${randomBytes(6).toString('hex')}`,
  } satisfies Partial<HandlerDeps>;
}

function whoAmI({ botToken, slackApiUrl }: BotConfig, log: Logger): Promise<Identity> {
  const apiUrl = slackApiUrl === undefined ? {} : { apiUrl: slackApiUrl };
  return identify(slackClient({ token: botToken, logger: slackLogger(log), ...apiUrl }), log);
}

function createApp(config: BotConfig, receiver: Transport['receiver'], home: Identity, log: Logger): App {
  const { botToken, slackApiUrl } = config;
  const { botId, botUserId, team } = home;
  return new App({
    receiver,
    // Known from the start: a command must not wait for a call to Slack.
    authorize: async () => ({ botToken, botId, botUserId, teamId: team }),
    clientOptions: {
      retryConfig: { retries: 1 },
      timeout: 5_000,
      ...(slackApiUrl !== undefined && { slackApiUrl }),
    },
    convoStore: false,
    logger: slackLogger(log),
  });
}

function warnOf(log: Logger): (error: Error) => void {
  return (error) => log.warn({ error }, 'Redis does not answer');
}

async function until(done: () => boolean, timeoutMs: number): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!done() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
}

if (import.meta.main) {
  const { topicHelp } = await import('./topics/help.ts');
  await runAsMain(readBotConfig, (config, log) => startBot(config, { topics: topicHelp(), log }));
}
