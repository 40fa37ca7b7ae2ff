import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { startFixer } from '../src/fixer.ts';
import { auditLog } from '../src/jobs/audit/audit.ts';
import { fixerKeys, remedyQueues } from '../src/jobs/fixes/queue.ts';
import { begin, propose } from '../src/model/life.ts';
import { type ExampleCluster, exampleCluster } from '../src/sandbox/example-cluster.ts';
import { approvalKey, fixerBench } from './helpers/fixer.ts';
import { testLog } from './helpers/log.ts';
import { waitFor } from './helpers/wait.ts';

const bench = fixerBench();
const policyFile = path.join(tmpdir(), `meshbot-policy-${process.pid}.yaml`);
const allows =
  'version: 1\nroles: { sre: { users: [UANA, UBOB] } }\nfixes: [{ fixes: [require-mtls], approve: [sre] }]\n';
after(() => rmSync(policyFile, { force: true }));

async function start(cluster: ExampleCluster, key = approvalKey) {
  writeFileSync(policyFile, allows);
  return startFixer(
    {
      redisUrl: bench.redisUrl,
      listenHost: '127.0.0.1',
      healthPort: 0,
      logLevel: 'info',
      shutdownMs: 1_000,
      cluster: 'prod',
      policyFile,
      approvalKey: key,
    },
    { writer: cluster, log: testLog().log, settleEveryMs: 100 },
  );
}

const example = () => exampleCluster({ name: 'prod', folder: 'examples/bookinfo-permissive/mesh' });
const isClosed = (id: string) => bench.state(id).then((state) => state.startsWith('closed'));

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** What the fixer recorded about a plan, and under which policy. */
async function policiesOf(plan: string) {
  const records = await auditLog(bench.redis).last(20, { plan });
  const byFixer = records.filter(({ kind }) => !['proposed', 'approved', 'cleared'].includes(kind));
  return byFixer.map(({ kind, policy }) => [kind, policy]);
}

describe('the fixer', () => {
  it('applies what its queue names, counts it, and wakes the worker', async () => {
    const cluster = await example();
    const fixer = await start(cluster);
    const queues = remedyQueues(bench.redis);
    try {
      const plan = await bench.plan(cluster, 'bookinfo', 'migration');
      const id = await bench.cleared(plan);
      await queues.apply('prod', id, 3);
      await waitFor(async () => (await bench.state(id)) === 'applied');
      assert.equal(cluster.writes.length, 1);
      assert.deepEqual(await policiesOf(id), [
        ['dry-run', sha256(allows)],
        ['applying', sha256(allows)],
        ['applied', sha256(allows)],
      ]);
      const metrics = await (await fetch(`${fixer.healthUrl}/metrics`)).text();
      assert.match(metrics, /meshbot_fixes_total\{fix="require-mtls",outcome="applied"\} 1/);
      assert.equal((await fetch(`${fixer.healthUrl}/readyz`)).status, 200);
      assert.ok(await bench.redis.get(fixerKeys('prod').alive));
      await waitFor(async () => (await bench.redis.keys('meshbot:remedy-prod:*')).length > 0);
    } finally {
      await queues.close();
      await fixer.stop();
    }
  });

  it('tries what its queue names, writes nothing, and wakes the worker', async () => {
    const cluster = await example();
    const fixer = await start(cluster);
    const queues = remedyQueues(bench.redis);
    try {
      const plan = await bench.plan(cluster, 'bookinfo', 'migration');
      await bench.store.create(propose(plan));
      await queues.try('prod', plan.id);
      await waitFor(async () => (await bench.load(plan.id)).tried?.outcome === 'ok');
      assert.deepEqual([await bench.state(plan.id), cluster.writes.length], ['proposed', 0]);
      await waitFor(async () => (await bench.redis.keys('meshbot:remedy-prod:*')).length > 0);
    } finally {
      await queues.close();
      await fixer.stop();
    }
  });

  it('goes by the policy file as it is now, and by its own key', async () => {
    const cluster = await example();
    const fixer = await start(cluster);
    const queues = remedyQueues(bench.redis);
    try {
      for (const content of [allows.replace('approve: [sre]', 'approve: [sre], approvals: 2'), 'broken: [']) {
        writeFileSync(policyFile, content);
        const id = await bench.cleared(await bench.plan(cluster, 'bookinfo', 'migration'));
        await queues.apply('prod', id, 3);
        await waitFor(() => isClosed(id));
        assert.equal(await bench.state(id), 'closed: refused');
        const followed = content === 'broken: [' ? undefined : sha256(content);
        assert.deepEqual(await policiesOf(id), [['refused', followed]]);
      }
      assert.equal(cluster.writes.length, 0);
    } finally {
      await queues.close();
      await fixer.stop();
    }
    const other = await start(cluster, 'k'.repeat(32));
    const again = remedyQueues(bench.redis);
    try {
      const id = await bench.cleared(await bench.plan(cluster, 'bookinfo', 'migration'));
      await again.apply('prod', id, 3);
      await waitFor(() => isClosed(id));
      assert.equal(await bench.state(id), 'closed: refused');
    } finally {
      await again.close();
      await other.stop();
    }
  });

  it('settles at its start what another one left', async () => {
    const cluster = await example();
    const plan = await bench.plan(cluster, 'bookinfo', 'migration');
    await bench.cleared(plan);
    await bench.store.change(plan.id, (r) => begin(r, bench.now.toISOString()));
    await cluster.write(plan.change, { dryRun: false });
    const fixer = await start(cluster);
    try {
      await waitFor(async () => (await bench.state(plan.id)) === 'applied');
      assert.equal(cluster.writes.length, 1);
    } finally {
      await fixer.stop();
    }
  });

  it('does not start with a policy that cannot be followed', async () => {
    const cluster = await example();
    writeFileSync(policyFile, 'version: 2\n');
    const config = {
      redisUrl: bench.redisUrl,
      listenHost: '127.0.0.1',
      healthPort: 0,
      logLevel: 'info',
      shutdownMs: 0,
    };
    await assert.rejects(startFixer({ ...config, cluster: 'prod', policyFile, approvalKey }, { writer: cluster }), {
      name: 'PolicyError',
    });
  });
});
