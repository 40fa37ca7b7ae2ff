import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import type { RunningBot } from '../src/bot.ts';
import { auditLog } from '../src/jobs/audit/audit.ts';
import { prefix, queueName, workerKeys } from '../src/jobs/queue.ts';
import type { RunningWorker } from '../src/worker.ts';
import { type Meshbot, startMeshbot } from './helpers/meshbot.ts';
import { restart } from './helpers/redis.ts';
import { waitFor } from './helpers/wait.ts';

/** The value of a series, by its name and labels as they are written. Nothing where there is none. */
async function valuesOf({ healthUrl }: RunningBot | RunningWorker): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`${healthUrl}/metrics`)).text();
  const lines = text.split('\n').filter((line) => /^meshbot_/.test(line));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1).replace('+Inf', 'Infinity'))];
    }),
  );
}

describe('the metrics of the bot', () => {
  let mesh: Meshbot;
  let bot: RunningBot;
  let redis: Redis;
  before(async () => {
    mesh = await startMeshbot({ worker: 'none' });
    redis = new Redis(mesh.redis.url);
    redis.on('error', () => {});
    bot = await mesh.startBot({ clusters: ['prod', 'other'] });
  });
  after(async () => {
    redis.disconnect();
    await mesh.close();
  });

  it('tell of every cluster how long nobody has been there, and of the oldest job', async () => {
    await redis.set(workerKeys('prod').seen, new Date(Date.now() - 90_000).toISOString());
    const queue = new Queue(queueName('prod'), { connection: { url: mesh.redis.url }, prefix });
    await queue.add('check', {}, { timestamp: Date.now() - 600_000 });
    await queue.close();
    const values = await valuesOf(bot);
    const worker = (name: string) => values.get(`meshbot_cluster_worker_silent_seconds{target_cluster="${name}"}`) ?? 0;
    assert.ok(worker('prod') >= 90 && worker('prod') < 150);
    assert.equal(worker('other'), Number.POSITIVE_INFINITY);
    const oldest = (name: string, of: string) =>
      values.get(`meshbot_cluster_oldest_job_seconds{target_cluster="${name}",queue="${of}"}`) ?? -1;
    assert.ok(oldest('prod', 'check') >= 600 && oldest('prod', 'check') < 700);
    assert.deepEqual([oldest('prod', 'digest'), oldest('other', 'check')], [0, 0]);
    assert.equal(values.get('meshbot_cluster_digests_overdue{target_cluster="prod"}'), 0);
    assert.equal(values.get('meshbot_redis_up'), 1);
    assert.ok((values.get('meshbot_redis_memory_used_bytes') ?? 0) > 0);
  });

  it('tell that the audit log was walked, and holds', async () => {
    await auditLog(redis).append({ kind: 'policy', at: new Date().toISOString(), says: 'A new policy is in force.' });
    await waitFor(async () => (await valuesOf(bot)).get('meshbot_audit_broken') === 0);
  });

  it('count what is asked, from 0 on', async () => {
    const asked = async () => (await valuesOf(mesh.bot)).get('meshbot_questions_asked_total');
    const other = async () => (await valuesOf(bot)).get('meshbot_questions_asked_total');
    const sum = async () => ((await asked()) ?? Number.NaN) + ((await other()) ?? Number.NaN);
    assert.equal(await sum(), 0);
    await mesh.slack.as('ana').in('mesh').slash('/mesh mtls shop --cluster prod');
    assert.equal(await sum(), 1);
  });

  it('come in time while Redis is away, as those of a worker do, and say so', async () => {
    const worker = await mesh.startWorker();
    await waitFor(async () => (await valuesOf(worker)).get('meshbot_questions_answered_total') === 1);
    await restart(mesh.redis, async () => {
      await waitFor(async () => (await valuesOf(bot)).get('meshbot_redis_up') === 0);
      // What was looked at just before may be shown for a moment.
      await waitFor(async () => ![...(await valuesOf(bot)).keys()].some((name) => name.startsWith('meshbot_cluster_')));
      const begun = performance.now();
      const values = await valuesOf(worker);
      assert.ok(performance.now() - begun < 8_000);
      assert.equal(values.get('meshbot_questions_answered_total'), 1);
      assert.ok(!values.has('meshbot_questions_waiting') && !values.has('meshbot_digest_overdue'));
    });
    await redis.ping();
  });
});
