import { type RunningBot, startBot } from '../../src/bot.ts';
import type { BotConfig, FixerConfig } from '../../src/config.ts';
import { type FixerDeps, type RunningFixer, startFixer } from '../../src/fixer.ts';
import { fixHelp } from '../../src/fixes/help.ts';
import { type FakeSlack, type SlackOptions, startFakeSlack } from '../../src/sandbox/slack/index.ts';
import { type RunningWorker, startWorker, type WorkerDeps } from '../../src/worker.ts';
import { type TestLog, testLog } from './log.ts';
import { startRedis, type TestRedis } from './redis.ts';
import { exampleReport } from './report.ts';

/** The whole of meshbot around a fake Slack and a real Redis. Answers come from `answer`, or at once. */
export interface Meshbot {
  readonly slack: FakeSlack;
  readonly redis: TestRedis;
  readonly bot: RunningBot;
  readonly log: TestLog;
  startBot(changes?: Partial<BotConfig>): Promise<RunningBot>;
  startWorker(changes?: Partial<WorkerDeps>): Promise<RunningWorker>;
  /** Where fixes are on. */
  startFixer(deps: FixerDeps, changes?: Partial<FixerConfig>): Promise<RunningFixer>;
  close(): Promise<void>;
}

export interface Setting {
  readonly slack?: SlackOptions;
  readonly mode?: 'socket' | 'http';
  /** None where a test starts its own. */
  readonly worker?: Partial<WorkerDeps> | 'none';
  /** Fixes are on: the policy's file. */
  readonly policyFile?: string;
}

export async function startMeshbot({
  slack: options = {},
  mode = 'socket',
  worker = {},
  policyFile,
}: Setting = {}): Promise<Meshbot> {
  const log = testLog('info');
  const redis = await startRedis();
  const slack = await startFakeSlack({ rateLimits: 'off', ...options });
  const transport: BotConfig['transport'] =
    mode === 'socket' ? { mode, appToken: slack.appToken } : { mode, signingSecret: slack.signingSecret, port: 0 };
  const fixing = policyFile === undefined ? {} : { policyFile, approvalKey: 'the key of bot and fixer, for tests' };
  const running: { stop(): Promise<unknown> }[] = [];
  const common = {
    redisUrl: redis.url,
    slackApiUrl: slack.apiUrl,
    botToken: slack.botToken,
    listenHost: '127.0.0.1',
    healthPort: 0,
    logLevel: 'info',
    shutdownMs: 2_000,
  };

  function keep<T extends { stop(): Promise<unknown> }>(one: T): T {
    let stopped: Promise<unknown> | undefined;
    const stop = (): Promise<unknown> => {
      stopped ??= one.stop();
      return stopped;
    };
    running.push({ stop });
    return { ...one, stop };
  }

  const meshbot = {
    slack,
    redis,
    log,
    startBot: async (more: Partial<BotConfig> = {}) =>
      keep(
        await startBot(
          {
            ...common,
            transport,
            requestsPerMinute: 10_000,
            clusters: ['prod'],
            ...fixing,
            ...more,
          },
          {
            fixes: fixHelp(),
            topics: [{ id: 'mtls', scope: 'namespace', title: 'Is traffic encrypted?', example: 'mtls bookinfo' }],
            log: log.log,
          },
        ),
      ),
    startWorker: async (more: Partial<WorkerDeps> = {}) =>
      keep(
        await startWorker(
          { ...common, cluster: 'prod', concurrency: 4 },
          {
            answer: async ({ topic, target }) => ({ report: exampleReport({ topic, target }) }),
            sources: {
              cluster: {
                name: 'prod',
                source: 'test',
                kind: 'files',
                list: async () => [],
                get: async () => undefined,
              },
            },
            log: log.log,
            lockMs: 3_000,
            progressEveryMs: 300,
            ...more,
          },
        ),
      ),
    startFixer: async (more: FixerDeps, changes: Partial<FixerConfig> = {}) =>
      keep(
        await startFixer(
          { ...common, policyFile: '', approvalKey: '', ...fixing, cluster: 'prod', ...changes },
          { log: log.log, ...more },
        ),
      ),
    async close() {
      await Promise.all(running.map((one) => one.stop()));
      await slack.close();
      await redis.close();
    },
  };
  const bot = await meshbot.startBot();
  slack.deliverTo(bot.requestsUrl);
  if (worker !== 'none') await meshbot.startWorker(worker);
  return { ...meshbot, bot };
}
