import { setTimeout as sleep } from 'node:timers/promises';
import { type KnownBlock, LogLevel, WebClient } from '@slack/web-api';
import type { Redis } from 'ioredis';
import { patientRedis, redisReady } from '../src/clients/redis.ts';
import { digestPosts } from '../src/jobs/digests/posts.ts';
import { digestQueues } from '../src/jobs/digests/queue.ts';
import { type Schedule, schedules } from '../src/jobs/digests/schedules.ts';
import { startRedis } from '../src/sandbox/redis.ts';
import { type FakeSlack, type MessageHandle, startFakeSlack } from '../src/sandbox/slack/index.ts';
import { type Bench, figure } from './measure/bench.ts';
import { onEnd } from './measure/ending.ts';
import { startProgram } from './measure/program.ts';
import { timed } from './measure/statistics.ts';

const cluster = 'bench';
const now = () => new Date();
const timeoutMs = 300_000;

interface Size {
  readonly digests: number;
  readonly channels: number;
  readonly namespaces: number;
}

export const digests: Bench = {
  about: 'digests that are all due at one tick, one worker, as fast as Slack takes them',
  async run({ quick }) {
    const size = quick
      ? { digests: 20, channels: 10, namespaces: 10 }
      : { digests: 200, channels: 50, namespaces: 100 };
    const ours = await postedByUs(size);
    const bareMs = await timed(() => postBare(size, ours.messages));
    return {
      figures: [
        figure(`${size.digests} digests of ${size.namespaces} namespaces, until the last is out`, {
          unit: 's',
          ours: ours.ms / 1000,
          bare: bareMs / 1000,
          atMostTimes: 1.5,
          note: `${ours.messages.length} messages in ${size.channels} channels, each once; ${ours.refused} calls were too many for Slack`,
        }),
        figure('worker meanwhile, processor', { unit: '% of a core', ours: (100 * ours.cpuMs) / ours.ms }),
        figure('worker meanwhile, most memory seen, against before', {
          unit: 'MB',
          ours: ours.rssMb,
          bare: ours.idleMb,
          note: 'the mesh, in files, is part of both',
        }),
      ],
    };
  },
};

async function postedByUs(size: Size) {
  const [slack, server] = await Promise.all([aSlack(size), startRedis()]);
  onEnd(server.close);
  const redis = patientRedis({ url: server.url, name: 'bench', onError: () => {} });
  onEnd(() => redis.disconnect());
  await redisReady(redis, 5_000);
  const worker = await startProgram('bench/programs/digest-worker.ts', 'the digests can come', {
    ...{ SLACK_API_URL: slack.apiUrl, SLACK_BOT_TOKEN: slack.botToken, REDIS_URL: server.url, CLUSTER: cluster },
    ...{ HEALTH_PORT: '0', LISTEN_HOST: '127.0.0.1', LOG_LEVEL: 'error' },
    NAMESPACES: namesOf(size).join(','),
  });
  const queues = digestQueues(redis);
  onEnd(queues.close);
  const due = await dueOnes(size, slack, schedules(redis, { queues, now }));
  const [cpuMs, idleMb, tick] = [worker.cpuMs(), worker.rssMb(), now().toISOString()];
  let rssMb = 0;
  const ms = await timed(async () => {
    const add = ({ id }: Schedule) => queues.add(cluster, { version: 1, scheduleId: id, tick, reason: 'run' });
    await Promise.all(due.map(add));
    await allOut(due, tick, redis, () => {
      rssMb = Math.max(rssMb, worker.rssMb());
    });
  });
  const messages = channelsOf(size).flatMap((name) => slack.messages(name).flatMap((one) => [one, ...one.replies()]));
  assertOnce(messages, size);
  const refused = slack.callsOf('chat.postMessage').length - messages.length;
  return { ms, messages, refused, rssMb, idleMb, cpuMs: worker.cpuMs() - cpuMs };
}

async function aSlack(size: Size): Promise<FakeSlack> {
  const slack = await startFakeSlack({ rateLimits: 1 });
  onEnd(slack.close);
  for (const name of channelsOf(size)) slack.addChannel({ name, members: ['ana', 'bot'] });
  return slack;
}

function channelsOf({ channels }: Size): readonly string[] {
  return Array.from({ length: channels }, (_, index) => `team-${index}`);
}

/** As ten clusters would have them. */
function namesOf({ namespaces }: Size): readonly string[] {
  return Array.from({ length: namespaces }, (_, index) => `c${index % 10}-app-${Math.floor(index / 10)}`);
}

/** Each of two namespaces, in the channels by turns. */
async function dueOnes(
  size: Size,
  slack: FakeSlack,
  store: ReturnType<typeof schedules>,
): Promise<readonly Schedule[]> {
  const [names, places] = [namesOf(size), channelsOf(size)];
  const by = { team: slack.workspace.team.id, user: 'U0ANA000001' };
  const made: Schedule[] = [];
  for (let index = 0; index < size.digests; index += 1) {
    const channel = [...slack.workspace.channels.values()].find(({ name }) => name === places[index % places.length]);
    const pair = [names[index % names.length] ?? '', names[(index * 7 + 3) % names.length] ?? ''];
    const namespaces = [...new Set(pair)];
    const words = `daily ${index % 24}:${String(index % 60).padStart(2, '0')}`;
    made.push(await store.add({ channel: channel?.id ?? '', cluster, namespaces, topics: [], words }, by, 'UTC'));
  }
  return made;
}

async function allOut(due: readonly Schedule[], tick: string, redis: Redis, onLook: () => void): Promise<void> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    onLook();
    const posts = await digestPosts(redis).all();
    const left = due.filter(({ id }) => posts.get(id)?.done !== tick).length;
    if (left === 0) return;
    if (Date.now() > end) throw new Error(`${left} digests did not come within ${timeoutMs} ms`);
    await sleep(100);
  }
}

function assertOnce(messages: readonly MessageHandle[], { digests: expected }: Size): void {
  const roots = messages.filter(({ threadTs }) => threadTs === undefined).length;
  if (roots !== expected) throw new Error(`${roots} digests stand in the channels, and ${expected} were due`);
  const parts = new Set(messages.map(({ metadata }) => JSON.stringify(metadata)));
  if (parts.size !== messages.length) throw new Error('Something was posted twice');
}

/** The same messages to another Slack, each channel's one after the other, and nothing kept of it. */
async function postBare(size: Size, messages: readonly MessageHandle[]): Promise<void> {
  const slack = await aSlack(size);
  const client = new WebClient(slack.botToken, { slackApiUrl: slack.apiUrl, logLevel: LogLevel.ERROR });
  const byChannel = Map.groupBy(messages, ({ channel }) => channel);
  const places = [...slack.workspace.channels.values()].filter(({ name }) => name.startsWith('team-'));
  const post = async (all: readonly MessageHandle[], channel: string): Promise<void> => {
    for (const { text, blocks } of all) {
      await client.chat.postMessage({ channel, text, blocks: blocks as unknown as KnownBlock[] });
    }
  };
  await Promise.all([...byChannel.values()].map((all, index) => post(all, places[index]?.id ?? '')));
}
