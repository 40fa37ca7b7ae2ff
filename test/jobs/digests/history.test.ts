import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Redis } from 'ioredis';
import { advance } from '../../../src/digests/engine.ts';
import { histories, type Made } from '../../../src/jobs/digests/history.ts';
import { finding, report, run } from '../../digests/run.ts';
import { startRedis, type TestRedis } from '../../helpers/redis.ts';

const madeBy = (...[state, of]: Parameters<typeof advance>): Made => ({
  ...advance(state, of),
  run: { tick: of.at, reason: 'tick' },
});

describe('the history of a schedule', () => {
  let server: TestRedis;
  let redis: Redis;

  before(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
    redis.on('error', () => {});
  });
  after(async () => {
    redis.disconnect();
    await server.close();
  });

  it('goes on after a restart of Redis, with the digest that was made last', async () => {
    const first = await histories(redis).load('s1');
    assert.equal(first.version, 0);
    const made = madeBy(first.state, run(1, [report([finding('permissive', 'warning', 'a')])]));
    assert.ok(await histories(redis).save('s1', 0, made));
    await server.stop();
    await server.start();
    const next = await histories(redis).load('s1');
    assert.equal(next.version, 1);
    assert.deepEqual(next.state, made.state);
    assert.deepEqual(next.last, { digest: made.digest, run: made.run });
  });

  it('is saved by one of several that loaded the same', async () => {
    const { state, version } = await histories(redis).load('s2');
    const made = [1, 2, 3].map((number) => madeBy(state, run(number, [report([])])));
    const saved = await Promise.all(made.map((one) => histories(redis).save('s2', version, one)));
    assert.deepEqual(saved.toSorted(), [false, false, true]);
    const kept = await histories(redis).load('s2');
    assert.equal(kept.version, 1);
    assert.equal(kept.last?.digest.at, made[saved.indexOf(true)]?.digest.at);
  });

  it('is a schedule’s own, ends with it, and does not stay for ever', async () => {
    const made = madeBy((await histories(redis).load('s3')).state, run(1, [report([])]));
    await histories(redis).save('s3', 0, made);
    assert.equal((await histories(redis).load('s4')).version, 0);
    const [key = ''] = await redis.keys('*s3');
    const seconds = await redis.ttl(key);
    assert.ok(seconds > 0 && seconds <= 90 * 24 * 3600);
    await histories(redis).remove('s3');
    assert.equal((await histories(redis).load('s3')).version, 0);
  });

  it('refuses what is too large for Redis', async () => {
    const many = Array.from({ length: 900 }, (_, index) =>
      finding('permissive', 'warning', `${index}${'x'.repeat(10_000)}`),
    );
    const made = madeBy((await histories(redis).load('s5')).state, run(1, [report(many)]));
    await assert.rejects(histories(redis).save('s5', 0, made), /characters/);
    assert.equal((await histories(redis).load('s5')).version, 0);
  });

  it('fits with as many findings as can be followed, each as long as it may be', async () => {
    const long = 'x'.repeat(1_000);
    const many = Array.from({ length: 3_000 }, (_, index) =>
      finding('permissive', 'warning', `workload-${index}`, { says: { one: long, many: long }, next: long, to: long }),
    );
    const made = madeBy((await histories(redis).load('s6')).state, run(1, [report(many)]));
    assert.ok(await histories(redis).save('s6', 0, made));
    assert.ok(JSON.stringify(made).length < 4_000_000);
  });
});
