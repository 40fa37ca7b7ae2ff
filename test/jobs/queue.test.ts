import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { DelayedError, type Job, Worker } from 'bullmq';
import { impatientRedis, patientRedis, redisReady } from '../../src/clients/redis.ts';
import { consumeQueue } from '../../src/jobs/consume-queue.ts';
import {
  type CheckJob,
  checkJobSchema,
  checkQueues,
  prefix,
  QueueDown,
  queueName,
  workerKeys,
} from '../../src/jobs/queue.ts';
import { testLog } from '../helpers/log.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { waitFor } from '../helpers/wait.ts';

let number = 0;

function question(changes: Partial<CheckJob> = {}): CheckJob {
  number += 1;
  return {
    version: 1,
    requestId: `r${number}x`,
    topic: 'mtls',
    target: { cluster: 'prod', namespace: 'bookinfo' },
    channel: 'C1',
    requestedBy: { team: 'T1', user: 'U1' },
    requestedAt: '2026-11-24T12:00:00.000Z',
    command: 'mtls bookinfo',
    ...changes,
  };
}

describe('the queue', () => {
  const closing: (() => Promise<unknown> | unknown)[] = [];
  let server: TestRedis;

  before(async () => {
    server = await startRedis();
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  after(() => server.close());

  async function bot() {
    const redis = impatientRedis({ url: server.url, name: 'test', onError: () => {} });
    await redisReady(redis, 5_000);
    await redis.flushall();
    const queues = checkQueues(redis);
    closing.push(
      () => redis.disconnect(),
      () => queues.close(),
    );
    return { redis, queues };
  }

  function worker(run: (job: Job, token?: string) => Promise<void>, cluster = 'prod'): void {
    const redis = patientRedis({ url: server.url, name: 'test', onError: () => {} });
    const taking = new Worker(queueName(cluster), run, { connection: redis, prefix });
    taking.on('error', () => {});
    closing.push(
      () => redis.disconnect(),
      () => taking.close(true),
    );
  }

  it('hands a question to the worker of its cluster as it was asked', async () => {
    const { queues } = await bot();
    const taken: unknown[] = [];
    worker(async (job) => void taken.push(job.data));
    const asked = question({ target: { cluster: 'prod', namespace: 'a', workload: 'b', from: ['c'] } });
    assert.deepEqual(await queues.add(asked), { status: 'queued' });
    await queues.add(question({ target: { cluster: 'elsewhere', namespace: 'a' } }));
    await waitFor(() => taken.length > 0);
    assert.deepEqual(taken, [asked]);
    assert.deepEqual(checkJobSchema.parse(taken[0]), asked);
  });

  it('joins the same question in the same channel while it waits', async () => {
    const { queues } = await bot();
    const first = question();
    await queues.add(first);
    assert.deepEqual(await queues.add(question()), { status: 'joined', requestId: first.requestId });
    const other = question({ target: { ...first.target, strictReady: true } });
    assert.deepEqual(await queues.add(other), { status: 'queued' });
    assert.deepEqual(await queues.add(question({ channel: 'C2' })), { status: 'queued' });
    assert.deepEqual(await queues.add(question({ topic: 'traffic' })), { status: 'queued' });
    assert.deepEqual(await queues.add(question({ target: { cluster: 'prod', namespace: 'other' } })), {
      status: 'queued',
    });
  });

  it('gives one job to a hundred who ask at once', async () => {
    const { queues } = await bot();
    const added = await Promise.all(Array.from({ length: 100 }, () => queues.add(question())));
    assert.equal(added.filter(({ status }) => status === 'queued').length, 1);
  });

  it('joins it while it is answered and while it is put off, and asks anew once it is done', async () => {
    const { queues } = await bot();
    const step = Promise.withResolvers<void>();
    let runs = 0;
    worker(async (job, token) => {
      runs += 1;
      if (runs === 1) {
        await step.promise;
        await job.moveToDelayed(Date.now() + 400, token);
        throw new DelayedError();
      }
    });
    await queues.add(question());
    await waitFor(() => runs === 1);
    assert.equal((await queues.add(question())).status, 'joined');
    step.resolve();
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal((await queues.add(question())).status, 'joined');
    await waitFor(() => runs === 2);
    await waitFor(async () => (await queues.add(question())).status === 'queued');
  });

  it('says within a second that Redis is down, and works once it is back', async () => {
    const { queues, redis } = await bot();
    await queues.add(question());
    await server.stop();
    const begun = performance.now();
    await assert.rejects(queues.add(question({ channel: 'C9' })), QueueDown);
    assert.ok(performance.now() - begun < 1_500, `took ${performance.now() - begun} ms`);
    await server.start();
    await redisReady(redis, 5_000);
    assert.equal((await queues.add(question())).status, 'joined', 'what was acknowledged is still there');
  });

  it('says within two seconds that Redis is silent', async () => {
    const { queues, redis } = await bot();
    await queues.add(question());
    await redis.call('CLIENT', 'PAUSE', '3000', 'ALL');
    const begun = performance.now();
    await assert.rejects(queues.add(question({ channel: 'C8' })), QueueDown);
    assert.ok(performance.now() - begun < 2_000, `took ${performance.now() - begun} ms`);
  });

  it('works though Redis was down when it began', async () => {
    await server.stop();
    const redis = impatientRedis({ url: server.url, name: 'test', onError: () => {} });
    const queues = checkQueues(redis);
    closing.push(
      () => redis.disconnect(),
      () => queues.close(),
    );
    await assert.rejects(queues.add(question({ channel: 'C7' })), QueueDown);
    await server.start();
    await redisReady(redis, 5_000);
    assert.equal((await queues.add(question({ channel: 'C7' }))).status, 'queued');
  });

  it('knows whether a worker lives and how many wait', async () => {
    const { queues, redis } = await bot();
    assert.deepEqual(await queues.state('prod'), { waiting: 0, workerAlive: false });
    for (const channel of ['C1', 'C2', 'C3']) await queues.add(question({ channel }));
    const { alive, seen } = workerKeys('prod');
    await redis.set(alive, '2026-11-24T12:00:00Z');
    await redis.set(seen, '2026-11-24T12:00:00Z');
    assert.deepEqual(await queues.state('prod'), {
      waiting: 2,
      workerAlive: true,
      workerSeenAt: '2026-11-24T12:00:00Z',
    });
  });

  it('looks for the jobs of workers that died, however long it locks its own', async () => {
    const { redis } = await bot();
    const connection = patientRedis({ url: server.url, name: 'test', onError: () => {} });
    const { log } = testLog();
    const queue = queueName('prod');
    const consumer = consumeQueue({ connection, queue, concurrency: 1, lockMs: 2_000, log, read: () => undefined });
    closing.push(
      () => connection.disconnect(),
      () => consumer.close(0),
    );
    await waitFor(() => redis.exists(`${prefix}:${queue}:stalled-check`), 2_000);
  });

  it('takes nothing that is not a question', async () => {
    const { queues } = await bot();
    await assert.rejects(queues.add(question({ requestedAt: 'yesterday' })));
    await assert.rejects(queues.add(question({ command: 'x'.repeat(4_001) })));
  });
});
