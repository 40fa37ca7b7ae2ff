import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { impatientRedis, redisReady } from '../../src/clients/redis.ts';
import { type CheckJob, type CheckQueues, checkQueues } from '../../src/jobs/queue.ts';
import { type Child, startChild } from '../helpers/child.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { type SlackApi, startSlackApi } from '../helpers/slack-api.ts';
import { waitFor } from '../helpers/wait.ts';

describe('a worker that is killed', () => {
  let redis: TestRedis;
  let slack: SlackApi;
  let client: ReturnType<typeof impatientRedis>;
  let queues: CheckQueues;
  let workers: Child[];
  let number = 0;

  before(async () => {
    redis = await startRedis();
    client = impatientRedis({ url: redis.url, name: 'test', onError: () => {} });
    await redisReady(client, 5_000);
    queues = checkQueues(client);
  });
  beforeEach(async () => {
    slack = await startSlackApi();
    workers = [];
  });
  afterEach(async () => {
    for (const worker of workers) await worker.kill('SIGKILL');
    await slack.close();
  });
  after(async () => {
    await queues.close();
    client.disconnect();
    await redis.close();
  });

  async function worker(env: Record<string, string> = {}): Promise<Child> {
    const child = await startChild('worker-process.ts', { REDIS_URL: redis.url, SLACK_API_URL: slack.url, ...env });
    workers.push(child);
    return child;
  }

  async function ask(namespace: string): Promise<string> {
    number += 1;
    const requestId = `r${number}k`;
    const job: CheckJob = {
      version: 1,
      requestId,
      topic: 'mtls',
      target: { cluster: 'prod', namespace },
      channel: 'C1',
      requestedBy: { team: 'T1', user: 'U1' },
      requestedAt: new Date().toISOString(),
      command: `mtls ${namespace}`,
    };
    assert.equal((await queues.add(job)).status, 'queued');
    return requestId;
  }

  const of = (requestId: string) =>
    slack.messages.filter(({ metadata }) => metadata?.event_payload.request_id === requestId);
  const finished = async (requestId: string) =>
    (await client.hget(`meshbot:delivery:${requestId}`, 'finished')) === '1';

  async function assertAnsweredOnce(requestId: string): Promise<void> {
    await waitFor(() => finished(requestId), 20_000);
    const roots = of(requestId).filter(({ thread }) => thread === undefined);
    assert.equal(roots.length, 1, `${requestId}: ${roots.map(({ text }) => text).join(' | ')}`);
    assert.match(roots[0]?.text ?? '', /accepts plaintext/);
    const parts = of(requestId).map(({ metadata }) => metadata?.event_payload.part);
    assert.deepEqual(parts, Array.from(new Set(parts)));
    assert.ok(parts.length > 1, 'the evidence is there');
  }

  it('in the middle of an answer: another goes on in the same message', async () => {
    const first = await worker({ ANSWER_MS: '60000' });
    const id = await ask('killed');
    await waitFor(() => of(id).length === 1);
    await first.kill('SIGKILL');
    await worker();
    await assertAnsweredOnce(id);
  });

  it('at any moment of the delivery: nothing is missing and nothing twice', async () => {
    const ids: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      const child = await worker({ ANSWER_MS: '20' });
      const before = slack.calls.length;
      for (let question = 0; question < 4; question += 1) ids.push(await ask(`n${round}-${question}`));
      await waitFor(() => slack.calls.length > before + round * 3);
      await child.kill('SIGKILL');
    }
    await worker({ ANSWER_MS: '0' });
    for (const id of ids) await assertAnsweredOnce(id);
  });

  it('by the question itself, again and again: the question ends with words and a reference', async () => {
    const id = await ask('poison');
    for (let life = 0; life < 8 && !(await finished(id)); life += 1) {
      const child = await worker({ ANSWER_MS: 'crash', LOCK_MS: '300' });
      await waitFor(async () => child.exited() || (await finished(id)));
    }
    assert.ok(await finished(id));
    const roots = of(id).filter(({ thread }) => thread === undefined);
    assert.equal(roots.length, 1);
    assert.match(roots[0]?.text ?? '', new RegExp(id));
  });

  it('gently: it finishes what it has and takes nothing new', async () => {
    const child = await worker({ ANSWER_MS: '700' });
    const id = await ask('drained');
    await waitFor(() => of(id).length === 1);
    const ended = child.kill('SIGTERM');
    await sleep(100);
    const next = await ask('for-the-next');
    assert.equal(await ended, 0);
    await assertAnsweredOnce(id);
    assert.equal(of(next).length, 0);
    await worker();
    await assertAnsweredOnce(next);
  });

  it('gently, with a question that takes too long: another answers it soon', async () => {
    const child = await worker({ ANSWER_MS: '60000', LOCK_MS: '60000' });
    const id = await ask('given-back');
    await waitFor(() => of(id).length === 1);
    assert.equal(await child.kill('SIGTERM'), 0);
    await worker({ LOCK_MS: '60000' });
    await assertAnsweredOnce(id);
  });

  it('while Redis restarts under it: it goes on by itself', async () => {
    await worker({ ANSWER_MS: '1500', LOCK_MS: '3000' });
    const id = await ask('restarted');
    await waitFor(() => of(id).length === 1);
    await redis.stop();
    await sleep(300);
    await redis.start();
    await redisReady(client, 5_000);
    await assertAnsweredOnce(id);
  });
});
