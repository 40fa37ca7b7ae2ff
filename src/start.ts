import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startBot } from './bot.ts';
import { readPolicy } from './clients/files/policy.ts';
import { liveCluster } from './clients/kubernetes/live-cluster.ts';
import { sourcesOf } from './clients/kubernetes/proxy-source.ts';
import { clusterWriter } from './clients/kubernetes/write.ts';
import { patientRedis, redisReady } from './clients/redis.ts';
import { ConfigError, type FixerConfig, readBotConfig, readFixerConfig, readWorkerConfig } from './config.ts';
import { openCounters } from './counters.ts';
import { startFixer } from './fixer.ts';
import { type RightsAsker, rightsAsker } from './fixer-rights.ts';
import { fixHelp } from './fixes/help.ts';
import { fixes } from './fixes/index.ts';
import { answer } from './jobs/answer.ts';
import { digestQueues } from './jobs/digests/queue.ts';
import { schedules } from './jobs/digests/schedules.ts';
import { createLogger, type Logger } from './log.ts';
import type { Cluster } from './model/sources.ts';
import type { ClusterWriter } from './model/writer.ts';
import { exampleCluster } from './sandbox/example-cluster.ts';
import { startRedis } from './sandbox/redis.ts';
import { startFakeSlack } from './sandbox/slack/index.ts';
import { topicHelp } from './topics/help.ts';
import { startWorker } from './worker.ts';

/**
 * Everything in one process, for a laptop. With Slack tokens it is the real bot; without, a Slack workspace in a box.
 * With KUBECONFIG it looks at that cluster; without, at the example meshes.
 */

type Env = Readonly<Record<string, string | undefined>>;

/** A cluster to look at, and a way to write to it. */
interface Place {
  readonly cluster: Cluster;
  readonly writer: (config: FixerConfig) => ClusterWriter;
  readonly asker: RightsAsker;
}

interface Stoppable {
  stop(): Promise<unknown>;
}

const stops: Stoppable[] = [];
/** Everybody of the Slack in a box may repair the example meshes. A real cluster is repaired where POLICY_FILE says so. */
const exampleFixes: Env = {
  POLICY_FILE: fileURLToPath(new URL('sandbox/policy.yaml', import.meta.url)),
  APPROVAL_KEY: randomBytes(32).toString('hex'),
};
const isReal = process.env.SLACK_BOT_TOKEN !== undefined || process.env.SLACK_BOT_TOKEN_FILE !== undefined;
const isExample = !isReal && process.env.KUBECONFIG === undefined;

async function start(): Promise<void> {
  const places = await placesOf(process.env);
  const env = {
    ...defaults(places),
    ...(isExample ? exampleFixes : {}),
    ...process.env,
    ...(await redisOf(process.env)),
    ...(isReal ? {} : await sandbox()),
  };
  const log = createLogger({ level: env.LOG_LEVEL ?? (isReal ? 'info' : 'warn') });
  stops.unshift(await startBot(readBotConfig(env), { topics: topicHelp(), fixes: fixHelp(), log }));
  for (const place of places) await serve(place, env, log);
  if (isExample) await firstDigests(env.REDIS_URL ?? '', log);
  say(`Clusters: ${places.map(({ cluster: { name, source } }) => `${name} (${source})`).join(', ')}`);
  say('Stop with Ctrl-C.');
}

/** The worker of one cluster and, where a policy lets anything be fixed, its fixer. */
async function serve({ cluster, writer, asker }: Place, env: Env, log: Logger): Promise<void> {
  const config = readWorkerConfig({ ...env, CLUSTER: cluster.name });
  const sources = { ...sourcesOf(cluster), ...openCounters(config).sources };
  if (config.policyFile === undefined) {
    stops.unshift(await startWorker(config, { answer, sources, log }));
    return;
  }
  const ids = fixes.map(({ id }) => id);
  const policy = readPolicy(config.policyFile, ids);
  stops.unshift(await startWorker(config, { answer, sources, log, policy }));
  if (policy.fixes.length === 0) return;
  const fixer = readFixerConfig({ ...env, CLUSTER: cluster.name });
  stops.unshift(await startFixer(fixer, { writer: writer(fixer), asker, log }));
}

/** What the policy of the box schedules is shown at once, not only in the morning. */
async function firstDigests(url: string, log: Logger): Promise<void> {
  const redis = patientRedis({ url, name: 'meshbot-start', onError: (error) => log.warn({ error }, 'No digest') });
  await redisReady(redis, 5_000);
  const queues = digestQueues(redis);
  const book = schedules(redis, { queues, now: () => new Date(), log });
  for (const { id } of await book.list()) await book.run(id, { team: 'sandbox', user: 'U0ANA000001' });
  await queues.close();
  redis.disconnect();
}

function defaults(places: readonly Place[]): Env {
  const names = places.map(({ cluster }) => cluster.name);
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

async function placesOf({ KUBECONFIG, KUBE_CONTEXT, CLUSTER }: Env): Promise<readonly Place[]> {
  if (!isExample) return [await live({ KUBECONFIG, KUBE_CONTEXT, CLUSTER })];
  return Promise.all([example('example', 'bookinfo-permissive'), example('broken', 'bookinfo-broken')]);
}

/** There is no API server that could refuse; nor is it an OpenShift. */
const allowsAll: RightsAsker = { mayI: async () => true, isInstalled: async () => false };

/** An example mesh; fixes change it in memory. */
async function example(name: string, folder: string): Promise<Place> {
  const path = fileURLToPath(new URL(`../examples/${folder}/mesh`, import.meta.url));
  const cluster = await exampleCluster({ name, folder: path, source: `examples/${folder}` });
  return { cluster, writer: () => cluster, asker: allowsAll };
}

async function live({ KUBECONFIG, KUBE_CONTEXT, CLUSTER }: Env): Promise<Place> {
  if (KUBECONFIG !== undefined && !existsSync(KUBECONFIG.split(':')[0] ?? '')) {
    throw new ConfigError([`KUBECONFIG names ${KUBECONFIG}, which is not there.`]);
  }
  const cluster = await liveCluster({
    ...(KUBECONFIG !== undefined && { kubeconfig: KUBECONFIG }),
    ...(KUBE_CONTEXT !== undefined && { context: KUBE_CONTEXT }),
    ...(CLUSTER !== undefined && { name: CLUSTER }),
  });
  stops.push({ stop: () => cluster.close() });
  return {
    cluster,
    asker: rightsAsker(cluster),
    writer: ({ freezeConfigMap }) =>
      clusterWriter(cluster, freezeConfigMap === undefined ? {} : { freeze: freezeConfigMap }),
  };
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
