import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asks } from '../../../src/jobs/asks.ts';
import { tend } from '../../../src/jobs/digests/tend.ts';
import { withoutRight } from '../../helpers/cluster.ts';
import { ana, digestBench, shop } from './bench.ts';

describe('a digest', () => {
  const bench = digestBench();
  const day = (number: number, time = '08:00') => `2026-11-${number}T${time}:00.000Z`;

  it('is a message in the channel, with its details in the thread', async () => {
    const schedule = await bench.add();
    await bench.tick(schedule, day(21));
    const [root, ...others] = bench.roots();
    assert.deepEqual(others, []);
    assert.equal(root?.channel, 'C1');
    assert.match(root?.text ?? '', /shop/);
    assert.ok(JSON.stringify(root?.blocks).includes(schedule.id));
    assert.ok(bench.replies().length > 0);
    assert.ok(bench.replies().every(({ thread }) => thread === root?.ts));
    assert.deepEqual(bench.counted, ['posted']);
  });

  it('is made once, whoever takes its tick', async () => {
    const schedule = await bench.add();
    bench.now = new Date(day(21));
    const job = { scheduleId: schedule.id, tick: day(21) };
    await Promise.all([bench.run(job), bench.run(job), bench.run({ ...job, reason: 'missed' })]);
    await bench.run(job);
    assert.equal(bench.roots().length, 1);
    assert.equal(
      new Set(bench.replies().map(({ metadata }) => metadata?.event_payload.part)).size,
      bench.replies().length,
    );
    assert.deepEqual(bench.counted, ['posted']);
  });

  it('is nothing while nothing changes, and a sign of life after a week', async () => {
    const schedule = await bench.add();
    for (let number = 21; number <= 27; number += 1) await bench.tick(schedule, day(number));
    assert.equal(bench.roots().length, 1);
    await bench.tick(schedule, day(28));
    assert.equal(bench.roots().length, 2);
    assert.deepEqual(bench.counted, ['posted', 'quiet', 'quiet', 'quiet', 'quiet', 'quiet', 'quiet', 'posted']);
  });

  it('edits the message of the day, unless something is new or worse', async () => {
    const schedule = await bench.add({ words: 'every 6h Europe/Berlin' });
    await bench.tick(schedule, day(21, '05:00'));
    const [root] = bench.roots();
    const before = root?.text;
    bench.cluster = shop('STRICT');
    await bench.tick(schedule, day(21, '11:00'));
    assert.equal(bench.roots().length, 1);
    assert.notEqual(bench.roots()[0]?.text, before);
    assert.ok(bench.replies().every(({ thread }) => thread === root?.ts));
    bench.cluster = shop('DISABLE');
    await bench.tick(schedule, day(21, '17:00'));
    assert.equal(bench.roots().length, 2);
    assert.deepEqual(bench.counted, ['posted', 'edited', 'posted']);
  });

  it('begins a new message on a new day by the clock of its zone', async () => {
    const schedule = await bench.add({ words: 'hourly Europe/Berlin' });
    await bench.tick(schedule, day(21, '22:00'));
    bench.cluster = shop('STRICT');
    await bench.tick(schedule, day(21, '23:00'));
    assert.equal(bench.roots().length, 2);
  });

  it('can be asked for again in the thread of each message, not of the last one alone', async () => {
    const schedule = await bench.add();
    await bench.tick(schedule, day(21));
    bench.cluster = shop('STRICT');
    await bench.tick(schedule, day(22));
    const stored = bench.roots().map(({ ts }) => asks(bench.redis).load(`root:C1:${ts}`));
    const commands = (await Promise.all(stored)).map((one) => one?.command);
    assert.deepEqual(commands, [`digest run ${schedule.id}`, `digest run ${schedule.id}`]);
  });

  it('goes without its chart where Slack refuses that', async () => {
    const schedule = await bench.add();
    await bench.tick(schedule, day(21));
    bench.cluster = shop('STRICT');
    bench.slack.failWhen((_, { blocks = '' }) =>
      blocks.includes('data_visualization') ? { error: 'invalid_blocks' } : undefined,
    );
    await bench.tick(schedule, day(22));
    const root = bench.roots()[1];
    assert.ok(root !== undefined && root.blocks.length > 1);
    assert.ok(!JSON.stringify(root.blocks).includes('data_visualization'));
  });

  it('says what could not be seen, and why', async () => {
    const schedule = await bench.add({ namespaces: ['shop', 'nowhere'] });
    await bench.tick(schedule, day(21));
    assert.match(JSON.stringify(bench.roots()[0]?.blocks), /nowhere/);
    bench.cluster = {
      ...withoutRight(shop('PERMISSIVE'), ({ plural }) => plural === 'peerauthentications'),
      name: 'prod',
    };
    await bench.tick(schedule, day(22));
    const { last } = await bench.deps().histories.load(schedule.id);
    assert.deepEqual(last?.digest.fixed, []);
    assert.ok((last?.digest.notSeen.length ?? 0) > 0);
    assert.equal(bench.roots().length, 2);
  });

  it('knows the topics it does not know', async () => {
    const schedule = await bench.add({ topics: ['mtls', 'weather'] });
    await bench.tick(schedule, day(21));
    const { last } = await bench.deps().histories.load(schedule.id);
    assert.equal(last?.digest.looked.reports, 1);
    assert.deepEqual(
      last?.digest.blind.map(({ says }) => says.includes('weather')),
      [true],
    );
  });

  it('asks all there is where no topic is named, and of the cluster once', async () => {
    const all = await bench.add({ topics: [], namespaces: ['shop', 'istio-system'] });
    const cluster = await bench.add({ topics: ['uwm'], namespaces: ['shop', 'istio-system'] });
    await bench.tick(all, day(21));
    await bench.tick(cluster, day(21));
    const asked = async (id: string) =>
      (await bench.deps().histories.load(id)).last?.digest.asked.map(({ topic, target }) => [topic, target.namespace]);
    assert.deepEqual(await asked(all.id), [
      ['doctor', 'shop'],
      ['doctor', 'istio-system'],
    ]);
    assert.deepEqual(await asked(cluster.id), [['uwm', undefined]]);
  });

  it('hides what is muted until the mute ends, and says so', async () => {
    const schedule = await bench.add();
    await bench.tick(schedule, day(21));
    const code = (await bench.deps().histories.load(schedule.id)).last?.digest.new[0]?.finding.code ?? '';
    const mute = { id: 'm1', code, cluster: 'prod', namespace: 'shop', because: 'known', by: ana };
    await bench.mutes.add({ ...mute, at: day(21, '09:00'), until: day(22, '20:00') });
    await bench.tick(schedule, day(22));
    const muted = (await bench.deps().histories.load(schedule.id)).last?.digest.muted;
    assert.ok(muted !== undefined && muted.length > 0 && muted.every((one) => one.mute?.id === 'm1'));
    await bench.tick(schedule, day(23));
    const { last } = await bench.deps().histories.load(schedule.id);
    assert.deepEqual(
      last?.digest.endedMutes.map(({ id }) => id),
      ['m1'],
    );
    assert.equal(last?.digest.muteEnded.length, muted.length);
    assert.equal(bench.counted.at(-1), 'posted');
  });

  it('tells what was missed, and since when nobody was there', async () => {
    const schedule = await bench.add();
    await bench.tick(schedule, day(21));
    await bench.tick(schedule, day(24, '10:00'));
    const { last } = await bench.deps().histories.load(schedule.id);
    assert.deepEqual(
      last?.digest.missed.map(({ due }) => due),
      [day(22), day(23), day(24)],
    );
    assert.ok(last?.digest.missed.every(({ why }) => why.includes('away')));
    assert.equal(last?.run.tick, day(24));
    assert.equal(bench.roots().length, 2);
    await bench.tick(schedule, day(25));
    assert.equal((await bench.deps().histories.load(schedule.id)).last?.digest.missed.length, 0);
  });

  it('is made on demand whether or not anything changed, also while it is paused', async () => {
    const schedule = await bench.add();
    await bench.tick(schedule, day(21));
    await bench.schedules.pause(schedule.id, ana);
    await bench.tick(schedule, day(22));
    assert.deepEqual(bench.counted, ['posted']);
    await bench.run({ scheduleId: schedule.id, reason: 'run', tick: bench.now.toISOString() });
    assert.deepEqual(bench.counted, ['posted', 'posted']);
    await bench.run({ scheduleId: schedule.id, reason: 'run', tick: new Date(bench.now.getTime() + 1).toISOString() });
    const { version } = await bench.deps().histories.load(schedule.id);
    await bench.run({ scheduleId: schedule.id, reason: 'run', tick: new Date(bench.now.getTime() + 1).toISOString() });
    assert.deepEqual(bench.counted, ['posted', 'posted', 'posted']);
    assert.equal((await bench.deps().histories.load(schedule.id)).version, version);
  });

  it('keeps its news, whatever changes or is asked for later that day', async () => {
    const schedule = await bench.add({ words: 'every 6h Europe/Berlin' });
    bench.cluster = shop('STRICT');
    await bench.tick(schedule, day(21, '05:00'));
    bench.cluster = shop('PERMISSIVE');
    await bench.tick(schedule, day(21, '11:00'));
    bench.cluster = shop('STRICT');
    await bench.tick(schedule, day(21, '17:00'));
    const said = () => JSON.stringify(bench.roots()[1]?.blocks);
    assert.match(said(), /Fixed.*Earlier today.*12:00 New/);
    bench.now = new Date(day(21, '18:00'));
    await bench.run({ scheduleId: schedule.id, reason: 'run', tick: bench.now.toISOString() });
    assert.match(said(), /Earlier today.*12:00 New/, 'what somebody asked for is a message of its own');
    assert.equal(bench.roots().length, 3);
    assert.deepEqual(bench.counted, ['posted', 'posted', 'edited', 'posted']);
  });

  it('is not told as missed where it only waited behind others', async () => {
    const schedule = await bench.add();
    bench.cluster = shop('STRICT');
    /** The worker is there all the time. */
    const beatUntil = async (time: string) => {
      for (; bench.now < new Date(time); bench.now = new Date(bench.now.getTime() + 150_000))
        await bench.deps().absences.beat();
    };
    await bench.tick(schedule, day(21));
    await beatUntil(day(22, '08:06'));
    await bench.run({ scheduleId: schedule.id, tick: day(22) });
    assert.deepEqual(bench.counted, ['posted', 'quiet']);
    await beatUntil(day(23, '08:06'));
    await bench.run({ scheduleId: schedule.id, tick: day(23), reason: 'missed' });
    assert.deepEqual(bench.counted, ['posted', 'quiet', 'posted'], 'a tick that the queue lost is told');
  });

  it('says of nothing that it was missed which was paused, or is on its way', async () => {
    const schedule = await bench.add();
    await bench.tick(schedule, day(21));
    const missedBy = async (time: string) => {
      bench.now = new Date(time);
      await bench.run({ scheduleId: schedule.id, reason: 'run', tick: time });
      return (await bench.deps().histories.load(schedule.id)).last?.digest.missed.map(({ due }) => due);
    };
    assert.deepEqual(await missedBy(day(22, '08:01')), []);
    bench.now = new Date(day(22, '12:00'));
    await bench.schedules.pause(schedule.id, ana);
    assert.deepEqual(await missedBy(day(24, '12:00')), []);
  });

  it('of a schedule that comes back under its id begins anew', async () => {
    const schedule = await bench.add();
    await bench.tick(schedule, day(21));
    await bench.schedules.remove(schedule.id, ana);
    await tend(bench.deps());
    assert.equal((await bench.deps().histories.load(schedule.id)).version, 0);
    assert.equal((await bench.posts.all()).size, 0);
  });

  it('is not of a schedule that is gone', async () => {
    const schedule = await bench.add();
    await bench.schedules.remove(schedule.id, ana);
    await bench.tick(schedule, day(21));
    assert.deepEqual(bench.slack.messages, []);
  });
});
