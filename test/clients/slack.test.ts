import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { slackMessenger } from '../../src/clients/slack.ts';
import { identify, slackClient } from '../../src/clients/slack-client.ts';
import { pace } from '../../src/clients/slack-pace.ts';
import { testLog } from '../helpers/log.ts';
import { freePort } from '../helpers/redis.ts';
import { type Fault, type SlackApi, startSlackApi } from '../helpers/slack-api.ts';

describe('the Slack client', () => {
  const { slack: logger, log } = testLog();
  let api: SlackApi;
  let calls: string[];

  before(async () => {
    api = await startSlackApi();
  });
  beforeEach(() => {
    calls = [];
  });
  after(() => api.close());

  const messenger = () =>
    slackMessenger(
      { token: 'xoxb-1', apiUrl: api.url, logger, onCall: (method, outcome) => calls.push(`${method} ${outcome}`) },
      'meshbot',
    );
  const place = { channel: 'C1', requestId: 'r1', part: 'anchor' };
  const message = { text: 'hello', blocks: [] };

  const failures: readonly (readonly [Fault, object])[] = [
    [
      { status: 429, retryAfter: 3 },
      { reason: 'rate-limited', retryAfterMs: 3_000, sent: 'no' },
    ],
    [{ status: 429 }, { reason: 'rate-limited', retryAfterMs: 30_000, sent: 'no' }],
    [{ status: 500 }, { reason: 'unavailable', code: 'http_500', sent: 'maybe' }],
    [{ status: 200 }, { reason: 'unavailable', code: 'malformed_answer', sent: 'maybe' }],
    ['lost', { reason: 'unavailable', sent: 'maybe' }],
    [{ error: 'internal_error' }, { reason: 'unavailable', sent: 'maybe' }],
    [{ error: 'not_in_channel' }, { reason: 'unreachable', code: 'not_in_channel', sent: 'no' }],
    [{ error: 'is_archived' }, { reason: 'unreachable', sent: 'no' }],
    [{ error: 'invalid_blocks' }, { reason: 'unfit', sent: 'no' }],
    [{ error: 'msg_blocks_too_long' }, { reason: 'unfit', sent: 'no' }],
    [{ error: 'message_not_found' }, { reason: 'gone', sent: 'no' }],
    [{ error: 'invalid_auth' }, { reason: 'refused', code: 'invalid_auth', sent: 'no' }],
  ];
  for (const [fault, expected] of failures) {
    it(`tells what ${JSON.stringify(fault)} means, after one try`, async () => {
      api.fail('chat.postMessage', fault);
      const before = api.calls.length;
      const outcome = await messenger().post(place, message);
      assert.ok(!outcome.ok);
      assert.partialDeepStrictEqual(outcome, expected);
      assert.equal(api.calls.length, before + 1);
      assert.equal(calls.length, 1);
    });
  }

  it('knows that nothing was sent where nobody listens', async () => {
    const nobody = slackMessenger(
      { token: 'xoxb-1', apiUrl: `http://127.0.0.1:${await freePort()}/api/`, logger, onCall: () => {} },
      'meshbot',
    );
    assert.partialDeepStrictEqual(await nobody.post(place, message), { reason: 'unavailable', sent: 'no' });
  });

  it('posts nothing to a channel that is rate limited, and goes on elsewhere', async () => {
    const one = messenger();
    api.fail('chat.postMessage', { status: 429, retryAfter: 60 });
    await one.post(place, message);
    const before = api.calls.length;
    const again = await one.post(place, message);
    assert.ok(!again.ok && again.reason === 'rate-limited' && (again.retryAfterMs ?? 0) > 50_000);
    assert.equal(api.calls.length, before);
    assert.ok((await one.post({ ...place, channel: 'C2' }, message)).ok);
  });

  it('finds what it posted, in the channel and in a thread', async () => {
    const one = messenger();
    const posted = await one.post({ ...place, requestId: 'r7' }, message);
    assert.ok(posted.ok);
    const inThread = await one.post({ ...place, requestId: 'r7', part: 'evidence-1', thread: posted.ts }, message);
    assert.ok(inThread.ok);
    const since = new Date(0);
    assert.deepEqual(await one.find({ ...place, requestId: 'r7' }, since), { ok: true, ts: posted.ts });
    assert.deepEqual(await one.find({ ...place, requestId: 'r7', part: 'evidence-1', thread: posted.ts }, since), {
      ok: true,
      ts: inThread.ts,
    });
    assert.deepEqual(await one.find({ ...place, requestId: 'r8' }, since), { ok: true });
  });

  it('sends text that calls nobody', async () => {
    const posted = await messenger().post({ ...place, channel: 'C3' }, { text: '<!channel> & <@U1>', blocks: [] });
    assert.ok(posted.ok);
    assert.equal(api.messages.at(-1)?.text, '&lt;!channel&gt; &amp; &lt;@U1&gt;');
  });

  it('asks who it is until Slack answers, and stops at a bad token', async () => {
    const client = slackClient({ token: 'xoxb-1', apiUrl: api.url, logger });
    api.fail('auth.test', { status: 429, retryAfter: 0 });
    assert.partialDeepStrictEqual(await identify(client, log), { team: 'T1', botName: 'meshbot' });
    api.fail('auth.test', { error: 'invalid_auth' });
    await assert.rejects(identify(client, log));
  });
});

describe('the pace of posts', () => {
  it('lets a few through at once, then one a second, each channel for itself', () => {
    let now = 0;
    const limit = pace(() => now);
    const waits = Array.from({ length: 5 }, () => limit.take('C1'));
    assert.deepEqual(waits, [0, 0, 0, 0, 1_000]);
    assert.equal(limit.take('C2'), 0);
    now += 1_000;
    assert.equal(limit.take('C1'), 0);
    assert.equal(limit.take('C1'), 1_000);
  });

  it('stays quiet for as long as Slack said', () => {
    let now = 0;
    const limit = pace(() => now);
    limit.block('C1', 5_000);
    assert.equal(limit.take('C1'), 5_000);
    now = 5_000;
    assert.equal(limit.take('C1'), 0);
  });
});
