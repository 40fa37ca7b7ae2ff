import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Redis } from 'ioredis';
import { patientRedis } from '../../../src/clients/redis.ts';
import { type AuditLog, type AuditVerdict, auditLog } from '../../../src/jobs/audit/audit.ts';
import type { AuditEntry, AuditRecord } from '../../../src/model/audit.ts';
import { startRedis, type TestRedis } from '../../helpers/redis.ts';
import { person, start } from '../../helpers/remediations.ts';

const logKey = 'meshbot:audit';
const headKey = 'meshbot:audit-head';

function entry(number: number, changes: Partial<AuditEntry> = {}): AuditEntry {
  return { kind: 'refused', at: start, says: `Refused: reason ${number}.`, by: person('UBEN'), ...changes };
}

describe('the audit log', () => {
  let server: TestRedis;
  let redis: Redis;
  let log: AuditLog;
  const connections: Redis[] = [];

  function connect(): Redis {
    const client = patientRedis({ url: server.url, name: 'test', onError: () => {} });
    connections.push(client);
    return client;
  }

  before(async () => {
    server = await startRedis();
  });
  beforeEach(async () => {
    redis = connect();
    await redis.flushall();
    log = auditLog(redis);
  });
  afterEach(() => {
    for (const client of connections.splice(0)) client.disconnect();
  });
  after(() => server.close());

  async function filled(count: number): Promise<void> {
    for (let number = 1; number <= count; number += 1) {
      await log.append(entry(number, { plan: number % 2 === 0 ? 'peven' : 'podd' }));
    }
  }

  function where(verdict: AuditVerdict): number {
    assert.ok('brokenAt' in verdict, JSON.stringify(verdict));
    return verdict.brokenAt;
  }

  async function rewrite(seq: number, change: (record: AuditRecord) => object): Promise<void> {
    const [record] = await log.read(seq, 1);
    assert.ok(record);
    await redis.lset(logKey, seq - 1, JSON.stringify(change(record)));
  }

  it('is whole when it is empty', async () => {
    assert.deepEqual(await log.verify(), { records: 0, head: '0'.repeat(64) });
    assert.deepEqual(await log.last(5), []);
  });

  it('counts from 1, each record bound to the one before', async () => {
    await filled(3);
    const records = await log.read(1, 10);
    assert.deepEqual(
      records.map(({ seq }) => seq),
      [1, 2, 3],
    );
    assert.equal(records[0]?.previous, '0'.repeat(64));
    assert.equal(records[2]?.previous, records[1]?.hash);
    assert.deepEqual(await log.verify(), { records: 3, head: records[2]?.hash });
  });

  it('tells its listener of each record, with its place and its hash', async () => {
    const told: unknown[] = [];
    const record = await auditLog(redis, { log: { info: (fields, text) => told.push([text, fields]) } }).append(
      entry(1),
    );
    assert.deepEqual(told, [['Audit', record]]);
  });

  it('gives the newest, of one plan or of all, oldest first, over many pages', async () => {
    await log.append(entry(0, { plan: 'prare' }));
    await filled(600);
    const seqs = (records: readonly AuditRecord[]) => records.map(({ seq }) => seq);
    assert.deepEqual(seqs(await log.last(3)), [599, 600, 601]);
    assert.deepEqual(seqs(await log.last(2, { plan: 'peven' })), [599, 601]);
    assert.deepEqual(seqs(await log.last(9, { plan: 'prare' })), [1]);
    assert.equal((await log.last(5_000)).length, 601);
    assert.deepEqual(seqs(await log.read(500, 2)), [500, 501]);
    const verdict = await log.verify();
    assert.ok('records' in verdict && verdict.records === 601);
    await rewrite(550, (record) => ({ ...record, says: 'Approved.' }));
    assert.equal(where(await log.verify()), 550);
  });

  it('loses and doubles nothing when many write at once', async () => {
    const logs = Array.from({ length: 6 }, () => auditLog(connect()));
    const records = await Promise.all(Array.from({ length: 60 }, (_, n) => logs[n % 6]?.append(entry(n))));
    assert.equal(new Set(records.map((record) => record?.seq)).size, 60);
    const verdict = await log.verify();
    assert.ok('records' in verdict && verdict.records === 60, JSON.stringify(verdict));
  });

  it('keeps two equal entries of the same moment as two', async () => {
    await Promise.all([log.append(entry(1)), auditLog(connect()).append(entry(1))]);
    assert.equal((await log.read(1, 5)).length, 2);
  });

  const attacks: Record<string, readonly [broken: number, attack: () => Promise<unknown>]> = {
    'a changed sentence': [3, () => rewrite(3, (record) => ({ ...record, says: 'Approved.' }))],
    'a changed person': [3, () => rewrite(3, (record) => ({ ...record, by: person('UEVE') }))],
    'a field that was added': [3, () => rewrite(3, (record) => ({ ...record, approved: true }))],
    'a field that was taken out': [3, () => rewrite(3, ({ by: _by, ...record }) => record)],
    'a record without a hash': [3, () => rewrite(3, ({ hash: _hash, ...record }) => record)],
    'a record that is no JSON': [3, () => redis.lset(logKey, 2, '{')],
    'a record that was taken out': [3, () => takeOut(3)],
    'two that changed places': [2, () => swap(2, 3)],
    'one that was doubled': [4, () => double(3)],
    'the last one cut off': [5, () => redis.rpop(logKey)],
    'the first one cut off': [1, () => redis.lpop(logKey)],
    'all cut off': [1, () => redis.del(logKey)],
    'one added by hand': [6, () => double(5, true)],
    'an end that was moved back': [4, () => redis.set(headKey, `3 ${'a'.repeat(64)}`)],
    'an end with another hash': [5, () => redis.set(headKey, `5 ${'a'.repeat(64)}`)],
    'an end that is no end': [6, () => redis.set(headKey, 'nonsense')],
    'an end that is gone': [1, () => redis.del(headKey)],
    'one whose hash was made to fit': [4, () => rehash()],
  };
  for (const [what, [broken, attack]] of Object.entries(attacks)) {
    it(`notices ${what}, and where`, async () => {
      await filled(5);
      await attack();
      assert.equal(where(await log.verify()), broken);
    });
  }

  async function takeOut(seq: number): Promise<void> {
    const all = await redis.lrange(logKey, 0, -1);
    await redis.del(logKey);
    await redis.rpush(logKey, ...all.filter((_, at) => at !== seq - 1));
  }

  async function swap(one: number, other: number): Promise<void> {
    const all = await redis.lrange(logKey, 0, -1);
    await redis.lset(logKey, one - 1, all[other - 1] ?? '');
    await redis.lset(logKey, other - 1, all[one - 1] ?? '');
  }

  async function double(seq: number, atEnd = false): Promise<void> {
    const all = await redis.lrange(logKey, 0, -1);
    const text = all[seq - 1] ?? '';
    if (atEnd) await redis.rpush(logKey, text);
    else await redis.linsert(logKey, 'AFTER', text, text);
  }

  /** Puts a well-made record of another chain in place of number 3. */
  async function rehash(): Promise<void> {
    const before = await redis.lrange(logKey, 0, 1);
    const kept = await redis.lrange(logKey, 2, -1);
    const ends = JSON.parse(before[1] ?? '') as AuditRecord;
    await redis.del(logKey);
    await redis.rpush(logKey, ...before);
    await redis.set(headKey, `2 ${ends.hash}`);
    await log.append(entry(99));
    await redis.rpush(logKey, ...kept.slice(1));
    await redis.set(headKey, `5 ${(JSON.parse(kept.at(-1) ?? '') as AuditRecord).hash}`);
  }

  it('is not written on where its end cannot be read', async () => {
    await filled(1);
    await redis.set(headKey, 'nonsense');
    await assert.rejects(log.append(entry(2)), { name: 'UnreadableRecord' });
    assert.equal(await redis.llen(logKey), 1);
  });

  it('reads records of kinds that are not known yet', async () => {
    await log.append({ ...entry(1), kind: 'of-tomorrow' as AuditEntry['kind'] });
    assert.ok('records' in (await log.verify()));
  });

  describe('in a terminal', () => {
    async function meshbot(...args: readonly string[]) {
      const env = { ...process.env, REDIS_URL: server.url, NO_COLOR: '1' };
      const child = spawn(process.execPath, ['src/cli.ts', 'audit', ...args], { env });
      const output = { stdout: '', stderr: '' };
      child.stdout.on('data', (data) => (output.stdout += data));
      child.stderr.on('data', (data) => (output.stderr += data));
      const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
      return { status, ...output };
    }

    it('verify exits 0 where it is whole, and 1 where it is not', async () => {
      await filled(3);
      const whole = await meshbot('verify', '-o', 'json');
      assert.equal(whole.status, 0, whole.stderr);
      assert.equal(JSON.parse(whole.stdout).records, 3);
      await rewrite(2, (record) => ({ ...record, says: 'Approved.' }));
      const broken = await meshbot('verify');
      assert.equal(broken.status, 1);
      assert.match(broken.stdout, /record 2:/);
    });

    it('verify says that there is nothing where there is nothing, and does not exit 0', async () => {
      const empty = await meshbot('verify');
      assert.equal(empty.status, 2);
      assert.doesNotMatch(empty.stdout, /✔/);
      assert.equal(JSON.parse((await meshbot('verify', '-o', 'json')).stdout).records, 0);
    });

    it('show prints what the proposal of a plan changed, where it is asked for one plan', async () => {
      await log.append(entry(1, { kind: 'proposed', plan: 'podd', diff: '-mode: DISABLE\n+mode: \u001b[2JSTRICT' }));
      await log.append(entry(2, { plan: 'podd' }));
      const { stdout } = await meshbot('show', '--plan', 'podd');
      assert.match(stdout, /^ +-mode: DISABLE\n +\+mode: .\[2JSTRICT$/m);
      assert.ok(!stdout.includes('\u001b'));
      assert.equal((await meshbot('show')).stdout.split('\n').length, 3);
      await rewrite(1, ({ diff: _diff, ...record }) => record);
      assert.equal(where(await log.verify()), 1);
    });

    it('show prints a line for each, and nothing that a terminal obeys', async () => {
      await filled(2);
      await log.append(entry(3, { says: 'Declined: \u001b[2J\u202enothing\nto see.', plan: 'podd' }));
      const { status, stdout } = await meshbot('show', '--plan', 'podd');
      assert.equal(status, 0);
      assert.equal(stdout.split('\n').length, 3);
      assert.match(stdout, /^1 {2}2026-11-25 12:00:00Z {2}refused {2}UBEN of T1 /);
      assert.ok(!stdout.includes('\u001b') && !stdout.includes('\u202e'));
      const { stdout: json } = await meshbot('show', '--last', '1', '-o', 'json', '--redis', server.url);
      assert.deepEqual(JSON.parse(json), await log.last(1));
    });

    it('exits 2 where it cannot be read, and 3 where it is asked wrongly', async () => {
      const runs = [
        meshbot('verify', '--redis', 'redis://127.0.0.1:1'),
        meshbot('verify', '--redis', 'localhost'),
        meshbot('show', '--last', 'some'),
      ];
      const statuses = (await Promise.all(runs)).map(({ status }) => status);
      assert.deepEqual(statuses, [2, 3, 3]);
    });
  });
});
