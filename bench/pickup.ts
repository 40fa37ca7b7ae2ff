import { Queue, Worker } from 'bullmq';
import { patientRedis, redisReady } from '../src/clients/redis.ts';
import { asks } from '../src/jobs/asks.ts';
import { consumeChecks } from '../src/jobs/consume.ts';
import type { Messenger } from '../src/jobs/messenger.ts';
import { mutes } from '../src/jobs/mutes.ts';
import { names } from '../src/jobs/names.ts';
import { type CheckJob, checkQueues } from '../src/jobs/queue.ts';
import { deliveryRecords } from '../src/jobs/records.ts';
import { createLogger } from '../src/log.ts';
import { startRedis } from '../src/sandbox/redis.ts';
import { type Bench, figure } from './measure/bench.ts';
import { onEnd } from './measure/ending.ts';
import { median, quantile } from './measure/statistics.ts';

/** Puts one job into a queue; gives how long it took until its function began, in ms. */
type PickUp = (index: number) => Promise<number>;

export const pickup: Bench = {
  about: 'a job from being queued until its function begins, against bare BullMQ',
  async run({ quick }) {
    const redis = await startRedis();
    onEnd(redis.close);
    const ways = { ours: await ours(redis.url), bare: await bare(redis.url) };
    const taken = { ours: [] as number[], bare: [] as number[] };
    const [warmUp, rounds] = quick ? [5, 20] : [50, 500];
    for (let index = 0; index < warmUp + rounds; index += 1) {
      for (const way of ['ours', 'bare'] as const) {
        const ms = await ways[way](index);
        if (index >= warmUp) taken[way].push(ms);
      }
    }
    const at = (part: number) => ({ ours: quantile(taken.ours, part), bare: quantile(taken.bare, part) });
    return {
      figures: [
        figure(`pick-up, p50 of ${rounds}`, {
          unit: 'ms',
          ours: median(taken.ours),
          bare: median(taken.bare),
          atMostTimes: 2,
        }),
        figure(`pick-up, p99 of ${rounds}`, { unit: 'ms', ...at(0.99) }),
      ],
    };
  },
};

async function connect(url: string) {
  const redis = patientRedis({ url, name: 'bench', onError: () => {} });
  onEnd(() => redis.disconnect());
  await redisReady(redis, 5_000);
  return redis;
}

async function ours(url: string): Promise<PickUp> {
  const redis = await connect(url);
  const queues = checkQueues(await connect(url));
  const now = () => new Date();
  let begin = (): void => {};
  const consumer = consumeChecks({
    redis,
    concurrency: 4,
    lockMs: 15_000,
    onTaken: () => begin(),
    within: (_requestId, work) => work(),
    deps: {
      cluster: 'bench',
      answer: async () => Promise.reject(new Error('The bench wants no answer')),
      sources: {
        cluster: { name: 'bench', source: 'none', kind: 'files', list: async () => [], get: async () => undefined },
      },
      messenger: silent,
      records: deliveryRecords(redis, now),
      asks: asks(redis),
      names: names(redis),
      mutes: mutes(redis, now),
      log: createLogger({ level: 'silent' }),
      watch: { answered() {}, evidence() {}, putOff() {}, undelivered() {} },
      now,
      isOffered: () => false,
      progressEveryMs: 60_000,
    },
  });
  onEnd(() => consumer.close(1_000));
  onEnd(queues.close);
  return async (index) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    begin = resolve;
    const begun = performance.now();
    await queues.add(jobOf(index));
    await promise;
    return performance.now() - begun;
  };
}

async function bare(url: string): Promise<PickUp> {
  const redis = await connect(url);
  const queue = new Queue('bare', { connection: await connect(url) });
  let begin = (): void => {};
  const worker = new Worker('bare', async () => begin(), { connection: redis, concurrency: 4 });
  onEnd(() => worker.close());
  onEnd(() => queue.close());
  await worker.waitUntilReady();
  return async (index) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    begin = resolve;
    const begun = performance.now();
    await queue.add('check', jobOf(index));
    await promise;
    return performance.now() - begun;
  };
}

function jobOf(index: number): CheckJob {
  return {
    version: 1,
    requestId: `r${index}`,
    topic: 'mtls',
    target: { cluster: 'bench', namespace: `ns-${index}` },
    channel: 'C1',
    requestedBy: { team: 'T1', user: 'U1' },
    requestedAt: new Date().toISOString(),
    command: `mtls ns-${index}`,
  };
}

/** What happens after the pick-up is not measured here. */
const silent: Messenger = {
  botName: 'meshbot',
  post: async () => ({ ok: true, ts: '1' }),
  update: async () => ({ ok: true }),
  find: async () => ({ ok: true }),
  upload: async () => ({ ok: true }),
  permalink: async () => ({ ok: true, url: '' }),
  openDirectMessage: async () => ({ ok: true, channel: 'D1' }),
};
