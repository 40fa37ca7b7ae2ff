import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Fix, Verification } from '../../../src/model/fix.ts';
import { verify } from '../../../src/model/life.ts';
import type { Plan } from '../../../src/model/remediation.ts';
import { shortId } from '../../../src/report/fix-card.ts';
import { brokenRule, fixBench, fixJob } from '../../helpers/fix-bench.ts';
import { labelFix } from '../../helpers/label-fix.ts';

describe('a plan behind another of its cluster', () => {
  const bench = fixBench();
  const first = fixJob.requestId;
  const second = 'p0000000000000000000b';
  /** Its checks take their time. */
  const judge = (): Verification => ({ state: 'waiting', says: 'It is on its way' });
  const changes = { fixOf: (): Fix => ({ ...labelFix, verify: { topic: 'mtls', withinSeconds: 600, judge } }) };

  async function approved(requestId: string, name: string): Promise<Plan> {
    const target = { cluster: 'prod', namespace: 'bookinfo', name };
    await bench.propose({ requestId, fix: labelFix.id, target }, changes);
    await bench.approve('UBOB', requestId);
    return (await bench.load(requestId)).plan;
  }

  async function both(): Promise<Plan> {
    const rule = (await bench.cluster.read(brokenRule)) ?? assert.fail();
    const after = { ...rule, metadata: { name: 'extra', namespace: 'bookinfo' } };
    await bench.cluster.write({ ...brokenRule, name: 'extra', before: null, after }, { dryRun: false });
    const plan = await approved(first, brokenRule.name);
    await approved(second, 'extra');
    return plan;
  }

  async function shown(): Promise<string> {
    return JSON.stringify(bench.roots().find(({ ts }) => ts === second) ?? bench.roots().at(-1));
  }

  async function verified(): Promise<void> {
    const at = bench.now.toISOString();
    await bench.store.change(first, (r) => verify(r, { state: 'verified', says: 'It is as it should be' }, at));
  }

  it('waits for its turn before it is looked at, and its card says behind which', async () => {
    const plan = await both();
    await bench.advance(first, changes);
    await bench.apply(first, changes);
    await bench.advance(second, changes);
    assert.equal(await bench.state(second), 'approved');
    const card = await shown();
    assert.ok(card.includes(shortId(plan)) && card.includes('is being applied first'), card);
    await verified();
    await bench.advance(second, changes);
    assert.equal(await bench.state(second), 'cleared');
    assert.ok(!(await shown()).includes('is being applied first'));
  });

  it('is looked at again where its turn came too late', async () => {
    await both();
    for (const id of [first, second]) await bench.advance(id, changes);
    assert.deepEqual([await bench.state(first), await bench.state(second)], ['cleared', 'cleared']);
    await bench.apply(first, changes);
    bench.later(61_000);
    await bench.apply(second, changes);
    assert.ok(bench.woken.has(second));
    await bench.advance(second, changes);
    assert.equal(await bench.state(second), 'approved');
    await verified();
    await bench.cluster.edit({ ...brokenRule, name: 'extra' }, 'kubectl-edit', (one) => ({
      ...one,
      metadata: { ...one.metadata, labels: { team: 'reviews' } },
    }));
    await bench.advance(second, changes);
    assert.equal(await bench.state(second), 'closed drifted');
  });

  it('is handed over anew, as another version', async () => {
    await both();
    await bench.advance(second, changes);
    bench.later(61_000);
    await bench.apply(second, changes);
    await bench.advance(second, changes);
    assert.equal(await bench.state(second), 'cleared');
    assert.equal(new Set(bench.applied.filter((job) => job.startsWith(second))).size, 2);
    await bench.apply(second, changes);
    assert.equal(await bench.state(second), 'applied');
    assert.equal(bench.cluster.writes.length, 2);
  });

  it('waits too for a plan that cannot be read', async () => {
    await both();
    await bench.advance(first, changes);
    await bench.apply(first, changes);
    await bench.redis.hset(`meshbot:remediation:${first}`, 'value', '{}');
    bench.woken.clear();
    await bench.advance(second, changes);
    assert.equal(await bench.state(second), 'approved');
    assert.ok((await shown()).includes(first.slice(0, 8)));
  });
});
