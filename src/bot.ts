import { randomBytes } from 'node:crypto';
import { App } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { Redis } from 'ioredis';
import { watchAround } from './bot-metrics.ts';
import { botStatus } from './bot-status.ts';
import { readPolicy } from './clients/files/policy.ts';
import { impatientRedis, redisReady } from './clients/redis.ts';
import { slackChannels } from './clients/slack-channels.ts';
import { type Identity, identify, slackClient } from './clients/slack-client.ts';
import { cleanReceiver, lastHop } from './clients/slack-last-hop.ts';
import { pace } from './clients/slack-pace.ts';
import { slackPeople } from './clients/slack-people.ts';
import { type BotConfig, ConfigError, readBotConfig } from './config.ts';
import { openDigesting } from './digesting.ts';
import { openFixing } from './fixing.ts';
import type { FixHelp } from './handlers/commands/fix-grammar.ts';
import type { TopicHelp } from './handlers/commands/vocabulary.ts';
import type { HandlerDeps } from './handlers/deps.ts';
import { registerHandlers } from './handlers/register.ts';
import { serveHealth } from './health.ts';
import { asks } from './jobs/asks.ts';
import { names } from './jobs/names.ts';
import { type CheckQueues, checkQueues, prefix } from './jobs/queue.ts';
import { recentChannels } from './jobs/recent.ts';
import { createLogger, type Logger } from './log.ts';
import { createMetrics } from './metrics.ts';
import type { Policy } from './model/policy.ts';
import { runAsMain } from './process.ts';
import { slackLogger } from './slack-log.ts';
import { type Transport, transportFor } from './transport.ts';

export interface BotDeps {
  readonly topics: readonly TopicHelp[];
  readonly fixes: readonly FixHelp[];
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
const warmUpMs = 3_000;
const onceSeconds = 24 * 3600;

/** Takes commands and clicks from Slack and queues them, until stopped. It has no access to any cluster. */
export async function startBot(config: BotConfig, deps: BotDeps): Promise<RunningBot> {
  const log = deps.log ?? createLogger({ level: config.logLevel });
  const policy = policyOf(config, deps);
  const metrics = createMetrics();
  const redis = impatientRedis({ url: config.redisUrl, name: 'meshbot-bot', onError: warnOf(log) });
  const queues = checkQueues(redis);
  const { receiver, probe, url } = transportFor(config, { redis, metrics, log });
  const probes = { redis: () => (redis.status === 'ready' ? undefined : 'no connection'), slack: probe };
  const { listenHost: host, healthPort: port } = config;
  const health = await serveHealth({ host, port, registry: metrics.registry, probes });
  const client = clientOf(config, log);
  const home = await identify(client, log);
  const fixing = await openFixing(config, { policy, redis, client, home, log });
  const digesting = openDigesting(redis, { log });
  const { clusters } = config;
  const around = watchAround(metrics, { redis, clusters, remediations: fixing?.deps.remediations, log });
  const app = createApp(config, receiver, home, log);
  const handling = registerHandlers(app, {
    ...handlerDeps(config, deps, redis),
    ...digesting.deps,
    queues,
    channels: slackChannels({ client, log }),
    people: slackPeople({ client, groups: [], home, log }),
    allowance: pace(Date.now, { burst: config.requestsPerMinute, perMinute: config.requestsPerMinute }),
    ...(fixing !== undefined && { fixes: fixing.deps }),
    status: botStatus(config, { ...around, redis, client, receiver, fixes: fixing?.deps }),
    home,
    log,
    watch: metrics.handlers,
  });
  await warmUp(redis, queues, config, log);
  await receiver.start();
  log.info({ mode: config.transport.mode, clusters: config.clusters, team: home.team }, 'The bot is ready');
  return {
    healthUrl: health.url,
    ...(url !== undefined && { requestsUrl: url() }),
    async stop() {
      await receiver.stop();
      await until(handling.idle, Math.min(config.shutdownMs, drainMs));
      await queues.close();
      await fixing?.close();
      await digesting.close();
      await around.close();
      redis.disconnect();
      await health.close();
      log.info('The bot has stopped');
    },
  };
}

/** The first command finds its queue open. The start does not wait for Redis: without it, commands are refused in words. */
async function warmUp(redis: Redis, queues: CheckQueues, { clusters }: BotConfig, log: Logger): Promise<void> {
  try {
    await redisReady(redis, warmUpMs);
    await Promise.all(clusters.map((cluster) => queues.state(cluster)));
  } catch (error) {
    log.warn({ error }, 'The queue does not answer yet');
  }
}

function handlerDeps({ clusters, defaultCluster }: BotConfig, { topics, fixes }: BotDeps, redis: Redis) {
  return {
    vocabulary: { topics, fixes, clusters, ...(defaultCluster !== undefined && { defaultCluster }) },
    asks: asks(redis),
    names: names(redis),
    recent: recentChannels(redis, () => new Date()),
    once: async (name) => (await redis.set(`${prefix}:once:${name}`, '1', 'EX', onceSeconds, 'NX')) === 'OK',
    now: () => new Date(),
    newId: () => `r${randomBytes(6).toString('hex')}`,
  } satisfies Partial<HandlerDeps>;
}

function policyOf(config: BotConfig, { fixes, topics }: BotDeps): Policy | undefined {
  const { policyFile, approvalKey, clusters } = config;
  if (policyFile === undefined) return undefined;
  const policy = readPolicy(
    policyFile,
    fixes.map(({ id }) => id),
    { topics: topics.map(({ id }) => id), clusters },
  );
  if (policy.fixes.length > 0 && approvalKey === undefined)
    throw new ConfigError(['APPROVAL_KEY is not set, and the policy has fixes. Give the one that the fixer has.']);
  return policy;
}

function clientOf({ botToken, slackApiUrl }: BotConfig, log: Logger): WebClient {
  const apiUrl = slackApiUrl === undefined ? {} : { apiUrl: slackApiUrl };
  return slackClient({ token: botToken, logger: slackLogger(log), ...apiUrl });
}

function createApp(config: BotConfig, receiver: Transport['receiver'], home: Identity, log: Logger): App {
  const { botToken, slackApiUrl } = config;
  const { botId, botUserId, team } = home;
  return new App({
    receiver: cleanReceiver(receiver),
    // Known from the start: a command must not wait for a call to Slack.
    authorize: async () => ({ botToken, botId, botUserId, teamId: team }),
    clientOptions: {
      retryConfig: { retries: 1 },
      timeout: 5_000,
      fetch: lastHop,
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
  const { fixHelp } = await import('./fixes/help.ts');
  await runAsMain(readBotConfig, (config, log) => startBot(config, { topics: topicHelp(), fixes: fixHelp(), log }));
}
