import assert from 'node:assert/strict';
import { connect as connectTo, createServer, type Server, type Socket } from 'node:net';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Redis } from 'ioredis';
import { impatientRedis, patientRedis, redisReady } from '../../../src/clients/redis.ts';
import { auditLog } from '../../../src/jobs/audit/audit.ts';
import { type Remediations, remediations, type StoreRedis } from '../../../src/jobs/fixes/remediations.ts';
import { approve, begin, beginUndo, clear, decline, propose, undone, verify, wrote } from '../../../src/model/life.ts';
import { startRedis, type TestRedis } from '../../helpers/redis.ts';
import { approvalOf, minute, person, planWith } from '../../helpers/remediations.ts';

const plan = planWith();
const other = planWith({ id: 'p00000000000000000002' });
const third = planWith({ id: 'p00000000000000000003', target: { cluster: 'elsewhere', namespace: 'bookinfo' } });
const keyOf = (id: string) => `meshbot:remediation:${id}`;

describe('the store of remediations', () => {
  let server: TestRedis;
  let redis: Redis;
  let store: Remediations;
  const closing: (() => void)[] = [];

  function connect(url = server.url): Redis {
    const client = patientRedis({ url, name: 'test', onError: () => {} });
    closing.push(() => client.disconnect());
    return client;
  }

  before(async () => {
    server = await startRedis();
  });
  beforeEach(async () => {
    redis = connect();
    await redis.flushall();
    store = remediations(redis);
  });
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });
  after(() => server.close());

  async function kinds(): Promise<string[]> {
    const log = auditLog(redis);
    const verdict = await log.verify();
    assert.ok('records' in verdict, JSON.stringify(verdict));
    return (await log.read(1, 1_000)).map(({ kind, plan: id }) => `${kind} ${id?.slice(-1)}`);
  }

  async function cleared(...plans: readonly (typeof plan)[]): Promise<void> {
    for (const one of plans) {
      await store.create(propose(one));
      await store.change(one.id, (r) => approve(r, approvalOf(one, 'UBEN')));
      await store.change(one.id, (r) => clear(r, minute(2)));
    }
  }

  const beginning = (id: string, by = store) =>
    by.change(id, (r) => (r.state === 'cleared' ? begin(r, minute(3)) : undefined));
  const writing = (id: string) => store.change(id, (r) => wrote(r, { at: minute(4) }, minute(9), minute(4)));
  const verifying = (id: string) =>
    store.change(id, (r) => verify(r, { state: 'verified', says: 'all have it' }, minute(5)));

  it('keeps what was created, once', async () => {
    const transition = propose(plan, { user: 'ana', groups: ['dev'] });
    assert.equal(await store.create(transition), true);
    assert.equal(await store.create(transition), false);
    assert.deepEqual(await store.load(plan.id), transition.next);
    assert.deepEqual(await kinds(), ['proposed 1']);
    assert.equal(await redis.ttl(keyOf(plan.id)), -1);
  });

  it('knows nothing of other ids', async () => {
    assert.equal(await store.load('pnone'), undefined);
    const steps: unknown[] = [];
    assert.deepEqual(await store.change('pnone', (r) => void steps.push(r)), { status: 'unknown' });
    assert.deepEqual(steps, []);
  });

  it('takes a step and its record together', async () => {
    await store.create(propose(plan));
    const changed = await store.change(plan.id, (r) => approve(r, approvalOf(plan, 'UBEN')));
    assert.equal(changed.status, 'changed');
    assert.deepEqual('remediation' in changed && changed.remediation, await store.load(plan.id));
    assert.deepEqual(await kinds(), ['proposed 1', 'approved 1']);
  });

  it('stamps each record with the policy in force of whoever writes it, not that of the proposal', async () => {
    const [bot, fixer] = ['b'.repeat(64), 'c'.repeat(64)];
    await remediations(redis, { policy: () => bot }).create(propose(plan));
    await remediations(redis, { policy: () => fixer }).change(plan.id, (r) => approve(r, approvalOf(plan, 'UBEN')));
    await auditLog(redis, { policy: () => bot }).append({ kind: 'refused', at: minute(2), says: 'No.' });
    await remediations(redis, { policy: () => undefined }).change(plan.id, (r) => clear(r, minute(3)));
    const records = await auditLog(redis).read(1, 10);
    assert.deepEqual(
      records.map(({ policy }) => policy),
      [bot, fixer, bot, undefined],
    );
    assert.ok('head' in (await auditLog(redis).verify()));
  });

  it('knows which plan holds a cluster', async () => {
    await cleared(plan, third);
    assert.equal(await store.holder('prod'), undefined);
    await beginning(plan.id);
    await beginning(third.id);
    await writing(plan.id);
    assert.deepEqual([await store.holder('prod'), await store.holder('elsewhere')], [plan.id, third.id]);
    await verifying(plan.id);
    assert.equal(await store.holder('prod'), undefined);
  });

  it('writes nothing where the step has nothing to do, or throws', async () => {
    await store.create(propose(plan));
    assert.equal((await store.change(plan.id, () => undefined)).status, 'unchanged');
    await assert.rejects(
      store.change(plan.id, (r) => begin(r, minute(3))),
      { name: 'IllegalTransition', state: 'proposed' },
    );
    assert.equal((await store.load(plan.id))?.version, 1);
    assert.deepEqual(await kinds(), ['proposed 1']);
  });

  it('lets one of many begin, and each of two approvers count', async () => {
    const two = planWith({}, { approvals: 2 });
    await store.create(propose(two));
    const stores = Array.from({ length: 8 }, () => remediations(connect()));
    await Promise.all(
      ['UBEN', 'UCARLA'].map((user, n) => stores[n]?.change(plan.id, (r) => approve(r, approvalOf(two, user)))),
    );
    assert.equal((await store.load(plan.id))?.state, 'approved');
    await store.change(plan.id, (r) => clear(r, minute(2)));
    const begun = await Promise.all(stores.map((one) => beginning(plan.id, one)));
    assert.deepEqual(begun.map(({ status }) => status).toSorted(), ['changed', ...Array(7).fill('unchanged')]);
    assert.equal((await kinds()).length, 5);
  });

  it('lets one plan of a cluster at a time be applied', async () => {
    await cleared(plan, other, third);
    await beginning(plan.id);
    const records = (await kinds()).length;
    assert.deepEqual(await beginning(other.id), { status: 'busy', by: plan.id });
    assert.deepEqual([(await store.load(other.id))?.state, (await kinds()).length], ['cleared', records]);
    assert.equal((await beginning(third.id)).status, 'changed');
    await writing(plan.id);
    assert.equal((await beginning(other.id)).status, 'busy');
    await store.change(other.id, (r) => decline(r, person('UBEN'), minute(4)));
    await verifying(plan.id);
    await cleared(planWith({ id: 'p4' }));
    assert.equal((await beginning('p4')).status, 'changed');
  });

  it('leaves the cluster to the plan that takes one back before it was verified, until that is settled', async () => {
    const undo = planWith({ id: 'p00000000000000000009', undoOf: plan.id });
    const takingBack = (id = undo.id) => store.change(plan.id, (r) => beginUndo(r, id, person('UBEN'), minute(5)));
    await cleared(plan, other);
    await beginning(plan.id);
    await writing(plan.id);
    await store.create(propose(undo));
    assert.equal((await takingBack()).status, 'changed');
    assert.deepEqual(await beginning(other.id), { status: 'busy', by: undo.id });
    await store.change(undo.id, (r) => approve(r, approvalOf(undo, 'UBEN')));
    await store.change(undo.id, (r) => clear(r, minute(6)));
    assert.deepEqual(await beginning(other.id), { status: 'busy', by: undo.id });
    assert.equal((await beginning(undo.id)).status, 'changed');
    await writing(undo.id);
    await verifying(undo.id);
    await store.change(plan.id, (r) => undone(r, person('UBEN'), minute(8)));
    assert.equal((await beginning(other.id)).status, 'changed');
  });

  it('frees the cluster where the plan that takes one back is declined, or was over before', async () => {
    for (const isFirst of [true, false]) {
      await redis.flushall();
      const undo = planWith({ id: 'p00000000000000000009', undoOf: plan.id });
      const declining = () => store.change(undo.id, (r) => decline(r, person('UBEN'), minute(6)));
      await cleared(plan, other);
      await beginning(plan.id);
      await writing(plan.id);
      await store.create(propose(undo));
      if (isFirst) await declining();
      await store.change(plan.id, (r) => beginUndo(r, undo.id, person('UBEN'), minute(7)));
      if (!isFirst) await declining();
      assert.equal((await beginning(other.id)).status, 'changed');
    }
  });

  it('pins without a version or a record, and a step that races with it loses neither', async () => {
    await store.create(propose(plan));
    const card = { channel: 'C1', ts: '1.2' };
    await store.change(plan.id, (r) => approve(r, approvalOf(plan, 'UBEN')));
    await store.pin(plan.id, { card });
    const tried = { outcome: 'refused', why: 'I may not.', at: minute(1) } as const;
    await Promise.all([
      store.pin(plan.id, { reminded: true, tried }),
      store.change(plan.id, (r) => clear(r, minute(2))),
    ]);
    const { state, version, card: pinned, reminded, ...more } = (await store.load(plan.id)) ?? assert.fail();
    assert.deepEqual([state, version, pinned, reminded, more.tried], ['cleared', 3, card, true, tried]);
    assert.doesNotMatch((await redis.hget(keyOf(plan.id), 'value')) ?? '', /I may not/);
    assert.equal((await kinds()).length, 3);
    await store.pin('pnone', { card });
    assert.equal(await redis.exists(keyOf('pnone')), 0);
  });

  it('lists what is open in a cluster, and for an hour what is settled', async () => {
    await cleared(plan, other, third);
    assert.deepEqual(await store.open('prod'), [plan.id, other.id]);
    await store.change(plan.id, (r) => decline(r, person('UBEN'), minute(4)));
    assert.deepEqual((await store.open('prod')).toSorted(), [plan.id, other.id]);
    const key = 'meshbot:remediations-open:prod';
    await redis.zincrby(key, -3_590, plan.id);
    assert.equal((await store.open('prod')).length, 2);
    await redis.zincrby(key, -20, plan.id);
    assert.deepEqual(await store.open('prod'), [other.id]);
    assert.deepEqual(await store.open('elsewhere'), [third.id]);
    assert.deepEqual(await store.open('nowhere'), []);
  });

  it('keeps settled ones for 90 days, and open ones for good', async () => {
    await cleared(plan);
    await beginning(plan.id);
    await writing(plan.id);
    assert.equal(await redis.ttl(keyOf(plan.id)), -1);
    await verifying(plan.id);
    const days = async () => Math.ceil((await redis.ttl(keyOf(plan.id))) / 86_400);
    assert.equal(await days(), 90);
    await redis.expire(keyOf(plan.id), 86_400);
    await store.change(plan.id, (r) => beginUndo(r, 'p9', person('UBEN'), minute(6)));
    await store.change(plan.id, (r) => undone(r, person('UBEN'), minute(7)));
    assert.deepEqual([await days(), (await store.load(plan.id))?.state], [90, 'undone']);
  });

  it('says clearly what it cannot read, and leaves it alone', async () => {
    for (const value of ['{', '{}', '{"format":2}', JSON.stringify({ format: 1, ...propose(other).next })]) {
      await redis.hset(keyOf(plan.id), { version: '1', value });
      await assert.rejects(store.load(plan.id), { name: 'UnreadableRemediation' });
      await assert.rejects(
        store.change(plan.id, () => undefined),
        { name: 'UnreadableRemediation' },
      );
    }
  });

  it('freezes and unfreezes, each with its record', async () => {
    const ben = person('UBEN');
    assert.equal(await store.freeze.get(), undefined);
    assert.equal(await store.freeze.clear(ben, minute(1)), false);
    assert.deepEqual(await store.freeze.set(ben, minute(2), 'incident'), {
      by: ben,
      at: minute(2),
      because: 'incident',
    });
    await store.freeze.set(person('UANA'), minute(3));
    assert.deepEqual(await store.freeze.get(), { by: person('UANA'), at: minute(3) });
    const cleared = await Promise.all([store, remediations(connect())].map((one) => one.freeze.clear(ben, minute(4))));
    assert.deepEqual(cleared.toSorted(), [false, true]);
    assert.equal(await store.freeze.get(), undefined);
    await store.freeze.set(ben, minute(5));
    assert.deepEqual(await kinds(), ['frozen undefined', 'frozen undefined', 'unfrozen undefined', 'frozen undefined']);
  });

  describe('when the answer is lost', () => {
    /** A way to Redis that hands on every call, and breaks before or after Redis answers the next that writes. */
    async function fragile(): Promise<{
      readonly url: string;
      readonly cut: (times: number) => void;
      readonly cuts: () => number;
    }> {
      const { hostname, port } = new URL(server.url);
      let [left, made] = [0, 0];
      const serve = (client: Socket): void => {
        const upstream = connectTo(Number(port), hostname);
        let doomed = false;
        client.on('data', (data) => {
          // The script, and nothing else, holds RPUSH.
          if (left > 0 && data.includes('RPUSH')) [doomed, left] = [true, left - 1];
          upstream.write(data);
        });
        upstream.on('data', (data) => {
          if (!doomed) return client.write(data);
          made += 1;
          client.destroy();
          upstream.destroy();
        });
        for (const socket of [client, upstream]) socket.on('error', () => {});
        client.on('close', () => upstream.destroy());
      };
      const proxy: Server = createServer(serve).listen(0, '127.0.0.1');
      await new Promise((resolve) => proxy.once('listening', resolve));
      closing.push(() => proxy.close());
      const address = proxy.address();
      assert.ok(typeof address === 'object' && address !== null);
      return { url: `redis://127.0.0.1:${address.port}`, cut: (times) => (left = times), cuts: () => made };
    }

    it('a patient client learns that its step was taken, once', async () => {
      const { url, cut, cuts } = await fragile();
      const far = remediations(connect(url));
      cut(2);
      assert.equal(await far.create(propose(plan)), true);
      cut(1);
      const changed = await far.change(plan.id, (r) => approve(r, approvalOf(plan, 'UBEN')));
      assert.equal(changed.status, 'changed');
      cut(1);
      await auditLog(connect(url)).append({ kind: 'refused', at: minute(1), says: 'Refused.' });
      assert.equal(cuts(), 4);
      assert.deepEqual(await kinds(), ['proposed 1', 'approved 1', 'refused undefined']);
    });

    it('an impatient one fails, and what was kept is kept once', async () => {
      const { url, cut } = await fragile();
      const client = impatientRedis({ url, name: 'test', onError: () => {} });
      closing.push(() => client.disconnect());
      await redisReady(client, 5_000);
      await store.create(propose(plan));
      cut(1);
      const far = remediations(client);
      const outcome = await far
        .change(plan.id, (r) => approve(r, approvalOf(plan, 'UBEN')))
        .then(({ status }) => status)
        .catch((error: Error) => error.name);
      assert.ok(['changed', 'StoreDown'].includes(outcome), outcome);
      assert.deepEqual(await kinds(), ['proposed 1', 'approved 1']);
    });

    it('a client that Redis throws out goes on', async () => {
      await cleared(plan);
      const far = connect();
      const id = await far.client('ID');
      const slow = redis.client('PAUSE', 300, 'WRITE');
      await slow;
      const begun = beginning(plan.id, remediations(far));
      await new Promise((resolve) => setTimeout(resolve, 50));
      await redis.client('KILL', 'ID', id);
      assert.equal((await begun).status, 'changed');
      assert.equal((await kinds()).filter((kind) => kind.startsWith('applying')).length, 1);
    });

    it('somebody else who began meanwhile is not taken for oneself', async () => {
      await cleared(plan);
      let intrusions = 0;
      const intruded: StoreRedis = {
        get: (key) => redis.get(key),
        hgetall: (key) => redis.hgetall(key),
        lrange: (key, from, to) => redis.lrange(key, from, to),
        async eval(script, keys, ...args) {
          if (intrusions === 0) {
            intrusions += 1;
            // The same step at the same moment by another process: equal to the last letter.
            await beginning(plan.id);
            throw new Error('The connection was lost');
          }
          return redis.eval(script, keys, ...args);
        },
      };
      assert.equal((await beginning(plan.id, remediations(intruded))).status, 'unchanged');
    });

    it('a restart in between loses nothing', async () => {
      await cleared(plan);
      await server.stop();
      const begun = beginning(plan.id);
      await server.start();
      assert.equal((await begun).status, 'changed');
      assert.deepEqual(await kinds(), ['proposed 1', 'approved 1', 'cleared 1', 'applying 1']);
    });
  });
});
