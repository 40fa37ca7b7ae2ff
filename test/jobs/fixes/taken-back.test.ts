import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decline } from '../../../src/model/life.ts';
import { brokenRule, fixBench, fixJob } from '../../helpers/fix-bench.ts';

const undoId = 'p000000000000000000aa';
const laterId = 'p000000000000000000ab';

describe('a plan that is taken back', () => {
  const bench = fixBench();

  async function verified(): Promise<void> {
    await bench.propose();
    await bench.approve();
    await bench.advance();
    await bench.apply();
    await bench.advance();
    assert.equal(await bench.state(), 'verified');
  }

  async function takenBack(): Promise<void> {
    await verified();
    await bench.propose({ requestId: undoId, undoOf: fixJob.requestId });
    await bench.approve('UBOB', undoId);
    await bench.advance(undoId);
    await bench.apply(undoId);
  }

  /** So that the object is not seen as it was before. */
  const relabel = () =>
    bench.cluster.edit(brokenRule, 'kubectl-edit', (object) => ({
      ...object,
      metadata: { ...object.metadata, labels: { team: 'reviews' } },
    }));
  const card = () => bench.roots()[0];

  it('is not said to be fixed, from the write on, nor where that is never confirmed', async () => {
    await takenBack();
    await relabel();
    await bench.advance(undoId);
    assert.equal(await bench.state(undoId), 'applied');
    assert.doesNotMatch(card()?.text ?? '', /Fixed/);
    bench.later(30 * 60_000);
    await bench.advance(undoId);
    assert.deepEqual([await bench.state(undoId), await bench.state()], ['unverified', 'verified']);
    assert.doesNotMatch(card()?.text ?? '', /Fixed/);
    const shown = JSON.stringify(card()?.blocks);
    assert.doesNotMatch(shown, /fix-undo|Undoing/);
    assert.match(shown, /not as it was before/);
  });

  it('is not taken back once more', async () => {
    await takenBack();
    await relabel();
    bench.later(30 * 60_000);
    await bench.advance(undoId);
    await bench.propose({ requestId: laterId, undoOf: fixJob.requestId });
    assert.equal(await bench.store.load(laterId), undefined);
    const r = await bench.load();
    assert.ok(r.state === 'verified' && r.undoneBy === undoId);
    assert.match(bench.replies().at(-1)?.text ?? '', /taken back already/);
  });

  it('goes by the newer undo, also where a worker that died over the older one is run again', async () => {
    await verified();
    const change: typeof bench.store.change = async () => Promise.reject(new Error('killed'));
    await bench.propose({ requestId: undoId, undoOf: fixJob.requestId }, { remediations: { ...bench.store, change } });
    await bench.redis.del(`meshbot:delivery:${undoId}`);
    const by = { team: 'T1', user: 'UCAT' };
    await bench.store.change(undoId, (r) => decline(r, by, bench.now.toISOString()));
    await bench.propose({ requestId: laterId, undoOf: fixJob.requestId });
    await bench.propose({ requestId: undoId, undoOf: fixJob.requestId });
    const r = await bench.load();
    assert.ok(r.state === 'verified' && r.undoneBy === laterId);
  });
});
