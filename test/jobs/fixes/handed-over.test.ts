import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type AuditLog, auditLog } from '../../../src/jobs/audit/audit.ts';
import { StoreDown } from '../../../src/jobs/audit/commit.ts';
import { consumeFixes } from '../../../src/jobs/fixes/consume-fixes.ts';
import { remedyQueues } from '../../../src/jobs/fixes/queue.ts';
import { exampleCluster } from '../../../src/sandbox/example-cluster.ts';
import { fixerBench } from '../../helpers/fixer.ts';
import { waitFor } from '../../helpers/wait.ts';

const bench = fixerBench();

it('a plan that the fixer broke over before it wrote is applied once it is handed over again, and once', async () => {
  const cluster = await exampleCluster({ name: 'prod', folder: 'examples/bookinfo-permissive/mesh' });
  const id = await bench.cleared(await bench.plan(cluster, 'shop'));
  let broke = 0;
  const append: AuditLog['append'] = (entry) => {
    if (broke > 0) return auditLog(bench.redis).append(entry);
    broke += 1;
    throw new StoreDown('READONLY You can not write against a read only replica.');
  };
  const deps = bench.deps(cluster, { audit: { append } });
  const consumer = consumeFixes({ redis: bench.redis, deps, lockMs: 3_000, settleEveryMs: 500 });
  const queues = remedyQueues(bench.redis);
  try {
    const { version } = await bench.load(id);
    await queues.apply('prod', id, version);
    await waitFor(() => broke > 0);
    // As the worker does with each look at a cleared plan.
    await waitFor(async () => {
      await queues.apply('prod', id, version);
      return (await bench.state(id)) === 'applied';
    });
    for (let again = 0; again < 3; again += 1) await queues.apply('prod', id, version);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(cluster.writes.length, 1);
  } finally {
    await consumer.close(1_000);
    await queues.close();
  }
});
