import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger } from '../../src/log.ts';
import { startWorker } from '../../src/worker.ts';
import { exampleReport } from './report.ts';

/** A worker in a process of its own, so that a test can kill it. Each answer takes `ANSWER_MS`, or ends the process. */
const { REDIS_URL = '', SLACK_API_URL = '', ANSWER_MS = '0', LOCK_MS = '600', SHUTDOWN_MS = '1500' } = process.env;

const worker = await startWorker(
  {
    redisUrl: REDIS_URL,
    slackApiUrl: SLACK_API_URL,
    botToken: process.env.SLACK_BOT_TOKEN ?? 'xoxb-1',
    listenHost: '127.0.0.1',
    healthPort: 0,
    logLevel: 'info',
    shutdownMs: Number(SHUTDOWN_MS),
    cluster: 'prod',
    concurrency: 4,
  },
  {
    log: createLogger({ level: 'info' }),
    lockMs: Number(LOCK_MS),
    progressEveryMs: 300,
    sources: {
      cluster: { name: 'prod', source: 'test', kind: 'files', list: async () => [], get: async () => undefined },
    },
    async answer({ topic, target }, _sources, { signal, onProgress }) {
      onProgress?.({ done: 1, of: 2 });
      if (ANSWER_MS === 'crash') process.exit(1);
      await sleep(Number(ANSWER_MS), undefined, { signal });
      return { report: exampleReport({ topic, target }) };
    },
  },
);
process.once('SIGTERM', () => void worker.stop().then(() => process.exit(0)));
process.stdout.write('ready\n');
