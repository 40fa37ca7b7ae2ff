import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { commits } from '../../src/jobs/audit/commit.ts';
import { tellEnded } from '../../src/jobs/mute-ends.ts';
import type { Mute } from '../../src/model/mute.ts';
import { digestBench } from './digests/bench.ts';

const muted: Mute = {
  id: 'm1',
  code: 'permissive',
  cluster: 'prod',
  namespace: 'shop',
  until: '2026-11-20T13:00:00.000Z',
  because: 'the migration',
  by: { team: 'T1', user: 'UANA' },
  at: '2026-11-20T12:00:00.000Z',
};

describe('a mute that ends', () => {
  const bench = digestBench();
  const tell = () => tellEnded({ ...bench.deps(), mutes: bench.mutes, commit: commits(bench.redis) });

  it('is told once to whoever made it, and recorded, whoever looks', async () => {
    await bench.mutes.add(muted);
    await tell();
    assert.deepEqual(bench.slack.messages, []);
    bench.now = new Date('2026-11-20T13:00:01.000Z');
    await Promise.all([tell(), tell(), tell()]);
    await tell();
    const texts = bench.slack.messages.map(({ text }) => text);
    assert.deepEqual([texts.length, texts.join().includes('permissive in shop')], [1, true]);
    assert.equal((await bench.said('unmuted')).length, 1);
  });

  it('is recorded once, and told when Slack is back', async () => {
    await bench.mutes.add(muted);
    bench.now = new Date('2026-11-20T13:00:01.000Z');
    bench.slack.failWhen(() => ({ status: 503 }));
    await tell();
    await tell();
    assert.equal((await bench.said('unmuted')).length, 1);
    bench.slack.failWhen(() => undefined);
    await tell();
    assert.equal(bench.slack.messages.length, 1);
    assert.equal((await bench.said('unmuted')).length, 1);
    assert.match(JSON.stringify(bench.slack.messages[0]?.blocks), /--cluster prod because/);
  });

  it('is recorded and settled where its owner has left', async () => {
    await bench.mutes.add(muted);
    bench.now = new Date('2026-11-20T13:00:01.000Z');
    bench.slack.failWhen((method) => (method === 'conversations.open' ? { error: 'user_disabled' } : undefined));
    await tell();
    await tell();
    assert.equal((await bench.said('unmuted')).length, 1);
    assert.deepEqual(await bench.mutes.untold(), []);
    assert.equal(bench.slack.calls.filter((one) => one === 'conversations.open').length, 1);
  });

  it('of another cluster is left to its worker', async () => {
    await bench.mutes.add({ ...muted, cluster: 'other' });
    bench.now = new Date('2026-11-20T13:00:01.000Z');
    await tell();
    assert.deepEqual(bench.slack.messages, []);
  });
});
