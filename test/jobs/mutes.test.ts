import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { Redis } from 'ioredis';
import { mutes } from '../../src/jobs/mutes.ts';
import { day, mute } from '../digests/run.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';

describe('mutes', () => {
  let server: TestRedis;
  let redis: Redis;
  const on = (number: number) => mutes(redis, () => new Date(day(number)));

  before(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
    redis.on('error', () => {});
  });
  beforeEach(() => redis.flushall());
  after(async () => {
    redis.disconnect();
    await server.close();
  });

  it('are kept, those in force first, by their end', async () => {
    for (const one of [mute('late', 1, 20), mute('over', 1, 3), mute('soon', 1, 6)]) await on(1).add(one);
    assert.deepEqual(
      (await on(4).list()).map(({ code }) => code),
      ['soon', 'late', 'over'],
    );
    assert.deepEqual((await on(4).list())[0], mute('soon', 1, 6));
  });

  it('are to be told of when they end, until somebody was, and gone two weeks later', async () => {
    await on(1).add(mute('permissive', 1, 3));
    assert.deepEqual(await on(2).untold(), []);
    assert.deepEqual(await on(3).untold(), [mute('permissive', 1, 3)]);
    await on(3).markTold('m-permissive');
    assert.deepEqual(await on(4).untold(), []);
    assert.equal((await on(16).list()).length, 1);
    assert.deepEqual(await on(18).list(), []);
    assert.deepEqual(await redis.keys('*'), [], 'nothing is left behind');
  });

  it('are taken back once', async () => {
    await on(1).add(mute('permissive', 1, 9));
    const removed = await Promise.all([on(2).remove('m-permissive'), on(2).remove('m-permissive')]);
    assert.deepEqual(
      removed.filter((one) => one !== undefined),
      [mute('permissive', 1, 9)],
    );
    assert.deepEqual(await on(2).list(), []);
    assert.deepEqual(await on(9).untold(), []);
  });

  it('are refused where they have no reason', async () => {
    await assert.rejects(on(1).add(mute('permissive', 1, 9, { because: '' })));
    assert.deepEqual(await on(1).list(), []);
  });
});
