import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Redis } from 'ioredis';
import { patientRedis } from '../../../src/clients/redis.ts';
import { type Emergencies, emergencies } from '../../../src/jobs/fixes/emergencies.ts';
import { startRedis, type TestRedis } from '../../helpers/redis.ts';

const hour = 3_600_000;
const noon = Date.parse('2026-11-25T12:00:00.000Z');

describe('emergencies', () => {
  let server: TestRedis;
  let redis: Redis;
  let store: Emergencies;
  before(async () => {
    server = await startRedis();
    redis = patientRedis({ url: server.url, name: 'test', onError: () => {} });
    store = emergencies(redis);
  });
  beforeEach(() => redis.flushall());
  after(async () => {
    redis.disconnect();
    await server.close();
  });

  const take = (id: string, { hours = 0, person = 'ana', cluster = 'prod' } = {}) =>
    store.take(person, { id, target: { cluster } }, { most: 3, at: new Date(noon + hours * hour) });

  it('are at most so many for one person in one cluster within a day', async () => {
    for (const id of ['p1', 'p2', 'p3']) assert.ok(await take(id));
    assert.equal(await take('p4'), false);
    assert.equal(await take('p4', { hours: 23.9 }), false);
    assert.ok(await take('p4', { person: 'ben' }));
    assert.ok(await take('p4', { cluster: 'test' }));
    assert.ok(await take('p4', { hours: 24 }));
  });

  it('count a plan once, and what was refused not at all', async () => {
    for (const id of ['p1', 'p1', 'p1', 'p2', 'p3', 'p3']) assert.ok(await take(id));
    for (const id of ['p4', 'p4']) assert.equal(await take(id, { hours: 20 }), false);
    assert.ok(await take('p4', { hours: 24 }));
  });

  it('are counted one by one, though all come at once', async () => {
    const taken = await Promise.all(['p1', 'p2', 'p3', 'p4', 'p5', 'p6'].map((id) => take(id)));
    assert.equal(taken.filter(Boolean).length, 3);
  });

  it('leave nothing behind', async () => {
    await take('p1');
    const [key = ''] = await redis.keys('*');
    assert.ok((await redis.ttl(key)) > 0);
  });
});
