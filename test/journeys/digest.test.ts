import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { patientRedis, redisReady } from '../../src/clients/redis.ts';
import { auditLog } from '../../src/jobs/audit/audit.ts';
import { scheduleBook } from '../../src/jobs/digests/book.ts';
import { type DigestQueues, digestQueues } from '../../src/jobs/digests/queue.ts';
import { type Schedule, type Schedules, schedules } from '../../src/jobs/digests/schedules.ts';
import type { MessageHandle } from '../../src/sandbox/slack/index.ts';
import { type Meshbot, startMeshbot } from '../helpers/meshbot.ts';
import { policy } from '../helpers/policy.ts';
import { waitFor } from '../helpers/wait.ts';
import { shop } from '../jobs/digests/bench.ts';

const sources = { cluster: shop('PERMISSIVE') };
const now = () => new Date();
const ana = { team: 'T0SANDBOX01', user: 'U0ANA000001' };

describe('a digest, from its schedule to its channel', () => {
  let meshbot: Meshbot;
  let redis: Redis;
  let queues: DigestQueues;
  let book: Schedules;

  before(async () => {
    meshbot = await startMeshbot({ slack: { rateLimits: 1 }, worker: 'none' });
    redis = patientRedis({ url: meshbot.redis.url, name: 'test', onError: () => {} });
    await redisReady(redis, 5_000);
    queues = digestQueues(redis);
    book = schedules(redis, { queues, now });
  });
  after(async () => {
    await queues.close();
    redis.disconnect();
    await meshbot.close();
  });

  function channel(name: string): string {
    return meshbot.slack.addChannel({ name, members: ['ana', 'bot'] }).id;
  }

  function wanted(place: string, namespaces = ['shop']) {
    return { channel: place, cluster: 'prod', namespaces, topics: ['mtls'], words: 'daily 9:00' };
  }

  const partsOf = (messages: readonly MessageHandle[]) =>
    messages
      .flatMap((root) => [root, ...root.replies()])
      .map(({ metadata }) => JSON.stringify((metadata as { event_payload?: object } | undefined)?.event_payload));

  it('of the policy file is posted where it belongs, and ends with its channel, which its audit says', async () => {
    const place = channel('from-file');
    const digests = [{ schedule: 'daily 9:00 Europe/Berlin', namespaces: ['shop'], topics: ['mtls'], channel: place }];
    const worker = await meshbot.startWorker({ sources, policy: { ...policy(), digests } });
    const [schedule] = await book.list({ channel: place });
    assert.equal(schedule?.source, 'file');
    await book.run(schedule?.id ?? '', ana);
    const root = await meshbot.slack.waitForMessage({ channel: 'from-file', from: 'bot', thread: 'none' });
    await waitFor(() => root.replies().length > 0);
    const mine = await book.add(wanted(place), ana, 'UTC');
    meshbot.slack.archive('from-file');
    await book.run(mine.id, ana);
    await waitFor(async () => (await book.list({ channel: place })).length === 1);
    const direct = [...meshbot.slack.workspace.messages.values()]
      .flat()
      .filter(({ channel: id }) => id.startsWith('D'));
    assert.equal(direct.length, 1);
    const told = (await auditLog(redis).last(20)).filter(
      ({ kind, target }) => kind === 'schedule' && target === mine.id,
    );
    assert.deepEqual(
      told.map(({ by }) => by?.user),
      [ana.user, ana.user, undefined],
    );
    const metrics = await (await fetch(`${worker.healthUrl}/metrics`)).text();
    assert.match(metrics, /meshbot_digests_total\{outcome="ended"\} 1/);
    assert.match(metrics, /meshbot_digest_overdue 0/);
    await worker.stop();
  });

  it('is posted once each, in time with what Slack allows, when many are due at once', async () => {
    const worker = await meshbot.startWorker({ sources });
    const names = Array.from({ length: 8 }, (_, index) => `team-${index}`);
    const tick = now().toISOString();
    for (const name of names) {
      const place = channel(name);
      for (let index = 0; index < 5; index += 1) {
        const { id } = await book.add(wanted(place, ['shop', ...(index === 0 ? [] : [`ns-${index}`])]), ana, 'UTC');
        await queues.add('prod', { version: 1, scheduleId: id, tick, reason: 'run' });
      }
    }
    const roots = () => names.map((name) => meshbot.slack.messages(name));
    await waitFor(
      () => roots().every((all) => all.length === 5 && all.every((one) => one.replies().length > 0)),
      40_000,
    );
    await waitFor(async () => (await redis.llen('meshbot:digest-prod:active')) === 0, 20_000);
    for (const all of roots()) {
      const parts = partsOf(all);
      assert.equal(new Set(parts).size, parts.length);
      assert.equal(all.length, 5);
    }
    await worker.stop();
  });

  it('is made once for each tick, or told as missed, while the worker and Redis restart', async () => {
    const at = now().toISOString();
    const often: Schedule = {
      ...wanted(channel('often')),
      id: 'often',
      words: 'every 2 s',
      pattern: '*/2 * * * * *',
      timeZone: 'UTC',
      owner: ana,
      source: 'slack',
      createdAt: at,
      since: at,
    };
    await scheduleBook(redis, now, {}).change((all) => ({ book: [...all, often], says: 'Often.', about: often }));
    const out = () =>
      meshbot.log.lines.filter(({ msg, schedule }) => msg === 'A digest is out' && schedule === 'often');
    const ticks = () => out().map((line) => Date.parse(String(line.tick)));

    const first = await meshbot.startWorker({ sources });
    await waitFor(() => out().length >= 1, 15_000);
    await first.stop();
    // Two ticks at least: the last of them is made, late, and what was before it is missed.
    await sleep(4_500);
    const second = await meshbot.startWorker({ sources });
    let before = out().length;
    await waitFor(() => out().length >= before + 1, 15_000);
    await meshbot.redis.stop();
    await sleep(1_500);
    await meshbot.redis.start();
    before = out().length;
    await waitFor(() => out().length >= before + 1, 25_000);
    await second.stop();

    assert.equal(new Set(ticks()).size, ticks().length);
    assert.deepEqual(ticks(), ticks().toSorted());
    const missed = out().reduce((sum, line) => sum + Number(line.missed), 0);
    const slots = ((ticks().at(-1) ?? 0) - (ticks()[0] ?? 0)) / 2_000 + 1;
    const beforeFirst = Number(out()[0]?.missed);
    assert.equal(ticks().length + missed - beforeFirst, slots);
    assert.ok(missed > 0);
    const parts = partsOf(meshbot.slack.messages('often'));
    assert.equal(new Set(parts).size, parts.length);
  });
});
