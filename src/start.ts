import { existsSync } from 'node:fs';
import { startBot } from './bot.ts';
import { fileSource } from './clients/files/file-source.ts';
import { type LiveCluster, liveCluster } from './clients/kubernetes/live-cluster.ts';
import { sourcesOf } from './clients/kubernetes/proxy-source.ts';
import { type BotConfig, ConfigError, readBotConfig, readWorkerConfig, type WorkerConfig } from './config.ts';
import { openCounters } from './counters.ts';
import { answer } from './jobs/answer.ts';
import { createLogger } from './log.ts';
import type { Cluster } from './model/sources.ts';
import { startRedis } from './sandbox/redis.ts';
import { startFakeSlack } from './sandbox/slack/index.ts';
import { topicHelp } from './topics/help.ts';
import { startWorker } from './worker.ts';

/**
 * Everything in one process, for a laptop. With Slack tokens it is the real bot; without, a Slack workspace in a box.
 * With KUBECONFIG it looks at that cluster; without, at the example meshes.
 */

type Env = Readonly<Record<string, string | undefined>>;

interface Stoppable {
  stop(): Promise<unknown>;
}

const stops: Stoppable[] = [];
const isReal = process.env.SLACK_BOT_TOKEN !== undefined || process.env.SLACK_BOT_TOKEN_FILE !== undefined;

async function start(): Promise<void> {
  const clusters = await clustersOf(process.env);
  const env = {
    ...defaults(clusters),
    ...process.env,
    ...(await redisOf(process.env)),
    ...(isReal ? {} : await sandbox()),
  };
  const log = createLogger({ level: env.LOG_LEVEL ?? (isReal ? 'info' : 'warn') });
  const bot = await startBot(readBotConfig(env) satisfies BotConfig, { topics: topicHelp(), log });
  stops.unshift(bot);
  for (const cluster of clusters) {
    const config: WorkerConfig = readWorkerConfig({ ...env, CLUSTER: cluster.name });
    const sources = { ...sourcesOf(cluster), ...openCounters(config).sources };
    stops.unshift(await startWorker(config, { answer, sources, log }));
  }
  say(`Clusters: ${clusters.map(({ name, source }) => `${name} (${source})`).join(', ')}`);
  say('Stop with Ctrl-C.');
}

function defaults(clusters: readonly Cluster[]): Env {
  const names = clusters.map(({ name }) => name);
  return { CLUSTERS: names.join(','), DEFAULT_CLUSTER: names[0], HEALTH_PORT: '0', LISTEN_HOST: '127.0.0.1' };
}

async function redisOf({ REDIS_URL, REDIS_URL_FILE }: Env): Promise<Env> {
  if (REDIS_URL !== undefined || REDIS_URL_FILE !== undefined) return {};
  const redis = await startRedis();
  stops.push({ stop: redis.close });
  return { REDIS_URL: redis.url };
}

async function sandbox(): Promise<Env> {
  const slack = await startFakeSlack({ port: Number(process.env.SANDBOX_PORT ?? 0) });
  stops.push({ stop: slack.close });
  say(`Slack in a box: ${slack.url}`);
  say('Type /mesh mtls bookinfo there.');
  return {
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_MODE: 'socket',
  };
}

async function clustersOf({ KUBECONFIG, KUBE_CONTEXT, CLUSTER }: Env): Promise<readonly Cluster[]> {
  if (KUBECONFIG !== undefined || isReal) return [await live({ KUBECONFIG, KUBE_CONTEXT, CLUSTER })];
  const example = async (name: string, folder: string): Promise<Cluster> => {
    const path = new URL(`../examples/${folder}/mesh`, import.meta.url).pathname;
    return { ...(await fileSource([path])), name, source: `examples/${folder}` };
  };
  return Promise.all([example('example', 'bookinfo-permissive'), example('broken', 'bookinfo-broken')]);
}

async function live({ KUBECONFIG, KUBE_CONTEXT, CLUSTER }: Env): Promise<LiveCluster> {
  if (KUBECONFIG !== undefined && !existsSync(KUBECONFIG.split(':')[0] ?? '')) {
    throw new ConfigError([`KUBECONFIG names ${KUBECONFIG}, which is not there.`]);
  }
  const cluster = await liveCluster({
    ...(KUBECONFIG !== undefined && { kubeconfig: KUBECONFIG }),
    ...(KUBE_CONTEXT !== undefined && { context: KUBE_CONTEXT }),
    ...(CLUSTER !== undefined && { name: CLUSTER }),
  });
  stops.push({ stop: () => cluster.close() });
  return cluster;
}

async function stopAll(): Promise<void> {
  for (const one of stops.splice(0)) await one.stop();
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void stopAll().finally(() => process.exit(0)));
}

try {
  await start();
} catch (error) {
  process.stderr.write(`meshbot: ${error instanceof Error ? error.message : String(error)}\n`);
  await stopAll();
  process.exit(1);
}
