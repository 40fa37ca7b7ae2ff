import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { Redis } from 'ioredis';
import { auditLog } from '../../../src/jobs/audit/audit.ts';
import { auditKeys } from '../../../src/jobs/audit/commit.ts';
import { type AuditWatch, type AuditWatchSettings, watchAudit } from '../../../src/jobs/audit/watch.ts';
import { testLog } from '../../helpers/log.ts';
import { startRedis, type TestRedis } from '../../helpers/redis.ts';
import { waitFor } from '../../helpers/wait.ts';

describe('the watch on the audit log', () => {
  let server: TestRedis;
  let redis: Redis;
  let now = Date.parse('2026-11-25T12:00:00.000Z');
  let watch: AuditWatch | undefined;
  before(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
  });
  beforeEach(async () => {
    watch?.close();
    await redis.flushall();
  });
  after(async () => {
    watch?.close();
    redis.disconnect();
    await server.close();
  });

  async function write(count: number): Promise<void> {
    const log = auditLog(redis);
    for (let index = 0; index < count; index += 1)
      await log.append({ kind: 'policy', at: '2026-11-25T12:00:00.000Z', says: `Record ${index}.` });
  }

  /** What is found next: the clock is moved on by so much. */
  async function later(ms: number): Promise<number | undefined> {
    const before = watch?.sight();
    now += ms;
    await waitFor(() => watch?.sight() !== before);
    const found = watch?.sight();
    return found?.status === 'known' ? found.value.broken?.at : assert.fail(found?.why);
  }

  function start(changes: Partial<AuditWatchSettings> = {}) {
    const settings = {
      audit: auditLog(redis),
      log: testLog().log,
      isReady: () => true,
      tickMs: 20,
      now: () => new Date(now),
    };
    watch = watchAudit({ ...settings, ...changes });
  }

  const hour = 3_600_000;

  it('finds nothing wrong with a log that only grows', async () => {
    await write(3);
    start();
    assert.equal(await later(0), undefined);
    await write(2);
    assert.equal(await later(hour), undefined);
    assert.equal(await later(24 * hour), undefined);
  });

  it('reads within the day only what came since, and then all of it', async () => {
    await write(5);
    const reads: number[] = [];
    const audit = auditLog(redis);
    start({
      audit: {
        verify(from) {
          reads.push(from?.seq ?? 0);
          return audit.verify(from);
        },
      },
    });
    await later(0);
    await later(hour);
    await later(24 * hour);
    assert.deepEqual(reads, [0, 5, 5, 0]);
  });

  it('sees within the hour that the end was cut off, replaced, or that all is gone', async () => {
    const head = async (seq: number) => `${seq} ${JSON.parse((await redis.lindex(auditKeys.log, seq - 1)) ?? '').hash}`;
    const deeds: readonly (readonly [string, () => Promise<unknown>, number])[] = [
      ['gone', () => redis.del(auditKeys.log, auditKeys.head), 1],
      [
        'cut off',
        async () => {
          await redis.ltrim(auditKeys.log, 0, 1);
          await redis.set(auditKeys.head, await head(2));
        },
        3,
      ],
      [
        'replaced',
        async () => {
          await redis.ltrim(auditKeys.log, 0, 1);
          await redis.set(auditKeys.head, await head(2));
          await auditLog(redis).append({ kind: 'frozen', at: '2026-11-25T12:00:00.000Z', says: 'Something else.' });
        },
        3,
      ],
    ];
    for (const [name, deed, at] of deeds) {
      watch?.close();
      await redis.flushall();
      await write(3);
      start();
      assert.equal(await later(0), undefined, name);
      await deed();
      assert.equal(await later(hour), at, name);
    }
  });

  it('sees within the day that an old record was changed, and stays with it', async () => {
    await write(4);
    start();
    assert.equal(await later(0), undefined);
    const text = (await redis.lindex(auditKeys.log, 1)) ?? '';
    await redis.lset(auditKeys.log, 1, text.replace('Record 1', 'Record 7'));
    assert.equal(await later(24 * hour), 2);
    assert.equal(await later(hour), 2);
  });

  it('says that it does not know, until the store is there', async () => {
    let isReady = false;
    start({ isReady: () => isReady });
    assert.equal(watch?.sight().status, 'unknown');
    isReady = true;
    assert.equal(await later(0), undefined);
  });
});
