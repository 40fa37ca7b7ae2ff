import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { type Job, Worker } from 'bullmq';
import { impatientRedis, patientRedis, redisReady } from '../../../src/clients/redis.ts';
import { consumeQueue } from '../../../src/jobs/consume-queue.ts';
import {
  applyQueueName,
  type ProposeJob,
  proposeJobSchema,
  remedyQueueName,
  remedyQueues,
} from '../../../src/jobs/fixes/queue.ts';
import { prefix, QueueDown } from '../../../src/jobs/queue.ts';
import { testLog } from '../../helpers/log.ts';
import { startRedis, type TestRedis } from '../../helpers/redis.ts';
import { waitFor } from '../../helpers/wait.ts';

const id = 'p0123456789abcdef0123';
let number = 0;

function proposal(changes: Partial<ProposeJob> = {}): ProposeJob {
  number += 1;
  return {
    version: 1,
    requestId: `p${String(number).padStart(20, '0')}`,
    fix: 'require-mtls',
    target: { cluster: 'prod', namespace: 'bookinfo' },
    channel: 'C1',
    requestedBy: { team: 'T1', user: 'U1' },
    requestedAt: '2026-11-24T12:00:00.000Z',
    command: 'fix require-mtls bookinfo',
    ...changes,
  };
}

describe('the queues of fixes', () => {
  const closing: (() => Promise<unknown> | unknown)[] = [];
  let server: TestRedis;

  before(async () => {
    server = await startRedis();
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  after(() => server.close());

  async function open() {
    const redis = impatientRedis({ url: server.url, name: 'test', onError: () => {} });
    await redisReady(redis, 5_000);
    await redis.flushall();
    const queues = remedyQueues(redis);
    closing.push(
      () => redis.disconnect(),
      () => queues.close(),
    );
    return queues;
  }

  function take(name: string, run: (job: Job) => Promise<void>): void {
    const redis = patientRedis({ url: server.url, name: 'test', onError: () => {} });
    const worker = new Worker(name, run, { connection: redis, prefix, concurrency: 5 });
    worker.on('error', () => {});
    closing.push(
      () => redis.disconnect(),
      () => worker.close(true),
    );
  }

  /** Looks at plans as the worker does: whoever wakes it from the beginning of a run on, wakes it for another. */
  function look(run: (job: Job) => Promise<void>): void {
    const connection = patientRedis({ url: server.url, name: 'test', onError: () => {} });
    const consumer = consumeQueue({
      connection,
      queue: remedyQueueName('prod'),
      concurrency: 5,
      lockMs: 3_000,
      log: testLog().log,
      read: ({ id: job = '' }) => ({
        id: job,
        async run(taken) {
          await taken.removeDeduplicationKey();
          await run(taken);
          return { status: 'done' };
        },
      }),
    });
    closing.push(
      () => connection.disconnect(),
      () => consumer.close(0),
    );
  }

  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  it('hand a request to the worker of its cluster as it was made', async () => {
    const queues = await open();
    const taken: unknown[] = [];
    take(remedyQueueName('prod'), async (job) => void taken.push([job.name, job.data]));
    const asked = proposal({ target: { cluster: 'prod', namespace: 'a', name: 'b' }, undoOf: id });
    assert.deepEqual(await queues.propose(asked), { status: 'queued' });
    await queues.propose(proposal({ target: { cluster: 'elsewhere' } }));
    await waitFor(() => taken.length > 0);
    assert.deepEqual(taken, [['propose', asked]]);
  });

  it('join the same request in the same channel, and no other', async () => {
    const queues = await open();
    const first = proposal();
    await queues.propose(first);
    assert.deepEqual(await queues.propose(proposal()), { status: 'joined', requestId: first.requestId });
    for (const other of [
      { channel: 'C2' },
      { fix: 'enable-user-workload-monitoring' },
      { target: { cluster: 'prod', namespace: 'other' } },
      { undoOf: id },
    ]) {
      assert.deepEqual(await queues.propose(proposal(other)), { status: 'queued' });
    }
  });

  it('let several wakes that wait be one look', async () => {
    const queues = await open();
    for (let wake = 0; wake < 5; wake += 1) await queues.wake('prod', id);
    await queues.wake('prod', 'p99999999');
    const looks: string[] = [];
    look(async ({ data }) => void looks.push(data.id));
    await waitFor(() => looks.length >= 2);
    await pause(200);
    assert.deepEqual(looks.toSorted(), [id, 'p99999999'].toSorted());
  });

  it('look again after a wake that came during a look', async () => {
    const queues = await open();
    const step = Promise.withResolvers<void>();
    let looks = 0;
    look(async () => {
      looks += 1;
      if (looks === 1) await step.promise;
    });
    await queues.wake('prod', id);
    await waitFor(() => looks === 1);
    await queues.wake('prod', id);
    step.resolve();
    await waitFor(() => looks === 2);
    await queues.wake('prod', id);
    await waitFor(() => looks === 3);
  });

  it('do not let a later look stand in for one now', async () => {
    const queues = await open();
    let looks = 0;
    look(async () => {
      looks += 1;
    });
    await queues.wakeLater('prod', id, 600);
    await queues.wakeLater('prod', id, 600);
    await queues.wake('prod', id);
    await waitFor(() => looks === 1, 500);
    await waitFor(() => looks === 2);
    await pause(300);
    assert.equal(looks, 2);
  });

  it('hand a plan to the fixer once for each version, also after it was taken', async () => {
    const queues = await open();
    const taken: unknown[] = [];
    take(applyQueueName('prod'), async (job) => void taken.push([job.data, job.opts.attempts]));
    await queues.apply('prod', id, 3);
    await waitFor(() => taken.length === 1);
    await queues.apply('prod', id, 3);
    await queues.apply('prod', id, 5);
    await waitFor(() => taken.length === 2);
    await pause(200);
    assert.deepEqual(taken, [
      [{ version: 1, id }, 1],
      [{ version: 1, id }, 1],
    ]);
  });

  it('hand a plan to be tried once at a time, again once that is over, and after all that is to be applied', async () => {
    const queues = await open();
    const taken: string[] = [];
    for (let count = 0; count < 3; count += 1) await queues.try('prod', id);
    await queues.try('prod', 'p99999999');
    await queues.apply('prod', id, 3);
    const redis = patientRedis({ url: server.url, name: 'test', onError: () => {} });
    const run = async ({ name, data }: Job) => void taken.push(`${name} ${data.id}`);
    const worker = new Worker(applyQueueName('prod'), run, { connection: redis, prefix, concurrency: 1 });
    worker.on('error', () => {});
    closing.push(
      () => redis.disconnect(),
      () => worker.close(true),
    );
    await waitFor(() => taken.length === 3);
    assert.deepEqual(taken, [`apply ${id}`, `try ${id}`, 'try p99999999']);
    await pause(200);
    await queues.try('prod', id);
    await waitFor(() => taken.length === 4);
  });

  it('say within a second that Redis is down, and work once it is back', async () => {
    const queues = await open();
    await queues.wake('prod', id);
    await server.stop();
    const begun = performance.now();
    await assert.rejects(queues.wake('prod', 'p99999999'), QueueDown);
    await assert.rejects(queues.propose(proposal()), QueueDown);
    assert.ok(performance.now() - begun < 3_000, `took ${performance.now() - begun} ms`);
    await server.start();
    await waitFor(async () => {
      try {
        await queues.wake('prod', 'p99999999');
        return true;
      } catch {
        return false;
      }
    });
  });

  it('take nothing that is not a request', async () => {
    const queues = await open();
    await assert.rejects(queues.propose({ ...proposal(), requestId: 'a:b' }));
    await assert.rejects(queues.wake('prod', '../etc'));
    assert.equal(proposeJobSchema.safeParse({ ...proposal(), version: 2 }).success, false);
  });
});
