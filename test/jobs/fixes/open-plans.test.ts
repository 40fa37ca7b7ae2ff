import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openPlans } from '../../../src/jobs/fixes/open-plans.ts';
import { begin } from '../../../src/model/life.ts';
import { exampleCluster } from '../../../src/sandbox/example-cluster.ts';
import { fixerBench } from '../../helpers/fixer.ts';

const bench = fixerBench();
const example = () => exampleCluster({ name: 'prod', folder: 'examples/bookinfo-permissive/mesh' });

/** The states that plans are in, with how many and since when. */
async function found() {
  const all = await openPlans(bench.store, 'prod');
  return Object.fromEntries(all.filter(({ count }) => count > 0).map(({ state, ...rest }) => [state, rest]));
}

describe('plans that are open', () => {
  it('are counted by state, all of them, also where there is none', async () => {
    assert.deepEqual(await found(), {});
    assert.deepEqual(
      (await openPlans(bench.store, 'prod')).map(({ state, count }) => [state, count]),
      ['proposed', 'approved', 'cleared', 'applying', 'applied', 'unclear', 'unreadable'].map((state) => [state, 0]),
    );
  });

  it('are in a state since they came to it: the first counts', async () => {
    const cluster = await example();
    const since = bench.now.toISOString();
    await bench.cleared(await bench.plan(cluster, 'bookinfo', 'one'));
    bench.now = new Date(bench.now.getTime() + 60_000);
    const id = await bench.cleared(await bench.plan(cluster, 'bookinfo', 'two'));
    assert.deepEqual(await found(), { cleared: { count: 2, since } });
    const at = bench.now.toISOString();
    await bench.store.change(id, (r) => begin(r, at));
    assert.deepEqual(await found(), { cleared: { count: 1, since }, applying: { count: 1, since: at } });
  });

  it('that cannot be read are told, and do not hide the others', async () => {
    const cluster = await example();
    const since = bench.now.toISOString();
    await bench.cleared(await bench.plan(cluster, 'bookinfo', 'one'));
    const id = await bench.cleared(await bench.plan(cluster, 'bookinfo', 'two'));
    await bench.redis.hset(`meshbot:remediation:${id}`, { value: '{}' });
    assert.deepEqual(await found(), { cleared: { count: 1, since }, unreadable: { count: 1 } });
  });
});
