import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { FaultRule, MessageHandle } from '../../src/sandbox/slack/index.ts';
import { startChild } from '../helpers/child.ts';
import { type Meshbot, type Setting, startMeshbot } from '../helpers/meshbot.ts';
import { restart } from '../helpers/redis.ts';
import { waitFor } from '../helpers/wait.ts';

const verdict = /accepts plaintext/;

describe('asking while things break', () => {
  let mesh: Meshbot;

  async function begin(setting: Setting = {}): Promise<void> {
    mesh = await startMeshbot(setting);
  }
  afterEach(() => mesh.close());

  const ask = (namespace: string, person = 'ana') => mesh.slack.as(person).in('mesh').slash(`/mesh mtls ${namespace}`);
  const idOf = ({ metadata }: MessageHandle) =>
    (metadata as { event_payload?: { request_id?: string } } | undefined)?.event_payload?.request_id;
  const partOf = ({ metadata }: MessageHandle) =>
    (metadata as { event_payload?: { part?: string } } | undefined)?.event_payload?.part;

  const failed = (outcomes: Awaited<ReturnType<typeof ask>>[]) =>
    outcomes.flatMap(({ ok, error }) => (ok ? [] : [error]));

  /** As many answers as questions, each once, with all its evidence once. */
  async function assertAnswered(questions: number, timeoutMs = 20_000): Promise<void> {
    const done = () =>
      mesh.slack.messages('mesh').filter((root) => verdict.test(root.text) && root.replies().length > 0);
    await waitFor(() => done().length >= questions, timeoutMs).catch((error: unknown) => {
      const said = mesh.slack.messages('mesh').map(({ text }) => text);
      throw new Error(`${done().length} of ${questions} answered:\n${said.join('\n')}`, { cause: error });
    });
    await sleep(300);
    const roots = mesh.slack.messages('mesh');
    assert.equal(roots.length, questions);
    assert.equal(new Set(roots.map(idOf)).size, questions);
    for (const root of roots) {
      assert.match(root.text, verdict);
      const parts = root.replies().map(partOf);
      assert.deepEqual(parts, Array.from(new Set(parts)));
    }
  }

  it('loses no command while Slack refreshes its sockets, one or both', async () => {
    await begin({ worker: 'none' });
    const { sockets } = mesh.slack;
    const asked: ReturnType<typeof ask>[] = [];
    for (let number = 0; number < 100; number += 1) {
      asked.push(ask(`refresh-${number}`));
      if (number === 15) sockets.disconnect('warning', { only: 1, closeAfterMs: 1_000 });
      if (number === 30) sockets.disconnect('warning', { closeAfterMs: 1_000 });
      if (number === 50) sockets.disconnect('refresh_requested', { only: 1, closeAfterMs: 500 });
      if (number === 70) sockets.disconnect('refresh_requested', { only: 1, closeAfterMs: 500 });
      await sleep(30);
    }
    assert.deepEqual(failed(await Promise.all(asked)), []);
    assert.equal(mesh.log.lines.filter(({ msg }) => msg === 'Queued').length, 100);
    // What was in flight is lost with a connection that breaks; what comes after it is not.
    sockets.cut(1);
    await sleep(50);
    assert.ok((await ask('after-a-cut')).ok);
    await waitFor(() => sockets.count() === 2);
  });

  it('takes commands again soon after every socket was cut and Slack was away', async () => {
    await begin();
    mesh.slack.fail({ method: 'apps.connections.open', fault: { status: 500 }, times: 3 });
    mesh.slack.sockets.cut();
    assert.ok(!(await ask('nobody-listens')).ok);
    await waitFor(async () => (await fetch(`${mesh.bot.healthUrl}/readyz`)).status === 200);
    assert.ok((await ask('they-listen-again')).ok);
    await assertAnswered(1);
  });

  it('answers though the bot is killed right after it took the question', async () => {
    await begin({ worker: 'none' });
    await mesh.bot.stop();
    const child = await startChild('bot-process.ts', {
      REDIS_URL: mesh.redis.url,
      SLACK_API_URL: mesh.slack.apiUrl,
      SLACK_BOT_TOKEN: mesh.slack.botToken,
      SLACK_APP_TOKEN: mesh.slack.appToken,
    });
    assert.ok((await ask('bot-killed')).ok);
    await child.kill('SIGKILL');
    await mesh.startWorker();
    await assertAnswered(1);
  });

  it('hands over from one bot to the next without losing a command', async () => {
    await begin({ worker: 'none' });
    const asked: ReturnType<typeof ask>[] = [];
    for (let number = 0; number < 10; number += 1) asked.push(ask(`first-${number}`));
    const next = await mesh.startBot();
    for (let number = 0; number < 10; number += 1) asked.push(ask(`both-${number}`));
    await Promise.all(asked);
    const stopped = mesh.bot.stop();
    await waitFor(() => mesh.slack.sockets.count() === 2);
    for (let number = 0; number < 10; number += 1) asked.push(ask(`second-${number}`));
    await stopped;
    assert.deepEqual(failed(await Promise.all(asked)), []);
    assert.equal((await fetch(`${next.healthUrl}/readyz`)).status, 200);
    assert.equal(mesh.log.lines.filter(({ msg }) => msg === 'Queued').length, 30);
  });

  it('acknowledges what it has received before it closes its sockets', async () => {
    await begin({ worker: 'none' });
    const redis = new Redis(mesh.redis.url);
    await redis.client('PAUSE', 700, 'ALL');
    const asked = [ask('while-it-ends'), ask('while-it-ends-too')];
    await waitFor(() => mesh.log.lines.filter(({ msg }) => msg === 'Received').length === 2);
    await mesh.bot.stop();
    redis.disconnect();
    assert.deepEqual(failed(await Promise.all(asked)), []);
  });

  const storms: readonly (readonly [string, readonly FaultRule[]])[] = [
    [
      'a rate limit on every third post',
      [{ method: 'chat.postMessage', fault: { status: 429, retryAfter: 1 }, every: 3 }],
    ],
    [
      'a rate limit on every second update',
      [{ method: 'chat.update', fault: { status: 429, retryAfter: 1 }, every: 2 }],
    ],
    ['an error 500 on every fourth call', [{ method: '*', fault: { status: 500 }, every: 4 }]],
    ['a lost reply to every second post', [{ method: 'chat.postMessage', fault: { drop: 'reply' }, every: 2 }]],
    [
      'lost requests and replies everywhere',
      [
        { method: '*', fault: { drop: 'reply' }, every: 4 },
        { method: '*', fault: { drop: 'request' }, every: 5 },
      ],
    ],
  ];
  for (const [name, rules] of storms) {
    it(`answers each question once through ${name}`, async () => {
      await begin();
      for (const rule of rules) mesh.slack.fail(rule);
      for (let number = 0; number < 5; number += 1) assert.ok((await ask(`storm-${number}`)).ok);
      await assertAnswered(5, 60_000);
    });
  }

  it("keeps to Slack's own limits with many questions at once", async () => {
    await begin({ slack: { rateLimits: 10 } });
    for (let number = 0; number < 12; number += 1) assert.ok((await ask(`many-${number}`)).ok);
    await assertAnswered(12, 60_000);
  });

  it('still answers where it may not look for what was lost', async () => {
    await begin();
    mesh.slack.revoke('channels:history', 'groups:history', 'im:history');
    mesh.slack.fail({ method: 'chat.postMessage', fault: { drop: 'reply' } });
    assert.ok((await ask('no-history')).ok);
    await waitFor(() => mesh.slack.messages('mesh').some(({ text }) => verdict.test(text)));
  });

  it('says that nobody is there to answer, and answers once somebody is', async () => {
    await begin({ worker: 'none' });
    const { answer } = await ask('no-worker');
    assert.match(answer?.plain ?? '', /No worker for prod/);
    await mesh.startWorker();
    await assertAnswered(1);
    assert.equal((await ask('worker')).answer, undefined);
    await assertAnswered(2);
  });

  it('tells the asker at once that Redis is down, and answers after it is back', async () => {
    await begin();
    await mesh.redis.stop();
    const begun = performance.now();
    const { answer } = await ask('redis-down');
    assert.ok(performance.now() - begun < 2_500);
    assert.match(answer?.plain ?? '', /Redis/);
    await mesh.redis.start();
    await waitFor(async () => (await fetch(`${mesh.bot.healthUrl}/readyz`)).status === 200);
    assert.ok((await ask('redis-back')).ok);
    await assertAnswered(1);
  });

  it('forgets no question when Redis is killed and restarted', async () => {
    await begin({ worker: 'none' });
    for (let number = 0; number < 5; number += 1) assert.ok((await ask(`kept-${number}`)).ok);
    await mesh.redis.stop();
    await mesh.redis.start();
    await mesh.startWorker();
    await assertAnswered(5);
  });

  it('is ready only with a socket and Redis', async () => {
    await begin();
    const ready = async () => (await (await fetch(`${mesh.bot.healthUrl}/readyz`)).text()).trim();
    assert.equal(await ready(), 'ok   redis\nok   slack');
    await restart(mesh.redis, () => waitFor(async () => /fail redis/.test(await ready())));
    await waitFor(async () => (await ready()) === 'ok   redis\nok   slack');
  });
});
