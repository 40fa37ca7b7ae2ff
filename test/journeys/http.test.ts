import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { after, before, beforeEach, describe, it } from 'node:test';
import { Redis } from 'ioredis';
import { type RunningBot, startBot } from '../../src/bot.ts';
import { testLog } from '../helpers/log.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { type SlackApi, startSlackApi } from '../helpers/slack-api.ts';
import { waitFor } from '../helpers/wait.ts';

const secret = '0123456789abcdef0123456789abcdef';

describe('requests over HTTP', () => {
  const { log, lines } = testLog('info');
  let redis: TestRedis;
  let slack: SlackApi;
  let bot: RunningBot;
  let client: Redis;

  before(async () => {
    redis = await startRedis();
    slack = await startSlackApi();
    client = new Redis(redis.url);
    client.on('error', () => {});
    bot = await startBot(
      {
        redisUrl: redis.url,
        slackApiUrl: slack.url,
        botToken: 'xoxb-1',
        listenHost: '127.0.0.1',
        healthPort: 0,
        logLevel: 'info',
        shutdownMs: 1_000,
        requestsPerMinute: 10_000,
        transport: { mode: 'http', signingSecret: secret, port: 0 },
        clusters: ['prod'],
      },
      {
        fixes: [],
        topics: [{ id: 'mtls', scope: 'namespace', title: 'Is it encrypted?', example: 'mtls bookinfo' }],
        log,
      },
    );
    await ready();
  });
  beforeEach(() => client.flushall());
  after(async () => {
    await bot.stop();
    client.disconnect();
    await slack.close();
    await redis.close();
  });

  const now = () => Math.floor(Date.now() / 1000);
  const command = (text: string) =>
    new URLSearchParams({
      command: '/mesh',
      text,
      team_id: 'T1',
      user_id: 'U1',
      channel_id: 'C1',
      trigger_id: randomUUID(),
      response_url: `${slack.url}none`,
    }).toString();
  const queued = () => client.llen('meshbot:check-prod:wait');
  const ready = () => waitFor(async () => (await fetch(`${bot.healthUrl}/readyz`)).status === 200);

  function sign(body: string, at: number): string {
    return `v0=${createHmac('sha256', secret).update(`v0:${at}:${body}`).digest('hex')}`;
  }

  function send(
    body: string,
    {
      at = now(),
      signature = sign(body, at),
      headers = {},
    }: { at?: number; signature?: string; headers?: object } = {},
  ) {
    const { promise, resolve, reject } = Promise.withResolvers<{ readonly status: number; readonly body: string }>();
    const sent = request(
      bot.requestsUrl ?? '',
      {
        method: 'POST',
        agent: false,
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          'x-slack-request-timestamp': `${at}`,
          'x-slack-signature': signature,
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
      },
    );
    sent.on('error', reject);
    sent.end(body);
    return promise;
  }

  it('takes a signed command, and has queued it when it answers', async () => {
    const { status, body } = await send(command('mtls bookinfo'));
    assert.equal(status, 200);
    assert.equal(await queued(), 1);
    assert.match(body, /No worker for prod/, 'nobody answers in this test, and the asker is told');
  });

  it('is acknowledged without a word where a worker lives', async () => {
    await client.set('meshbot:worker-alive:prod', 'now');
    assert.deepEqual(await send(command('mtls bookinfo')), { status: 200, body: '' });
    assert.match((await send(command('mtls bookinfo'))).body, /being answered/);
    assert.equal(await queued(), 1);
  });

  it('explains what it does not understand to the asker alone', async () => {
    const { status, body } = await send(command('mtsl bookinfo'));
    assert.equal(status, 200);
    const reply: { response_type: string; blocks: { elements?: { action_id: string }[] }[] } = JSON.parse(body);
    assert.equal(reply.response_type, 'ephemeral');
    assert.ok(reply.blocks.some(({ elements }) => elements?.[0]?.action_id === 'run-it'));
    assert.equal(await queued(), 0);
  });

  const bad: readonly (readonly [string, () => Parameters<typeof send>[1]])[] = [
    ['a signature with another secret', () => ({ signature: `v0=${'0'.repeat(64)}` })],
    ['no signature', () => ({ signature: '' })],
    ['a time six minutes ago', () => ({ at: now() - 360 })],
    ['a time six minutes from now', () => ({ at: now() + 360 })],
    ['a time that is none', () => ({ headers: { 'x-slack-request-timestamp': 'NaN' } })],
  ];
  for (const [name, options] of bad) {
    it(`refuses ${name}, and says so in the log and the metrics`, async () => {
      lines.length = 0;
      assert.equal((await send(command('mtls bookinfo'), options())).status, 401);
      assert.equal(await queued(), 0);
      assert.ok(lines.some(({ msg, level }) => level === 40 && msg === 'Refused a request'));
      assert.match(await (await fetch(`${bot.healthUrl}/metrics`)).text(), /meshbot_refused_requests_total\{reason=/);
    });
  }

  it('refuses a signature with something behind it: it would make a replay look new', async () => {
    const [at, body] = [now(), command('mtls bookinfo')];
    assert.equal((await send(body, { at, signature: `${sign(body, at)}=x` })).status, 401);
    assert.equal(await queued(), 0);
  });

  it('accepts a clock that is four minutes off', async () => {
    assert.equal((await send(command('mtls a'), { at: now() - 240 })).status, 200);
    assert.equal((await send(command('mtls b'), { at: now() + 240 })).status, 200);
  });

  it('refuses the same request a second time', async () => {
    const [at, body] = [now(), command('mtls bookinfo')];
    assert.equal((await send(body, { at })).status, 200);
    assert.equal((await send(body, { at })).status, 401);
    assert.equal(await queued(), 1);
  });

  it('answers the certificate check without a signature, and nothing that is hidden in it', async () => {
    const hidden = `${command('mtls bookinfo')}&ssl_check=1`;
    assert.deepEqual(await send(hidden, { signature: '' }), { status: 200, body: '' });
    assert.equal(await queued(), 0);
  });

  it('refuses bodies without end and paths it does not know', async () => {
    const outcome = await send('x'.repeat(1_100_000)).catch(() => ({ status: 413 }));
    assert.equal(outcome.status, 413);
    assert.equal(
      (await fetch((bot.requestsUrl ?? '').replace('/slack/events', '/other'), { method: 'POST' })).status,
      404,
    );
    assert.equal((await fetch(bot.requestsUrl ?? '')).status, 404);
  });

  it('refuses people of other workspaces', async () => {
    const body = command('mtls bookinfo').replace('team_id=T1', 'team_id=T2');
    assert.match((await send(body)).body, /workspace/);
    assert.equal(await queued(), 0);
  });

  it('tells the asker at once that Redis is down, and is not ready meanwhile', async () => {
    await redis.stop();
    try {
      const begun = performance.now();
      const { status, body } = await send(command('mtls bookinfo'));
      assert.ok(performance.now() - begun < 2_500);
      assert.equal(status, 200);
      assert.equal(JSON.parse(body).response_type, 'ephemeral');
      assert.equal((await fetch(`${bot.healthUrl}/readyz`)).status, 503);
      assert.equal((await fetch(`${bot.healthUrl}/livez`)).status, 200);
    } finally {
      await redis.start();
      await ready();
    }
    assert.equal((await send(command('mtls again'))).status, 200);
  });
});
