import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { syncFileSchedules } from '../../../src/jobs/digests/files.ts';
import { schedules } from '../../../src/jobs/digests/schedules.ts';
import { countOverdue, tend } from '../../../src/jobs/digests/tend.ts';
import type { DigestRule } from '../../../src/model/policy.ts';
import { mostSchedules } from '../../../src/model/schedule.ts';
import { UsageError } from '../../../src/model/sources.ts';
import { ana, ben, digestBench, morning } from './bench.ts';

describe('the schedules of digests', () => {
  const bench = digestBench();

  it('are found by channel, owner and cluster, by their id and by how that begins', async () => {
    const one = await bench.add();
    const other = await bench.schedules.add({ ...morning, channel: 'C2', cluster: 'eu' }, ben, 'UTC');
    const ids = async (filter: object) => (await bench.schedules.list(filter)).map(({ id }) => id);
    assert.deepEqual(await ids({ channel: 'C1' }), [one.id]);
    assert.deepEqual(await ids({ owner: 'UBEN' }), [other.id]);
    assert.deepEqual(await ids({ cluster: 'eu' }), [other.id]);
    assert.deepEqual(await ids({}), [one.id, other.id]);
    assert.deepEqual(await bench.schedules.get(one.id.slice(0, 7)), one);
    await assert.rejects(bench.schedules.get('d'), UsageError);
    await assert.rejects(bench.schedules.get('nothing'), UsageError);
  });

  it('tick by the clock of their zone, or of the one that is given', async () => {
    const named = await bench.add();
    const unnamed = await bench.schedules.add({ ...morning, words: 'daily 9:00' }, ana, 'America/New_York');
    const tickers = new Map((await bench.queues.tickers('prod')).map((one) => [one.id, one]));
    assert.equal(tickers.get(named.id)?.timeZone, 'Europe/Berlin');
    assert.equal(tickers.get(unnamed.id)?.timeZone, 'America/New_York');
    assert.ok((tickers.get(named.id)?.next.getTime() ?? 0) > Date.now());
  });

  it('are refused without a time, the same twice, and beyond what is bounded', async () => {
    await assert.rejects(bench.add({ words: 'sometimes' }), UsageError);
    const { id } = await bench.add();
    await assert.rejects(bench.add({ words: '0 9 * * * Europe/Berlin' }), (error: Error) => error.message.includes(id));
    await bench.add({ words: 'daily 10:00' });
    await assert.rejects(bench.add({ channel: 'C2', namespaces: Array.from({ length: 21 }, (_, n) => `ns-${n}`) }));
    const { version, value = '[]' } = await bench.redis.hgetall('meshbot:schedules');
    const many = Array.from({ length: mostSchedules }, (_, n) => ({ ...JSON.parse(value)[0], id: `x${n}` }));
    await bench.redis.hset('meshbot:schedules', { version: version ?? '', value: JSON.stringify(many) });
    await assert.rejects(bench.add({ channel: 'C3' }), UsageError);
  });

  it('are the same once, however many ask at once', async () => {
    const added = await Promise.allSettled(Array.from({ length: 8 }, () => bench.add()));
    assert.equal(added.filter(({ status }) => status === 'fulfilled').length, 1);
    assert.equal((await bench.schedules.list()).length, 1);
    assert.equal((await bench.said()).length, 1);
  });

  it('do not keep each other from being followed, where one of them cannot be', async () => {
    const [bad, good] = [await bench.add(), await bench.add({ channel: 'C2' })];
    const { version = '', value = '[]' } = await bench.redis.hgetall('meshbot:schedules');
    const book = JSON.parse(value).map((one: { id: string }) =>
      one.id === bad.id ? { ...one, pattern: '0 1,1 * * *' } : one,
    );
    await bench.redis.hset('meshbot:schedules', { version, value: JSON.stringify(book) });
    await Promise.all([bad, good].map((one) => bench.queues.unschedule(one)));
    await tend(bench.deps());
    assert.deepEqual(
      (await bench.queues.tickers('prod')).map(({ id }) => id),
      [good.id],
    );
    assert.equal(await countOverdue(bench.deps()), 1, 'it never comes');
  });

  it('stand still while they are paused, and make up for nothing', async () => {
    const { id } = await bench.add();
    assert.deepEqual((await bench.schedules.pause(id, ben)).paused?.by, ben);
    assert.deepEqual(await bench.queues.tickers('prod'), []);
    bench.now = new Date('2026-11-25T12:00:00.000Z');
    assert.equal(await countOverdue(bench.deps()), 0);
    const { paused, since } = await bench.schedules.resume(id, ana);
    assert.equal(paused, undefined);
    assert.equal(since, bench.now.toISOString());
    assert.equal((await bench.queues.tickers('prod')).length, 1);
    assert.equal(await countOverdue(bench.deps()), 0);
    assert.equal((await bench.said()).length, 3);
    await bench.schedules.resume(id, ana);
    assert.equal((await bench.said()).length, 3);
  });

  it('are gone when they are removed, with their ticks', async () => {
    const { id } = await bench.add();
    await bench.schedules.remove(id, ana);
    assert.deepEqual(await bench.schedules.list(), []);
    assert.deepEqual(await bench.queues.tickers('prod'), []);
    await assert.rejects(bench.schedules.remove(id, ana), UsageError);
    assert.equal((await bench.said()).length, 2);
  });

  it('tick again after the queue was lost, and what was due is made up for', async () => {
    const { id } = await bench.add();
    const gone = await bench.schedules.add({ ...morning, channel: 'C2' }, ana, 'UTC');
    for (const key of await bench.redis.keys('meshbot:digest-prod:*')) await bench.redis.del(key);
    await bench.queues.schedule({ ...gone, id: 'stray' });
    bench.now = new Date('2026-11-21T08:04:00.000Z');
    await tend(bench.deps());
    assert.deepEqual((await bench.queues.tickers('prod')).map((one) => one.id).toSorted(), [id, gone.id].toSorted());
    assert.deepEqual(await waiting(), []);
    bench.now = new Date('2026-11-21T08:06:00.000Z');
    assert.equal(await countOverdue(bench.deps()), 2);
    await tend(bench.deps());
    await tend(bench.deps());
    assert.deepEqual(
      (await waiting()).map(({ scheduleId, reason, tick }) => [scheduleId, reason, tick]).toSorted(),
      [id, gone.id].map((one) => [one, 'missed', '2026-11-21T08:00:00.000Z']).toSorted(),
    );
  });

  async function waiting() {
    const ids = await bench.redis.lrange('meshbot:digest-prod:wait', 0, -1);
    const texts = await Promise.all(ids.map((id) => bench.redis.hget(`meshbot:digest-prod:${id}`, 'data')));
    return texts.map((text) => JSON.parse(text ?? '{}') as { scheduleId: string; reason: string; tick: string });
  }

  describe('of the policy file', () => {
    const rule: DigestRule = { schedule: 'weekdays 9:00 Europe/Berlin', namespaces: ['shop'], channel: 'C9' };
    const sync = (...rules: DigestRule[]) =>
      syncFileSchedules(bench.redis, rules, { cluster: 'prod', now: () => bench.now, log: bench.log.log });

    it('come, change and go with it, each change once', async () => {
      await sync(rule, { ...rule, schedule: 'weekends 11:00' }, { ...rule, cluster: 'elsewhere' });
      const [first, second] = await bench.schedules.list();
      assert.deepEqual([first?.source, first?.owner, first?.channel], ['file', undefined, 'C9']);
      assert.notEqual(first?.id, second?.id);
      await sync(rule, { ...rule, schedule: 'weekends 11:00' });
      assert.equal((await bench.said()).length, 2);
      bench.now = new Date('2026-11-25T12:00:00.000Z');
      await sync({ ...rule, schedule: 'weekdays 8:00' });
      const [changed, ...others] = await bench.schedules.list();
      assert.deepEqual(others, []);
      assert.deepEqual([changed?.id, changed?.since], [first?.id, bench.now.toISOString()]);
      await sync();
      assert.deepEqual(await bench.schedules.list(), []);
    });

    it('leave those of Slack and of other clusters alone, and are not removed from there', async () => {
      const mine = await bench.add();
      await syncFileSchedules(bench.redis, [rule], { cluster: 'eu', now: () => bench.now, log: bench.log.log });
      await sync();
      const [one, other] = await bench.schedules.list();
      assert.deepEqual([one?.id, other?.cluster], [mine.id, 'eu']);
      const id = other?.id ?? '';
      await assert.rejects(bench.schedules.remove(id, ana), UsageError);
      assert.deepEqual((await bench.schedules.pause(id, ana)).paused?.by, ana);
    });

    it('are logged where they cannot be followed, and the others are there all the same', async () => {
      await sync({ ...rule, schedule: 'whenever' }, rule);
      assert.equal((await bench.schedules.list()).length, 1);
      assert.ok(bench.log.lines.some(({ level, rule: wrong }) => level === 50 && wrong !== undefined));
    });
  });

  it('are read by whoever shares the Redis', async () => {
    const { id } = await bench.add();
    const elsewhere = schedules(bench.redis, { queues: bench.queues, now: () => bench.now });
    assert.equal((await elsewhere.get(id)).id, id);
  });
});
