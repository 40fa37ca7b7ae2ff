import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runDigest } from '../../../src/jobs/digests/digest.ts';
import { countOverdue } from '../../../src/jobs/digests/tend.ts';
import { digestBench, shop } from './bench.ts';

describe('a digest in trouble', () => {
  const bench = digestBench();
  const day = (number: number, time = '08:00') => `2026-11-${number}T${time}:00.000Z`;

  /** Each part of each run is in its channel once. */
  function assertOnce(): void {
    const parts = bench.slack.messages.map(({ channel, metadata }) => [
      channel,
      metadata?.event_payload.request_id,
      metadata?.event_payload.part,
    ]);
    assert.equal(new Set(parts.map(String)).size, parts.length);
  }

  it('waits as long as Slack says, and goes on where it was', async () => {
    const schedule = await bench.add();
    const limited = { status: 429, retryAfter: 7 };
    bench.slack.fail('chat.postMessage', limited, undefined, limited, limited);
    const settled = await bench.tick(schedule, day(21));
    assert.deepEqual(
      settled.map((one) => (one.status === 'later' ? one.delayMs >= 6_000 : one.status)),
      [true, true, true, 'done'],
    );
    assertOnce();
    assert.equal(bench.roots().length, 1);
    assert.ok(bench.replies().length > 0);
    assert.deepEqual(bench.counted.slice(-1), ['posted']);
  });

  it('is not posted twice where the answer of Slack is lost', async () => {
    const schedule = await bench.add();
    bench.slack.fail('chat.postMessage', 'lost', 'lost', 'dropped');
    await bench.tick(schedule, day(21));
    assertOnce();
    assert.equal(bench.roots().length, 1);
  });

  it('is made once where the worker dies between making and posting it', async () => {
    const schedule = await bench.add();
    const dead = { ...bench.deps().messenger, post: () => Promise.reject(new Error('killed')) };
    bench.now = new Date(day(21));
    const job = { version: 1, scheduleId: schedule.id, tick: day(21), reason: 'tick' } as const;
    await runDigest(job, bench.deps({ messenger: dead }), { stalled: 0, signal: new AbortController().signal });
    const made = await bench.deps().histories.load(schedule.id);
    assert.equal(made.version, 1);
    assert.deepEqual(bench.slack.messages, []);
    await bench.run(job);
    assert.equal((await bench.deps().histories.load(schedule.id)).version, 1);
    assert.equal(bench.roots().length, 1);
    assert.match(bench.roots()[0]?.text ?? '', /1 problem|problems/);
  });

  it('reaches the channel with its news even where Slack was away until the next one', async () => {
    const schedule = await bench.add();
    bench.slack.failWhen(() => ({ status: 503 }));
    bench.now = new Date(day(21));
    const once = { stalled: 0, signal: new AbortController().signal };
    const job = { version: 1, scheduleId: schedule.id, tick: day(21), reason: 'tick' } as const;
    assert.equal((await runDigest(job, bench.deps(), once)).status, 'later');
    bench.now = new Date(day(21, '08:06'));
    assert.equal(await countOverdue(bench.deps()), 1);
    bench.slack.failWhen(() => undefined);
    bench.cluster = shop('STRICT');
    await bench.tick(schedule, day(22));
    assert.equal(bench.roots().length, 2);
    assertOnce();
    assert.equal(await countOverdue(bench.deps()), 0);
    const { last } = await bench.deps().histories.load(schedule.id);
    assert.ok((last?.digest.fixed.length ?? 0) > 0);
    await bench.run(job);
    assert.equal(bench.roots().length, 2);
  });

  it('is out where somebody deleted it before its details came', async () => {
    const schedule = await bench.add();
    bench.slack.fail('chat.postMessage', undefined, { error: 'thread_not_found' });
    await bench.tick(schedule, day(21));
    assert.deepEqual(bench.counted, ['posted']);
  });

  for (const code of ['restricted_action_thread_locked', 'restricted_action_non_threadable_channel', 'msg_too_long']) {
    it(`is out where its thread refuses the details: ${code}`, async () => {
      const schedule = await bench.add();
      bench.slack.failWhen((_, args) => (args.thread_ts === undefined ? undefined : { error: code }));
      await bench.tick(schedule, day(21));
      assert.deepEqual(bench.counted, ['posted']);
      assert.equal((await bench.schedules.list()).length, 1);
    });
  }

  it('ends within a day where its channel is gone, though there is nothing to say', async () => {
    const schedule = await bench.add();
    bench.cluster = shop('STRICT');
    await bench.tick(schedule, day(21));
    await bench.tick(schedule, day(22));
    bench.gone = 'is_archived';
    await bench.tick(schedule, day(23));
    assert.deepEqual(bench.counted, ['posted', 'quiet', 'ended']);
    assert.deepEqual(await bench.schedules.list(), []);
  });

  for (const code of ['is_archived', 'not_in_channel', 'channel_not_found']) {
    it(`ends for good at ${code}, and its owner is told`, async () => {
      const schedule = await bench.add();
      bench.slack.failWhen((_, { channel }) => (channel === 'C1' ? { error: code } : undefined));
      await bench.tick(schedule, day(21));
      assert.deepEqual(await bench.schedules.list(), []);
      assert.deepEqual(await bench.queues.tickers('prod'), []);
      assert.equal((await bench.deps().histories.load(schedule.id)).version, 0);
      const [told, ...others] = bench.slack.messages;
      assert.deepEqual(others, []);
      assert.equal(told?.channel, 'DUANA');
      assert.match(JSON.stringify(told?.blocks), /digest add .* --cluster prod/);
      const [, ended] = await bench.said();
      assert.match(ended ?? '', /ended/);
      assert.deepEqual(bench.counted, ['ended']);
      await bench.tick(schedule, day(22));
      assert.equal(bench.slack.messages.length, 1);
    });
  }

  it('ends only once its owner is told, and also where that owner cannot be', async () => {
    const schedule = await bench.add();
    bench.slack.failWhen((_, { channel }) => (channel === 'C1' ? { error: 'is_archived' } : undefined));
    bench.slack.fail('conversations.open', { status: 429, retryAfter: 3 });
    const settled = await bench.tick(schedule, day(21));
    assert.equal(settled[0]?.status, 'later');
    assert.equal(bench.slack.messages.length, 1);
    assert.deepEqual(await bench.schedules.list(), []);
    await bench.add();
    bench.slack.fail('conversations.open', { error: 'user_disabled' });
    const [other] = await bench.schedules.list();
    assert.ok(other);
    await bench.tick(other, day(22));
    assert.deepEqual(await bench.schedules.list(), []);
    assert.equal(bench.slack.messages.length, 1);
  });

  it('that stops its workers is given up, and the next one says so', async () => {
    const schedule = await bench.add();
    bench.now = new Date(day(21));
    const job = { version: 1, scheduleId: schedule.id, tick: day(21), reason: 'tick' } as const;
    await runDigest(job, bench.deps(), { stalled: 6, signal: new AbortController().signal });
    assert.deepEqual(bench.slack.messages, []);
    assert.equal(await countOverdue(bench.deps()), 0);
    await bench.tick(schedule, day(22));
    const { last } = await bench.deps().histories.load(schedule.id);
    assert.deepEqual(
      last?.digest.missed.map(({ due }) => due),
      [day(21)],
    );
    assert.deepEqual(bench.counted, ['given-up', 'posted']);
    await bench.tick(schedule, day(23));
    assert.deepEqual((await bench.deps().histories.load(schedule.id)).last?.digest.missed, []);
  });

  it('goes back to the queue when the worker stops, with nothing kept', async () => {
    const schedule = await bench.add();
    bench.now = new Date(day(21));
    const job = { version: 1, scheduleId: schedule.id, tick: day(21), reason: 'tick' } as const;
    const settled = await runDigest(job, bench.deps(), { stalled: 0, signal: AbortSignal.abort() });
    assert.deepEqual(settled, { status: 'later', delayMs: 0 });
    assert.equal((await bench.deps().histories.load(schedule.id)).version, 0);
    await bench.run(job);
    assert.equal(bench.roots().length, 1);
  });

  it('takes few snapshots at once, however many digests are made', async () => {
    let [now, most] = [0, 0];
    const mesh = shop('PERMISSIVE');
    const list: typeof mesh.list = async (...args) => {
      if (args[0].plural === 'namespaces') now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (args[0].plural === 'namespaces') now -= 1;
      return mesh.list(...args);
    };
    const deps = bench.deps({ sources: { cluster: { ...mesh, list } } });
    const added = await Promise.all(
      ['C1', 'C2', 'C3'].map((channel) => bench.add({ channel, namespaces: ['shop', 'istio-system', 'default'] })),
    );
    bench.now = new Date(day(21));
    const run = { stalled: 0, signal: new AbortController().signal };
    await Promise.all(
      added.map(({ id }) => runDigest({ version: 1, scheduleId: id, tick: day(21), reason: 'tick' }, deps, run)),
    );
    assert.equal(bench.roots().length, 3);
    assert.equal(most, 2);
  });
});
