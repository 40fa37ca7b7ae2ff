import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { refusedBy } from '../../../src/jobs/digests/rights.ts';
import { DeliveryError } from '../../../src/jobs/messenger.ts';
import type { LookRule, Person, Policy } from '../../../src/model/policy.ts';
import { person, policy } from '../../helpers/policy.ts';
import { digestBench } from './bench.ts';

describe('a digest, where the policy says who may look', () => {
  const bench = digestBench();
  const day = (number: number) => `2026-11-${number}T08:00:00.000Z`;
  const rule: LookRule = { roles: ['everyone'], clusters: ['*'], namespaces: ['*'], channels: ['*'] };
  const changed = async (id: string) => (await bench.deps().histories.load(id)).last?.digest;

  function refused(
    look: Policy['look'],
    { who = person('UANA'), outsiders = false }: { who?: Person; outsiders?: boolean } = {},
  ) {
    const looking = look === undefined ? policy() : { ...policy(), look };
    return { refused: refusedBy({ policy: looking, person: async () => who, hasOutsiders: async () => outsiders }) };
  }

  it('leaves out what its owner may not ask about any more, says so, and repeats nothing of it', async () => {
    const schedule = await bench.add({ namespaces: ['shop', 'istio-system'] });
    await bench.tick(schedule, day(21));
    assert.ok((await changed(schedule.id))?.new.some(({ target }) => target.namespace === 'shop'));
    await bench.tick(schedule, day(22), refused([{ ...rule, namespaces: ['istio-*'] }]));
    const digest = await changed(schedule.id);
    assert.deepEqual(
      digest?.blind.filter(({ target }) => target.namespace === 'shop').map(({ says }) => /policy/.test(says)),
      [true],
    );
    const { new: added = [], notSeen = [], fixed = [], unchanged = [] } = digest ?? {};
    const told = [...added, ...notSeen, ...fixed, ...unchanged];
    assert.ok(told.every(({ target }) => target.namespace !== 'shop'));
  });

  for (const [why, options] of [
    ['owner is deactivated', { who: person('UANA', { deleted: true }) }],
    ['channel is read by others now', { outsiders: true }],
  ] as const) {
    it(`ends where its ${why}, and its owner is told`, async () => {
      const schedule = await bench.add();
      await bench.tick(schedule, day(21), refused([rule], options));
      assert.deepEqual(await bench.schedules.list(), []);
      assert.deepEqual(
        bench.slack.messages.map(({ channel }) => channel),
        ['DUANA'],
      );
    });
  }

  it('waits where Slack does not tell, and loses nothing', async () => {
    const schedule = await bench.add();
    await bench.tick(schedule, day(21));
    const silent = new DeliveryError({ ok: false, reason: 'unavailable', code: 'http_503', sent: 'no' });
    let asked = 0;
    const settled = await bench.tick(schedule, day(22), {
      refused: async () => {
        asked += 1;
        if (asked < 3) throw silent;
        return [];
      },
    });
    assert.deepEqual(
      settled.map(({ status }) => status),
      ['later', 'later', 'done'],
    );
    assert.ok(((await changed(schedule.id))?.unchanged.length ?? 0) > 0);
    assert.equal((await bench.schedules.list()).length, 1);
  });

  it('of the policy file is told whoever may ask', async () => {
    const schedule = await bench.add();
    const { owner: _, ...ofFile } = schedule;
    const targets = [{ cluster: 'prod', namespace: 'shop' }];
    assert.deepEqual(await refused([]).refused(schedule, targets), targets);
    assert.deepEqual(await refused([]).refused(ofFile, targets), []);
    assert.deepEqual(await refused(undefined).refused(schedule, targets), []);
  });
});
