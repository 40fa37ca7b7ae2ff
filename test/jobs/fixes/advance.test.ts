import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fixOf } from '../../../src/fixes/index.ts';
import type { Fix, Verification } from '../../../src/model/fix.ts';
import { begin, verify } from '../../../src/model/life.ts';
import { type KubeObject, SourceError } from '../../../src/model/sources.ts';
import type { Trial } from '../../../src/model/trial.ts';
import { brokenRule, fixBench, fixJob } from '../../helpers/fix-bench.ts';
import { policyWith } from '../../helpers/fixer.ts';
import { labelFix } from '../../helpers/label-fix.ts';

const minute = 60_000;
const undoId = 'p000000000000000000aa';

describe('a plan', () => {
  const bench = fixBench();

  const relabelled = (object: KubeObject): KubeObject => ({
    ...object,
    metadata: { ...object.metadata, labels: { team: 'reviews' } },
  });

  async function applied(): Promise<void> {
    await bench.propose();
    await bench.approve();
    await bench.advance();
    await bench.apply();
    await bench.advance();
  }

  async function steps(id = fixJob.requestId): Promise<number> {
    return (await bench.load(id)).steps.length;
  }

  it('goes from proposed to verified, on one card, each step said once', async () => {
    await applied();
    assert.equal(await bench.state(), 'verified');
    assert.equal(bench.cluster.writes.length, 1);
    assert.equal(bench.roots().length, 1);
    const said = bench.replies().filter(({ files }) => files === undefined);
    assert.equal(said.length, (await steps()) - 1);
    await bench.advance();
    assert.equal(bench.replies().filter(({ files }) => files === undefined).length, said.length);
    for (const state of ['proposed', 'cleared', 'verified']) assert.ok(bench.counted.includes(state), state);
  });

  describe('whose trouble may show late', () => {
    let seen: Verification = { state: 'done', says: 'It serves.' };
    const watched = (id: string): Fix => {
      const fix = fixOf(id);
      return { ...fix, verify: { topic: 'mtls', withinSeconds: 60, lastsSeconds: 300, judge: () => seen } };
    };
    const look = () => bench.advance(fixJob.requestId, { fixOf: watched });

    async function working(): Promise<void> {
      seen = { state: 'done', says: 'It serves.' };
      await bench.propose();
      await bench.approve();
      await bench.advance();
      await bench.apply();
      await look();
      assert.equal(await bench.state(), 'applied');
    }

    it('is verified once it has worked for long enough, and says so until then', async () => {
      await working();
      assert.match(JSON.stringify(bench.roots()[0]?.blocks), /works so far/);
      bench.later(299_000);
      await look();
      assert.equal(await bench.state(), 'applied');
      bench.later(2_000);
      await look();
      assert.equal(await bench.state(), 'verified');
    });

    it('begins to count anew where it did not work in between', async () => {
      await working();
      bench.later(200_000);
      seen = { state: 'waiting', says: 'It rolls out again.' };
      await look();
      bench.later(10_000);
      seen = { state: 'done', says: 'It serves again.' };
      await look();
      bench.later(200_000);
      await look();
      assert.equal(await bench.state(), 'applied');
      bench.later(101_000);
      await look();
      assert.equal(await bench.state(), 'verified');
      const { steps: all } = await bench.load();
      assert.equal(all.length, 5 + ['works', 'lapsed', 'works', 'verified'].length);
    });

    it('is not verified where it fails while it is watched', async () => {
      await working();
      bench.later(100_000);
      seen = { state: 'failed', says: 'The operator is degraded.' };
      await look();
      assert.equal(await bench.state(), 'unverified');
    });

    it('is not waited for without end', async () => {
      await working();
      seen = { state: 'waiting', says: 'It rolls out again.' };
      bench.later(659_000);
      await look();
      assert.equal(await bench.state(), 'applied');
      bench.later(2_000);
      await look();
      assert.equal(await bench.state(), 'unverified');
    });
  });

  it('knows its card where it really is, so that clicks on it count', async () => {
    await bench.propose();
    const why = 'I am not in the channel you asked in.';
    await bench.deps().records.redirect(fixJob.requestId, { channel: 'D0DIRECT001', why });
    await bench.advance();
    const { card } = await bench.load();
    assert.equal(card?.channel, 'D0DIRECT001');
    assert.ok(bench.slack.messages.some(({ channel, ts }) => channel === 'D0DIRECT001' && ts === card.ts));
  });

  it('calls Slack no more where nothing changed', async () => {
    await applied();
    const before = bench.slack.calls.length;
    await bench.advance();
    assert.equal(bench.slack.calls.length, before);
  });

  it('is handed to the fixer by its version, again for each look', async () => {
    await bench.propose();
    await bench.approve();
    await bench.advance();
    await bench.advance();
    assert.equal(await bench.state(), 'cleared');
    assert.equal(new Set(bench.applied).size, 1);
    assert.ok(bench.applied.length >= 2);
  });

  it('reminds those who may approve once, and expires', async () => {
    await bench.propose();
    const before = bench.replies().length;
    bench.later(45 * minute);
    await bench.advance();
    await bench.advance();
    const [reminder, ...more] = bench.replies().slice(before);
    assert.deepEqual(more, []);
    assert.match(JSON.stringify(reminder?.blocks), /"user_id":"UBOB"/);
    bench.later(20 * minute);
    await bench.advance();
    assert.equal(await bench.state(), 'closed expired');
  });

  it('expires too where it was approved and could not be applied in time', async () => {
    await bench.propose();
    await bench.approve();
    await bench.store.freeze.set({ team: 'T1', user: 'UCAT' }, bench.now.toISOString());
    await bench.advance();
    assert.equal(await bench.state(), 'approved');
    bench.later(61 * minute);
    await bench.advance();
    assert.equal(await bench.state(), 'closed expired');
    assert.equal(bench.cluster.writes.length, 0);
  });

  it('waits while all is stopped, and goes on after', async () => {
    await bench.propose();
    await bench.approve();
    const ben = { team: 'T1', user: 'UBOB' };
    await bench.store.freeze.set(ben, bench.now.toISOString());
    await bench.advance();
    assert.equal(await bench.state(), 'approved');
    await bench.store.freeze.clear(ben, bench.now.toISOString());
    await bench.advance();
    assert.equal(await bench.state(), 'cleared');
  });

  it('waits for its window, and is refused where the policy changed', async () => {
    await bench.propose();
    await bench.approve();
    const day = new Date(bench.now).getUTCDay() || 7;
    const windows = [{ days: [day === 1 ? 3 : day - 1], from: 720, to: 721, timeZone: 'UTC' }];
    await bench.advance(fixJob.requestId, { policy: policyWith({ windows }) });
    assert.equal(await bench.state(), 'approved');
    await bench.advance(fixJob.requestId, { policy: policyWith({ approvals: 2 }) });
    assert.equal(await bench.state(), 'closed refused');
  });

  it('is refused where whoever approved has left since, and waits where Slack does not tell', async () => {
    await bench.propose();
    await bench.approve();
    await bench.advance(fixJob.requestId, { person: async () => Promise.reject(new Error('Slack is away')) });
    assert.equal(await bench.state(), 'approved');
    bench.people.set('UBOB', { deleted: true });
    await bench.advance();
    assert.equal(await bench.state(), 'closed refused');
  });

  it('waits where it cannot see any more', async () => {
    await bench.propose();
    await bench.approve();
    const get: typeof bench.cluster.get = async () => {
      throw new SourceError('unreachable', 'The API server does not answer.');
    };
    await bench.advance(fixJob.requestId, { sources: { cluster: { ...bench.cluster, get } } });
    assert.equal(await bench.state(), 'approved');
    assert.match(JSON.stringify(bench.roots()[0]?.blocks), /does not answer/);
    await bench.advance();
    assert.equal(await bench.state(), 'cleared');
  });

  it('is replaced by one that nobody approved where the object changed', async () => {
    await bench.propose();
    await bench.approve();
    await bench.cluster.edit(brokenRule, 'kubectl-edit', relabelled);
    await bench.advance();
    const old = await bench.load();
    assert.ok(old.state === 'closed' && old.why === 'drifted');
    assert.match(old.detail, /kubectl-edit/);
    const next = await bench.load(old.replacedBy ?? '');
    assert.equal(next.state, 'proposed');
    assert.deepEqual(next.approvals, []);
    assert.notEqual(next.plan.digest, old.plan.digest);
    assert.equal(bench.roots().length, 2);
    await bench.advance();
    assert.equal(bench.roots().length, 2);
  });

  it('is replaced too where the fixer found that the object changed', async () => {
    await bench.propose();
    await bench.approve();
    await bench.advance();
    await bench.cluster.edit(brokenRule, 'kubectl-edit', relabelled);
    await bench.apply();
    assert.equal(await bench.state(), 'closed drifted');
    await bench.advance();
    await bench.advance();
    const open = (await bench.store.open('prod')).filter((id) => id !== fixJob.requestId);
    assert.equal(open.length, 1);
    assert.equal(await bench.state(open[0]), 'proposed');
    assert.equal(bench.cluster.writes.length, 0);
  });

  it('says that nobody is there to apply it', async () => {
    await bench.propose();
    await bench.approve();
    await bench.advance();
    bench.later(2 * minute);
    await bench.advance(fixJob.requestId, { fixerAlive: async () => false });
    assert.match(JSON.stringify(bench.roots()[0]?.blocks), /fixer of prod/);
  });

  it('says so where the fixer died at work', async () => {
    await bench.propose();
    await bench.approve();
    await bench.advance();
    await bench.store.change(fixJob.requestId, (current) => begin(current, bench.now.toISOString()));
    bench.later(2 * minute);
    await bench.advance(fixJob.requestId, { fixerAlive: async () => true });
    assert.doesNotMatch(JSON.stringify(bench.roots()[0]?.blocks), /fixer of prod/);
    await bench.advance(fixJob.requestId, { fixerAlive: async () => false });
    assert.match(JSON.stringify(bench.roots()[0]?.blocks), /fixer of prod/);
    assert.equal(await bench.state(), 'applying');
  });

  it('is shown whatever length a reason to wait has', async () => {
    await bench.propose();
    await bench.approve();
    const get: typeof bench.cluster.get = async () => {
      throw new SourceError('unreachable', 'The API server does not answer. '.repeat(200));
    };
    await bench.advance(fixJob.requestId, { sources: { cluster: { ...bench.cluster, get } } });
    assert.match(JSON.stringify(bench.roots()[0]?.blocks), /does not answer/);
    const texts = JSON.stringify(bench.roots()[0]?.blocks).matchAll(/"text":"([^"]*)"/g);
    for (const [, text = ''] of texts) assert.ok(text.length <= 2_000);
  });

  it('is unverified once its time is over', async () => {
    await bench.propose();
    await bench.approve();
    await bench.advance();
    await bench.apply();
    // The rule is back as it was: what was applied does not show.
    await bench.cluster.edit(brokenRule, 'kubectl-edit', (object) => {
      const spec = { ...(object.spec as object), trafficPolicy: { tls: { mode: 'DISABLE' } } };
      return { ...object, spec };
    });
    await bench.advance();
    if ((await bench.state()) === 'applied') {
      bench.later(10 * minute);
      await bench.advance();
    }
    assert.equal(await bench.state(), 'unverified');
  });

  it('takes its steps though Slack is away, and shows them once it is back', async () => {
    await bench.propose();
    await bench.approve();
    bench.slack.failWhen((method) => (method.startsWith('chat.') ? { status: 503 } : undefined));
    await bench.advance();
    assert.equal(await bench.state(), 'cleared');
    bench.slack.failWhen(() => undefined);
    await bench.advance();
    assert.equal(bench.roots().length, 1);
    const said = bench.replies().filter(({ files }) => files === undefined);
    assert.equal(said.length, (await steps()) - 1);
  });

  it('is shown anew where somebody deleted its card', async () => {
    await bench.propose();
    bench.slack.messages.length = 0;
    await bench.approve();
    await bench.advance();
    await bench.advance();
    assert.equal(bench.roots().length, 1);
    assert.equal((await bench.load()).card?.ts, bench.roots()[0]?.ts);
  });

  it('is looked at by one at a time', async () => {
    await bench.propose();
    await bench.approve();
    const looks = await Promise.allSettled([bench.advance(), bench.advance(), bench.advance()]);
    assert.ok(looks.every(({ status }) => status === 'fulfilled'));
    assert.equal(await bench.state(), 'cleared');
    assert.equal(bench.counted.filter((state) => state === 'cleared').length, 1);
  });

  it('is tried by the fixer once it is proposed, and once a minute until it could be applied', async () => {
    await bench.propose();
    assert.equal(await bench.state(), 'proposed');
    assert.deepEqual(new Set(bench.toTry), new Set([fixJob.requestId]));
    const asked = async (): Promise<number> => {
      bench.toTry.length = 0;
      await bench.advance();
      return bench.toTry.length;
    };
    const found = (outcome: Trial['outcome']) =>
      bench.store.pin(fixJob.requestId, { tried: { outcome, why: 'I may not.', at: bench.now.toISOString() } });
    assert.equal(await asked(), 1, 'the fixer was not heard yet');
    for (const outcome of ['refused', 'drifted', 'unknown'] as const) {
      await found(outcome);
      bench.later(59_000);
      assert.equal(await asked(), 0);
      bench.later(1_000);
      assert.equal(await asked(), 1);
    }
    await found('ok');
    bench.later(minute);
    assert.equal(await asked(), 0);
    await bench.approve();
    await found('refused');
    bench.later(minute);
    assert.equal(await asked(), 0);
  });

  it('shows what the fixer found, and asks nobody to approve what it refuses', async () => {
    await bench.propose();
    const shown = () => JSON.stringify(bench.roots()[0]?.blocks);
    assert.match(shown(), /fixer was not heard yet/);
    assert.match(shown(), /fix-approve/);
    const at = bench.now.toISOString();
    await bench.store.pin(fixJob.requestId, { tried: { outcome: 'refused', why: 'I may not patch it.', at } });
    await bench.advance();
    assert.match(shown(), /I may not patch it/);
    assert.doesNotMatch(shown(), /fix-approve|not heard yet/);
    const replies = bench.replies().length;
    bench.later(45 * minute);
    await bench.advance();
    assert.equal(bench.replies().length, replies, 'nobody is reminded of what they cannot do');
    await bench.store.pin(fixJob.requestId, { tried: { outcome: 'ok', at } });
    await bench.advance();
    assert.match(shown(), /fix-approve/);
    assert.equal(bench.replies().length, replies + 1);
  });

  describe('taken back before it was verified', () => {
    /** It never works: whoever sees an outage does not wait for what the checks say. */
    const watched = (id: string): Fix => {
      const judge = (): Verification => ({ state: 'waiting', says: 'It rolls out.' });
      return { ...fixOf(id), verify: { topic: 'mtls', withinSeconds: 600, judge } };
    };
    const deps = { fixOf: watched };
    const other = 'p000000000000000000ad';

    async function watching(): Promise<void> {
      await bench.propose();
      await bench.approve();
      await bench.advance();
      await bench.apply();
      await bench.advance(fixJob.requestId, deps);
      assert.equal(await bench.state(), 'applied');
    }

    async function takingBack(): Promise<void> {
      bench.toTry.length = 0;
      const requestedBy = { team: 'T1', user: 'UCAT' };
      await bench.propose({ requestId: undoId, undoOf: fixJob.requestId, requestedBy }, deps);
    }

    it('is watched no more, and goes back at once, though nobody waited for the checks', async () => {
      await watching();
      await takingBack();
      const r = await bench.load();
      assert.ok(r.state === 'unverified' && r.undoneBy === undoId);
      assert.equal(r.steps.at(-1)?.by?.user, 'UCAT');
      assert.ok(JSON.stringify(bench.roots()[0]?.blocks).includes(undoId));
      assert.equal(bench.cluster.writes.length, 1, 'what going back changes is confirmed first');
      assert.deepEqual(bench.toTry, []);
      await bench.approve('UBOB', undoId);
      await bench.advance(undoId);
      await bench.apply(undoId);
      await bench.advance(undoId);
      assert.deepEqual([await bench.state(undoId), await bench.state()], ['verified', 'undone']);
      assert.match(JSON.stringify((await bench.cluster.read(brokenRule))?.spec), /DISABLE/);
    });

    it('lets no other plan come before the way back', async () => {
      await watching();
      const target = { cluster: 'prod', namespace: 'bookinfo', name: 'extra' };
      const rule = (await bench.cluster.read(brokenRule)) ?? assert.fail();
      const spec = { ...(rule.spec as object), trafficPolicy: { tls: { mode: 'DISABLE' } } };
      const after = { ...rule, spec, metadata: { name: 'extra', namespace: 'bookinfo' } };
      await bench.cluster.write({ ...brokenRule, name: 'extra', before: null, after }, { dryRun: false });
      await bench.propose({ requestId: other, target, fix: labelFix.id }, { fixOf: () => labelFix });
      const changes = { fixOf: () => labelFix };
      await bench.approve('UBOB', other);
      await takingBack();
      await bench.advance(other, changes);
      assert.equal(await bench.state(other), 'approved');
      await bench.approve('UBOB', undoId);
      await bench.advance(undoId);
      await bench.apply(undoId);
      await bench.advance(undoId);
      assert.equal(await bench.state(), 'undone');
      await bench.advance(other, changes);
      await bench.apply(other, changes);
      assert.equal(await bench.state(other), 'applied');
    });

    it('is watched on where it cannot be taken back', async () => {
      await watching();
      await bench.cluster.edit(brokenRule, 'kubectl-edit', relabelled);
      await takingBack();
      assert.equal(await bench.store.load(undoId), undefined);
      assert.equal(await bench.state(), 'applied');
    });
  });

  it('is taken back on its own card, by a plan that one person approves', async () => {
    await applied();
    await bench.propose({ requestId: undoId, undoOf: fixJob.requestId });
    const undo = await bench.load(undoId);
    assert.deepEqual([undo.state, undo.plan.undoOf, undo.plan.rule.approvals], ['proposed', fixJob.requestId, 1]);
    assert.equal(bench.roots().length, 1);
    assert.ok(JSON.stringify(bench.roots()[0]?.blocks).includes(undoId));
    await bench.approve('UBOB', undoId);
    await bench.advance(undoId);
    await bench.apply(undoId);
    await bench.advance(undoId);
    assert.equal(await bench.state(undoId), 'verified');
    assert.equal(await bench.state(), 'undone');
    const object = await bench.cluster.read(brokenRule);
    assert.match(JSON.stringify(object?.spec), /DISABLE/);
    assert.equal(bench.roots().length, 1);
  });

  it('tells everybody who could have approved, once, in the thread and the channel, that somebody did alone', async () => {
    const breakGlass = policyWith({ approvals: 2, breakGlass: { roles: ['sre'], expiresMinutes: 10 } });
    await bench.propose({}, { policy: breakGlass });
    await bench.approve('UANA', fixJob.requestId, 'The checkout is down');
    await bench.advance(fixJob.requestId, { policy: breakGlass });
    assert.equal(await bench.state(), 'cleared');
    await bench.advance(fixJob.requestId, { policy: breakGlass });
    const loud = bench.slack.messages.filter(({ broadcast }) => broadcast);
    assert.equal(loud.length, 1);
    assert.equal(loud[0]?.thread, bench.roots()[0]?.ts);
    const said = JSON.stringify(loud[0]?.blocks);
    for (const part of ['The checkout is down', '"user_id":"UANA"', '"user_id":"UBOB"', '"user_id":"UCAT"'])
      assert.ok(said.includes(part), part);
    assert.equal(bench.replies().filter(({ files }) => files === undefined).length, (await steps()) - 1);
  });

  it('is undone at its own next look where whoever looked at the undo died', async () => {
    await applied();
    await bench.propose({ requestId: undoId, undoOf: fixJob.requestId });
    await bench.approve('UBOB', undoId);
    await bench.advance(undoId);
    await bench.apply(undoId);
    const at = bench.now.toISOString();
    await bench.store.change(undoId, (r) => verify(r, { state: 'verified', says: 'It is as it was' }, at));
    await bench.advance();
    assert.equal(await bench.state(), 'undone');
  });

  it('is not taken back where somebody changed the object since', async () => {
    await applied();
    await bench.cluster.edit(brokenRule, 'kubectl-edit', relabelled);
    const before = bench.replies().length;
    await bench.propose({ requestId: undoId, undoOf: fixJob.requestId });
    assert.equal(await bench.store.load(undoId), undefined);
    const [refusal, ...more] = bench.replies().slice(before);
    assert.deepEqual(more, []);
    assert.match(refusal?.text ?? '', /kubectl-edit/);
    assert.equal(await bench.state(), 'verified');
  });

  it('is not taken back by a click after its time, nor twice at once', async () => {
    await applied();
    await bench.propose({ requestId: undoId, undoOf: fixJob.requestId });
    await bench.propose({ requestId: 'p000000000000000000ab', undoOf: fixJob.requestId });
    assert.equal(await bench.store.load('p000000000000000000ab'), undefined);
    bench.later(25 * 60 * minute);
    await bench.advance(undoId);
    assert.equal(await bench.state(undoId), 'closed expired');
    await bench.propose({ requestId: 'p000000000000000000ac', undoOf: fixJob.requestId });
    assert.equal(await bench.store.load('p000000000000000000ac'), undefined);
  });
});
