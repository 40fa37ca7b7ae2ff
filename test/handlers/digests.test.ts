import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { digestQueues } from '../../src/jobs/digests/queue.ts';
import { schedules } from '../../src/jobs/digests/schedules.ts';
import { mutes } from '../../src/jobs/mutes.ts';
import type { Asked } from '../../src/sandbox/slack/driver/actor.ts';
import { type Fixing, ids, startFixing } from './fixing.ts';

const now = () => new Date();
let f: Fixing;
let queues: ReturnType<typeof digestQueues>;
before(async () => {
  f = await startFixing();
  queues = digestQueues(f.client);
});
after(async () => {
  await queues.close();
  await f.close();
});

const book = () => schedules(f.client, { queues, now });
const typed = (who: string, line: string, channel = 'mesh'): Promise<Asked> => f.slack.as(who).in(channel).slash(line);

async function added(who: string, line: string, channel = 'mesh'): Promise<string> {
  const { answer } = await typed(who, `/mesh digest add ${line}`, channel);
  const [id = ''] = /\bd[0-9a-f]{8}\b/.exec(answer?.plain ?? '') ?? [];
  assert.notEqual(id, '', answer?.plain);
  return id;
}

describe('a digest', () => {
  it('is set up for the channel, with its next three runs shown, and is ticking', async () => {
    const { answer } = await typed('ana', '/mesh digest add "weekdays 9:00 Europe/Berlin" bookinfo payments mtls');
    const [one] = await book().list({ owner: ids.ana });
    assert.ok(one);
    const { namespaces, topics, cluster, channel, pattern, timeZone } = one;
    assert.deepEqual(
      { namespaces, topics, cluster, pattern, timeZone },
      {
        namespaces: ['bookinfo', 'payments'],
        topics: ['mtls'],
        cluster: 'prod',
        pattern: '0 9 * * 1-5',
        timeZone: 'Europe/Berlin',
      },
    );
    assert.equal(channel, f.slack.as('ana').in('mesh').channel.id);
    assert.equal(JSON.stringify(answer?.blocks).match(/"type":"date"/g)?.length, 3);
    assert.ok((await queues.tickers('prod')).some(({ id }) => id === one.id));
    const [record] = await f.audit.last(1);
    assert.deepEqual([record?.kind, record?.by?.user, record?.target], ['schedule', ids.ana, one.id]);
  });

  it('is refused twice the same', async () => {
    await added('ana', '"daily 7:00" twice');
    const before = (await book().list()).length;
    await typed('ana', '/mesh digest add "daily 7:00" twice');
    assert.equal((await book().list()).length, before);
  });

  it('is listed where it posts first, then mine elsewhere', async () => {
    const here = await added('ben', '"daily 6:00" here');
    const elsewhere = await added('ben', '"daily 6:00" elsewhere', 'payments');
    const { answer } = await typed('ben', '/mesh digest');
    const text = answer?.plain ?? '';
    assert.ok(text.indexOf(here) !== -1 && text.indexOf(here) < text.indexOf(elsewhere), text);
    const ofCarla = await typed('carla', '/mesh digest list');
    assert.ok(!ofCarla.answer?.plain.includes(elsewhere));
  });

  it('is removed by its owner and by approvers, not by others; refusals are recorded', async () => {
    const [own, other] = [await added('ana', '"daily 5:00" own'), await added('ana', '"daily 5:00" other')];
    const third = await added('ben', '"daily 5:00" third');
    await typed('ana', `/mesh digest remove ${own}`);
    await typed('ben', `/mesh digest remove ${other}`);
    await typed('ana', `/mesh digest remove ${third}`);
    const [record] = await f.audit.last(1);
    assert.deepEqual([record?.kind, record?.by?.user, record?.target], ['refused', ids.ana, third]);
    const left = (await book().list()).map(({ id }) => id);
    assert.deepEqual(
      [own, other, third].map((id) => left.includes(id)),
      [false, false, true],
    );
  });

  it('is paused, goes on, and is made at once by anybody in its channel', async () => {
    const id = await added('ben', '"daily 4:00" paused');
    await typed('ben', `/mesh digest pause ${id.slice(0, 6)}`);
    assert.notEqual((await book().get(id)).paused, undefined);
    await typed('ben', `/mesh digest resume ${id}`);
    assert.equal((await book().get(id)).paused, undefined);
    const { answer } = await typed('ana', `/mesh digest run ${id}`);
    assert.notEqual(answer, undefined);
    assert.match((await f.audit.last(1))[0]?.says ?? '', /asked for now/);
  });

  it('that cannot be followed takes no other out of the list', async () => {
    const bad = await added('ben', '"daily 3:00" spoilt');
    const { version = '', value = '[]' } = await f.client.hgetall('meshbot:schedules');
    const kept = JSON.parse(value);
    const spoilt = kept.map((one: { id: string }) => (one.id === bad ? { ...one, pattern: '0 1,1 * * *' } : one));
    await f.client.hset('meshbot:schedules', { version, value: JSON.stringify(spoilt) });
    const { answer } = await typed('ben', '/mesh digest');
    for (const { id, channel } of await book().list({ owner: ids.ben }))
      assert.ok(answer?.plain.includes(id), `${id} in ${channel}`);
    await typed('ben', `/mesh digest remove ${bad}`);
  });

  it('that is not known is said so', async () => {
    const { answer } = await typed('ana', '/mesh digest remove dffffffff');
    assert.match(answer?.plain ?? '', /dffffffff/);
  });
});

describe('a mute', () => {
  it('is kept with its end and reason, shown, taken back, and recorded each time', async () => {
    const made = await typed('ana', '/mesh mute permissive bookinfo/legacy-v1 for 7d because it is being moved');
    const [one] = await mutes(f.client, now).list();
    assert.ok(one);
    assert.deepEqual(
      [one.code, one.namespace, one.workload, one.because, one.by.user],
      ['permissive', 'bookinfo', 'legacy-v1', 'it is being moved', ids.ana],
    );
    assert.ok(Math.abs(Date.parse(one.until) - Date.now() - 7 * 24 * 3_600_000) < 60_000);
    assert.ok(made.answer?.plain.includes(one.id));
    assert.ok((await typed('ben', '/mesh mutes')).answer?.plain.includes('it is being moved'));
    await typed('ben', `/mesh unmute ${one.id}`);
    assert.deepEqual(await mutes(f.client, now).list(), []);
    const records = (await f.audit.last(2)).map(({ kind, by }) => [kind, by?.user]);
    assert.deepEqual(records, [
      ['muted', ids.ana],
      ['unmuted', ids.ben],
    ]);
  });

  it('that ends too late, or is over, is refused', async () => {
    for (const end of ['for 91d', 'until 2020-01-01', 'for ever']) {
      await typed('ana', `/mesh mute permissive bookinfo ${end} because x`);
      assert.deepEqual(await mutes(f.client, now).list(), [], end);
    }
  });
});
