import { startRedis } from '../../src/sandbox/redis.ts';
import { type FakeSlack, startFakeSlack } from '../../src/sandbox/slack/index.ts';
import { onEnd } from './ending.ts';
import { type Program, startProgram } from './program.ts';

/** An app in a process of its own, and the Slack that it is in. */
export interface SlackApp {
  readonly slack: FakeSlack;
  readonly program: Program;
}

export interface OurApp extends SlackApp {
  readonly redisUrl: string;
  startWorker(env?: Readonly<Record<string, string>>): Promise<Program>;
}

export const cluster = 'bench';

/** Our bot, as it is deployed: its own process, and a Redis that keeps what it acknowledges. */
export async function startOurs(): Promise<OurApp> {
  const [slack, redis] = await Promise.all([aSlack(), startRedis()]);
  onEnd(redis.close);
  const env = { ...slackEnv(slack), REDIS_URL: redis.url, HEALTH_PORT: '0', LISTEN_HOST: '127.0.0.1' };
  const program = await startProgram('src/bot.ts', 'The bot is ready', {
    ...env,
    CLUSTERS: cluster,
    REQUESTS_PER_MINUTE: '100000',
  });
  const startWorker = (more = {}) =>
    startProgram('src/worker.ts', 'The worker is ready', { ...env, CLUSTER: cluster, ...more });
  return { slack, program, redisUrl: redis.url, startWorker };
}

/** A bare Bolt app that says back what it is told. */
export async function startEcho(): Promise<SlackApp> {
  const slack = await aSlack();
  return { slack, program: await startProgram('bench/programs/echo.ts', 'ready', slackEnv(slack)) };
}

async function aSlack(): Promise<FakeSlack> {
  const slack = await startFakeSlack({ rateLimits: 'off' });
  onEnd(slack.close);
  return slack;
}

function slackEnv({ apiUrl, botToken, appToken }: FakeSlack) {
  return { SLACK_API_URL: apiUrl, SLACK_BOT_TOKEN: botToken, SLACK_APP_TOKEN: appToken };
}
