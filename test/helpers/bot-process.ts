import { startBot } from '../../src/bot.ts';

/** A bot in a process of its own, so that a test can kill it. */
const { REDIS_URL = '', SLACK_API_URL = '', SLACK_BOT_TOKEN = '', SLACK_APP_TOKEN = '' } = process.env;

const bot = await startBot(
  {
    redisUrl: REDIS_URL,
    slackApiUrl: SLACK_API_URL,
    botToken: SLACK_BOT_TOKEN,
    listenHost: '127.0.0.1',
    healthPort: 0,
    logLevel: 'info',
    shutdownMs: 2_000,
    transport: { mode: 'socket', appToken: SLACK_APP_TOKEN },
    requestsPerMinute: 10_000,
    clusters: ['prod'],
  },
  { fixes: [], topics: [{ id: 'mtls', scope: 'namespace', title: 'Is traffic encrypted?', example: 'mtls bookinfo' }] },
);
process.once('SIGTERM', () => void bot.stop().then(() => process.exit(0)));
process.stdout.write('ready\n');
