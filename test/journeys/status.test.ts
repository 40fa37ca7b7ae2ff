import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { readPolicy } from '../../src/clients/files/policy.ts';
import { fixes } from '../../src/fixes/index.ts';
import { digestQueues } from '../../src/jobs/digests/queue.ts';
import { schedules } from '../../src/jobs/digests/schedules.ts';
import { prefix, queueName, workerKeys } from '../../src/jobs/queue.ts';
import { asked, lookAround } from '../../src/jobs/status.ts';
import { loadWorkerState } from '../../src/jobs/worker-state.ts';
import { release } from '../../src/release.ts';
import { exampleCluster } from '../../src/sandbox/example-cluster.ts';
import { surfaces } from '../../src/slack-manifest.ts';
import { folderOf } from '../clients/files/folder.ts';
import { type Meshbot, startMeshbot } from '../helpers/meshbot.ts';
import { restart } from '../helpers/redis.ts';
import { waitFor } from '../helpers/wait.ts';

const day = 24 * 3600;
const fixIds = fixes.map(({ id }) => id);

describe('/mesh status', () => {
  let mesh: Meshbot;
  let redis: Redis;

  before(async () => {
    mesh = await startMeshbot({ worker: 'none', slack: { scopes: surfaces.scopes.map(({ scope }) => scope) } });
    redis = new Redis(mesh.redis.url);
  });
  after(async () => {
    redis.disconnect();
    await mesh.close();
  });

  const ask = async () => {
    const { answer } = await mesh.slack.as('ana').in('mesh').slash('/mesh status');
    assert.equal(answer?.ephemeralTo, mesh.slack.as('ana').id, 'only ana sees it');
    return answer.plain;
  };

  it('says that no worker is there, and how many wait for one', async () => {
    await mesh.slack.as('ana').in('mesh').slash('/mesh mtls shop');
    assert.match(await ask(), /✖[\s\S]*no worker has ever been seen; 1 question waits/);
  });

  it('says since when one is gone', async () => {
    await redis.set(workerKeys('prod').seen, '2026-11-24T12:00:00.000Z', 'EX', day);
    assert.match(await ask(), /no worker has been seen since/);
  });

  it('is well once a worker is there and says how it is', async () => {
    await mesh.startWorker();
    await waitFor(async () => (await loadWorkerState(redis, 'prod')) !== undefined);
    await waitFor(async () => /✔ All is well/.test(await ask()));
    const said = await ask();
    assert.match(said, /2 sockets open, (\d+) of \1 scopes/);
    assert.match(said, new RegExp(`worker ${release().replaceAll('.', '\\.')}`));
  });

  it('names a scope that the app lacks, and what for', async () => {
    const other = await startMeshbot({ slack: { scopes: ['commands', 'chat:write'] } });
    try {
      const { answer } = await other.slack.as('ana').in('mesh').slash('/mesh status');
      assert.match(answer?.plain ?? '', /files:write: what does not fit[\s\S]*slack-manifest/);
    } finally {
      await other.close();
    }
  });

  it('comes, though Redis is away, and says so', async () => {
    await restart(mesh.redis, async () => {
      assert.match(await ask(), /✖[\s\S]*Redis[\s\S]*does not answer/);
    });
    await redis.ping();
  });
});

describe('/mesh status, while Slack takes nothing of the worker', () => {
  it('is not well, and counts what was put off; it is well again once Slack takes it', async () => {
    const mesh = await startMeshbot({ slack: { scopes: surfaces.scopes.map(({ scope }) => scope) } });
    const redis = new Redis(mesh.redis.url);
    try {
      const ana = mesh.slack.as('ana').in('mesh');
      const ask = async () => (await ana.slash('/mesh status')).answer?.plain ?? '';
      await waitFor(async () => /✔ All is well/.test(await ask()));
      mesh.slack.fail({ method: 'chat.postMessage', fault: { error: 'account_inactive' }, times: 5 });
      for (let index = 0; index < 4; index += 1) await ana.slash(`/mesh mtls shop-${index}`);
      await waitFor(async () => (await redis.zcard('meshbot:check-prod:delayed')) > 0);
      await waitFor(async () => (await loadWorkerState(redis, 'prod'))?.slack?.code === 'account_inactive');
      const said = await ask();
      assert.match(said, /^✖ [\s\S]*prod: its worker cannot deliver. Slack said account_inactive/);
      assert.doesNotMatch(said, /✔|nothing waits/);
      assert.match(said, /questions? waits? \(\d put off\)/);
      await waitFor(async () => /✔ All is well.*[\s\S]*nothing waits/.test(await ask()), 30_000);
      assert.equal(mesh.slack.messages('mesh').length, 4);
    } finally {
      redis.disconnect();
      await mesh.close();
    }
  });
});

describe('/mesh status, where fixes are on', () => {
  it('has what the fixer says of itself: its version, and that a ConfigMap stops all changes', async () => {
    const allows = 'version: 1\nfixes: [{ fixes: [require-mtls], approve: [everyone] }]\n';
    const policyFile = `${folderOf({ 'policy.yaml': allows })}/policy.yaml`;
    const mesh = await startMeshbot({
      slack: { scopes: surfaces.scopes.map(({ scope }) => scope) },
      policyFile,
      worker: { policy: readPolicy(policyFile, fixIds) },
    });
    const redis = new Redis(mesh.redis.url);
    try {
      const cluster = await exampleCluster({ name: 'prod', folder: 'examples/bookinfo-permissive/mesh' });
      let because: string | undefined;
      const fixer = () =>
        mesh.startFixer(
          { writer: { ...cluster, frozen: async () => because } },
          { freezeConfigMap: { namespace: 'meshbot', name: 'meshbot-freeze' } },
        );
      const ana = mesh.slack.as('ana').in('mesh');
      const ask = async () => (await ana.slash('/mesh status')).answer?.plain ?? '';
      await waitFor(async () => /no fixer has ever been seen/.test(await ask()));
      const first = await fixer();
      await waitFor(async () => /✔ All is well/.test(await ask()));
      assert.match(await ask(), new RegExp(`fixer ${release().replaceAll('.', '\\.')} is there`));
      await first.stop();
      await redis.del('meshbot:fixer-state:prod');
      because = 'a release';
      await fixer();
      await waitFor(async () => /▲ [\s\S]*stopped by a ConfigMap[\s\S]*a release/.test(await ask()));
    } finally {
      redis.disconnect();
      await mesh.close();
    }
  });
});

describe('what Redis says', () => {
  let mesh: Meshbot;
  let redis: Redis;

  before(async () => {
    mesh = await startMeshbot({ worker: 'none' });
    redis = new Redis(mesh.redis.url);
  });
  after(async () => {
    redis.disconnect();
    await mesh.close();
  });

  it('has its version, the memory it uses, and since when the oldest question waits', async () => {
    const queue = new Queue(queueName('prod'), { connection: { url: mesh.redis.url }, prefix });
    await queue.add('check', {}, { timestamp: Date.parse('2026-11-25T10:00:00.000Z') });
    await queue.add('check', {}, { timestamp: Date.parse('2026-11-25T11:00:00.000Z') });
    await queue.close();
    const { redis: own, clusters } = await lookAround(redis, ['prod', 'other']);
    assert.ok(own.status === 'known' && own.value.server.status === 'known');
    assert.match(own.value.server.value.version, /^\d+\./);
    assert.ok(own.value.server.value.usedBytes > 0);
    const [prod, other] = clusters.map(({ found }) => (found.status === 'known' ? found.value.questions : undefined));
    assert.deepEqual(prod, { count: 2, since: '2026-11-25T10:00:00.000Z' });
    assert.deepEqual(other, { count: 0 });
  });

  it('has what was put off and what runs for long, and not what waits for its time', async () => {
    const queue = new Queue(queueName('late'), { connection: { url: mesh.redis.url }, prefix });
    const worker = new Worker(queueName('late'), undefined, { connection: { url: mesh.redis.url }, prefix });
    const add = (at: string, delay = 0) => queue.add('check', {}, { timestamp: Date.parse(at), delay });
    const found = async (now = new Date()) => {
      const [{ found: seen } = { found: undefined }] = (await lookAround(redis, ['late'], now)).clusters;
      return seen?.status === 'known' ? seen.value.questions : undefined;
    };
    try {
      await add(new Date().toISOString(), 3_600_000);
      assert.deepEqual(await found(), { count: 0 });
      await add('2026-11-25T10:00:00.000Z');
      const job = await worker.getNextJob('token');
      assert.deepEqual(await found(), { count: 0 }, 'it was begun just now');
      const running = { count: 1, since: '2026-11-25T10:00:00.000Z' };
      assert.deepEqual(await found(new Date(Date.now() + 180_000)), running);
      await job?.moveToDelayed(Date.now() + 60_000, 'token');
      assert.deepEqual(await found(), { ...running, putOff: 1 });
      await job?.changeDelay(0);
      await waitFor(async () => (await worker.getNextJob('token')) !== undefined);
      assert.deepEqual(await found(), { ...running, putOff: 1 }, 'it is tried once more');
    } finally {
      await worker.close();
      await queue.close();
    }
  });

  it('has the digests that should be out and are not', async () => {
    const queues = digestQueues(redis);
    const since = () => new Date('2026-11-24T12:00:00.000Z');
    const wanted = { channel: 'C1', cluster: 'prod', namespaces: ['shop'], topics: [], words: 'daily 9:00' };
    await schedules(redis, { queues, now: since }).add(wanted, { team: 'T1', user: 'U1' }, 'UTC');
    await queues.close();
    const overdue = async (at: string) =>
      (await lookAround(redis, ['prod', 'other'], new Date(at))).clusters.map(({ found }) =>
        found.status === 'known' ? found.value.digests.count : undefined,
      );
    assert.deepEqual(await overdue('2026-11-25T09:04:00.000Z'), [0, 0]);
    assert.deepEqual(await overdue('2026-11-25T09:06:00.000Z'), [1, 0]);
  });

  it('is told apart from what it may not say', async () => {
    await redis.acl('SETUSER', 'meshbot', 'on', '>secret', '~*', '&*', '+@all', '-info');
    const url = new URL(mesh.redis.url);
    url.username = 'meshbot';
    url.password = 'secret';
    const limited = new Redis(url.href, { enableReadyCheck: false });
    await waitFor(() => limited.status === 'ready');
    try {
      const { redis: own } = await lookAround(limited, []);
      assert.ok(own.status === 'known' && own.value.server.status === 'unknown');
      assert.match(own.value.server.why, /not allowed/);
    } finally {
      limited.disconnect();
    }
  });

  it('is unknown where it does not answer, and nothing is thrown', async () => {
    const gone = new Redis({ port: 1, lazyConnect: true, enableOfflineQueue: false, retryStrategy: () => null });
    gone.on('error', () => {});
    const { redis: own, clusters } = await lookAround(gone, ['prod']);
    assert.equal(own.status, 'unknown');
    assert.deepEqual(
      clusters.map(({ found }) => found.status),
      ['unknown'],
    );
    assert.equal((await asked(() => Promise.reject(new Error('no')))).status, 'unknown');
    gone.disconnect();
  });
});
