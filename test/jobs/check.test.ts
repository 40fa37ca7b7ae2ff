import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Redis } from 'ioredis';
import { patientRedis, redisReady } from '../../src/clients/redis.ts';
import { slackMessenger } from '../../src/clients/slack.ts';
import { asks } from '../../src/jobs/asks.ts';
import { type CheckDeps, type Run, runCheck } from '../../src/jobs/check.ts';
import type { CheckJob } from '../../src/jobs/queue.ts';
import { deliveryRecords } from '../../src/jobs/records.ts';
import type { Settled } from '../../src/jobs/settle.ts';
import { UsageError } from '../../src/model/sources.ts';
import { testLog } from '../helpers/log.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { exampleReport } from '../helpers/report.ts';
import { type SlackApi, startSlackApi } from '../helpers/slack-api.ts';

const job: CheckJob = {
  version: 1,
  requestId: 'r1',
  topic: 'mtls',
  target: { cluster: 'prod', namespace: 'bookinfo' },
  channel: 'C1',
  requestedBy: { team: 'T1', user: 'U1' },
  requestedAt: '2026-11-24T12:00:00.000Z',
  command: 'mtls bookinfo',
};

/** More than fits into messages. */
const longReport = exampleReport({
  findings: Array.from({ length: 40 }, (_, index) => ({
    check: 'mtls-policy',
    code: `code-${index}`,
    severity: 'warning' as const,
    subject: { kind: 'Deployment', namespace: 'bookinfo', name: `w-${index}` },
    says: { one: `accepts plaintext in way ${index}`, many: `accept plaintext in way ${index}` },
    because: [],
  })),
});

describe('a check job', () => {
  let server: TestRedis;
  let redis: Redis;
  let slack: SlackApi;
  let answers: number;
  let now: Date;
  const events: string[] = [];
  const log = testLog();

  before(async () => {
    server = await startRedis();
    redis = patientRedis({ url: server.url, name: 'test', onError: () => {} });
    await redisReady(redis, 5_000);
  });
  beforeEach(async () => {
    await redis.flushall();
    slack = await startSlackApi();
    answers = 0;
    now = new Date();
    events.length = 0;
    log.lines.length = 0;
  });
  afterEach(() => slack.close());
  after(async () => {
    redis.disconnect();
    await server.close();
  });

  function deps(changes: Partial<CheckDeps> = {}): CheckDeps {
    return {
      cluster: 'prod',
      sources: {
        cluster: { name: 'prod', source: 'test', kind: 'files', list: async () => [], get: async () => undefined },
      },
      async answer() {
        answers += 1;
        return { report: exampleReport() };
      },
      messenger: slackMessenger(
        { token: 'xoxb-test-token', apiUrl: slack.url, logger: log.slack, onCall: () => {} },
        'meshbot',
      ),
      records: deliveryRecords(redis, () => now),
      asks: asks(redis),
      log: log.log,
      watch: {
        answered: (_, verdict) => events.push(`answered ${verdict}`),
        putOff: (reason) => events.push(`put off ${reason}`),
        undelivered: () => events.push('undelivered'),
      },
      now: () => now,
      progressEveryMs: 100,
      ...changes,
    };
  }

  /** Runs the job as a queue would, until it is done. */
  async function run(changes: Partial<CheckDeps> = {}, { stalled = 0 }: Partial<Run> = {}): Promise<Settled[]> {
    const settled: Settled[] = [];
    for (let turn = 0; turn < 40; turn += 1) {
      const outcome = await runCheck(job, deps(changes), {
        stalled,
        signal: new AbortController().signal,
        release: async () => {},
      });
      settled.push(outcome);
      if (outcome.status === 'done') return settled;
      now = new Date(now.getTime() + outcome.delayMs);
    }
    return settled;
  }

  const roots = () => slack.messages.filter(({ thread }) => thread === undefined);
  const replies = () => slack.messages.filter(({ thread }) => thread !== undefined);

  it('replaces its first message by the verdict and puts the evidence into its thread', async () => {
    assert.deepEqual(await run(), [{ status: 'done' }]);
    assert.equal(roots().length, 1);
    assert.match(roots()[0]?.text ?? '', /accepts plaintext/);
    assert.ok(replies().length > 0);
    assert.ok(replies().every(({ thread }) => thread === roots()[0]?.ts));
    assert.deepEqual(await asks(redis).load('r1'), { command: 'mtls bookinfo', channel: 'C1', team: 'T1' });
  });

  it('does nothing when it is run again', async () => {
    await run();
    const before = slack.calls.length;
    await run();
    assert.equal(slack.calls.length, before);
    assert.equal(answers, 1);
  });

  for (const [name, fault] of [
    ['a lost reply', 'lost'],
    ['a dropped request', 'dropped'],
    ['an error 500', { status: 500 }],
    ['a rate limit', { status: 429, retryAfter: 7 }],
  ] as const) {
    it(`posts every part once through ${name} at any call`, async () => {
      const calls = await countCalls();
      for (let at = 0; at < calls; at += 1) {
        await redis.flushall();
        await slack.close();
        slack = await startSlackApi();
        let call = -1;
        slack.failWhen(() => {
          call += 1;
          return call === at ? fault : undefined;
        });
        const settled = await run();
        assert.equal(settled.at(-1)?.status, 'done', `fault at call ${at}`);
        assert.equal(roots().length, 1, `one message for a fault at call ${at}`);
        assert.match(roots()[0]?.text ?? '', /accepts plaintext/);
        const parts = replies().map(({ metadata }) => metadata?.event_payload.part);
        assert.deepEqual(parts, Array.from(new Set(parts)), `no part twice for a fault at call ${at}`);
        assert.ok(parts.length > 0);
      }
    });
  }

  async function countCalls(): Promise<number> {
    await run();
    return slack.calls.length;
  }

  it('honours Retry-After and answers only once', async () => {
    slack.fail('chat.update', { status: 429, retryAfter: 7 });
    const settled = await run();
    assert.deepEqual(settled, [{ status: 'later', delayMs: 7_000 }, { status: 'done' }]);
    assert.equal(answers, 1, 'the report is kept');
    assert.deepEqual(events, ['answered warning', 'put off rate-limited']);
  });

  for (const method of ['post', 'update', 'upload'] as const) {
    it(`goes on where an earlier run died after a ${method} and before it could take note`, async () => {
      const real = deps().messenger;
      let died = false;
      const dying = {
        ...real,
        async [method](...args: never[]) {
          const outcome = await (real[method] as (...args: never[]) => Promise<never>)(...args);
          if (died) return outcome;
          died = true;
          throw new Error('killed');
        },
      };
      await run({ messenger: dying, answer: async () => ({ report: longReport }) });
      assert.ok(died);
      assert.equal(roots().length, 1);
      const parts = replies().map(({ metadata, files }) => metadata?.event_payload.part ?? files?.[0]?.name);
      assert.deepEqual(parts, Array.from(new Set(parts)));
      assert.equal(slack.messages.filter(({ files }) => files !== undefined).length, 1);
    });
  }

  it('posts again where it may not look for what was lost', async () => {
    slack.fail('chat.postMessage', 'dropped');
    slack.failWhen((method) => (method.startsWith('conversations.') ? { error: 'missing_scope' } : undefined));
    assert.equal((await run()).at(-1)?.status, 'done');
    assert.equal(roots().length, 1);
  });

  it('waits longer each time, and gives up after half an hour with a log line', async () => {
    slack.failWhen(() => ({ status: 503 }));
    const settled = await run();
    const delays = settled.flatMap((one) => (one.status === 'later' ? [one.delayMs] : []));
    assert.ok(delays.length > 10 && delays.every((delay, index) => delay >= (delays[index - 1] ?? 0)));
    assert.ok(delays.reduce((sum, delay) => sum + delay, 0) > 29 * 60_000);
    assert.equal(events.at(-1), 'undelivered');
    assert.ok(log.lines.some(({ level, code }) => level === 50 && code === 'http_503'));
  });

  for (const code of ['not_in_channel', 'channel_not_found', 'is_archived', 'restricted_action']) {
    it(`answers the asker alone, saying why: ${code}`, async () => {
      slack.failWhen((method, { channel }) =>
        method.startsWith('chat.') && channel === 'C1' ? { error: code } : undefined,
      );
      assert.equal((await run()).at(-1)?.status, 'done');
      assert.ok(slack.messages.length > 1 && slack.messages.every(({ channel }) => channel === 'DU1'));
      const said = JSON.stringify(roots()[0]?.blocks);
      assert.equal(said.includes('/invite @meshbot'), code === 'not_in_channel' || code === 'channel_not_found');
      assert.match(said, /answer comes here/);
    });
  }

  it('moves to the asker though the bot is removed in the middle', async () => {
    slack.fail('chat.update', { error: 'not_in_channel' });
    await run();
    assert.equal(answers, 1);
    assert.equal(roots().filter(({ channel }) => channel === 'DU1').length, 1);
  });

  it('gives up where not even the asker can be reached', async () => {
    slack.failWhen((method) => (method === 'auth.test' ? undefined : { error: 'channel_not_found' }));
    assert.equal((await run()).at(-1)?.status, 'done');
    assert.deepEqual(events, ['undelivered']);
  });

  it('says it in plain text where Slack refuses the blocks', async () => {
    slack.fail('chat.update', { error: 'invalid_blocks' });
    await run();
    assert.deepEqual(roots()[0]?.blocks, []);
    assert.match(roots()[0]?.text ?? '', /accepts plaintext/);
    assert.ok(log.lines.some(({ level, code }) => level === 50 && code === 'invalid_blocks'));
  });

  it('posts the verdict anew where somebody deleted the first message', async () => {
    slack.fail('chat.update', { error: 'message_not_found' });
    await run();
    assert.match(roots().at(-1)?.text ?? '', /accepts plaintext/);
    assert.ok(replies().every(({ thread }) => thread === roots().at(-1)?.ts));
  });

  describe('with more than fits', () => {
    const answer = async () => ({ report: longReport });
    const files = () => slack.messages.flatMap(({ files = [], thread }) => files.map((file) => ({ ...file, thread })));

    it('attaches a file to the thread, once', async () => {
      await run({ answer });
      assert.equal(files().length, 1);
      assert.equal(files()[0]?.thread, roots()[0]?.ts);
      assert.match(files()[0]?.content ?? '', /w-39/);
    });

    it('attaches it once though the confirmation is lost', async () => {
      slack.fail('files.completeUploadExternal', 'lost');
      await run({ answer });
      assert.equal(files().length, 1);
    });

    it('says what is missing where files are not allowed', async () => {
      slack.fail('files.getUploadURLExternal', { error: 'missing_scope' });
      assert.deepEqual(await run({ answer }), [{ status: 'done' }]);
      assert.equal(files().length, 0);
      assert.match(replies().at(-1)?.text ?? '', /files:write/);
    });
  });

  it('shows a usage error as it is, and not as a fault of ours', async () => {
    await run({
      answer: async () => {
        throw new UsageError('There is no namespace bokinfo in prod. Did you mean bookinfo?');
      },
    });
    assert.equal(roots().length, 1);
    assert.match(roots()[0]?.text ?? '', /Did you mean bookinfo/);
    assert.equal(replies().length, 0);
    assert.deepEqual(
      log.lines.filter(({ level }) => level >= 40),
      [],
    );
  });

  it('ends with a reference and one log line where something of ours breaks', async () => {
    await run({
      answer: async () => {
        throw new TypeError('x is not a function');
      },
    });
    assert.match(roots()[0]?.text ?? '', /r1/);
    assert.doesNotMatch(roots()[0]?.text ?? '', /not a function/);
    assert.equal(log.lines.filter(({ level }) => level === 50).length, 1);
    assert.deepEqual(events, ['answered failed']);
  });

  it('ends a question that keeps killing its workers', async () => {
    await run({}, { stalled: 6 });
    assert.equal(answers, 0);
    assert.match(roots()[0]?.text ?? '', /r1/);
  });

  it('answers for no other cluster', async () => {
    await run({ cluster: 'other' });
    assert.equal(answers, 0);
    assert.equal(roots().length, 1);
  });

  it('shows progress now and then, and never after the verdict', async () => {
    const seen: string[] = [];
    slack.failWhen((method, { text = '' }) => {
      if (method === 'chat.update') seen.push(text);
      return undefined;
    });
    await run({
      async answer(_question, _sources, { onProgress }) {
        for (let done = 1; done <= 30; done += 1) {
          onProgress?.({ done, of: 30 });
          await new Promise((resolve) => setTimeout(resolve, 15));
        }
        return { report: exampleReport() };
      },
    });
    assert.ok(seen.length >= 3 && seen.length <= 6, `${seen.length} updates`);
    assert.match(seen.at(-1) ?? '', /accepts plaintext/);
  });

  it('says the verdict last though a progress update arrives late', async () => {
    slack.fail('chat.update', 'lost');
    await run({
      async answer(_question, _sources, { onProgress }) {
        onProgress?.({ done: 1, of: 2 });
        await new Promise((resolve) => setTimeout(resolve, 200));
        return { report: exampleReport() };
      },
    });
    assert.equal(slack.calls.at(-1), 'chat.update');
  });

  it('gives the question back when the worker has to stop', async () => {
    const stop = new AbortController();
    const outcome = await runCheck(
      job,
      deps({
        async answer(_question, _sources, { signal }) {
          stop.abort();
          signal?.throwIfAborted();
          return { report: exampleReport() };
        },
      }),
      { stalled: 0, signal: stop.signal, release: async () => {} },
    );
    assert.deepEqual(outcome, { status: 'later', delayMs: 0 });
    assert.equal((await run()).at(-1)?.status, 'done');
    assert.equal(roots().length, 1);
  });

  it('keeps secrets out of Slack, wherever they stand', async () => {
    const canary = 'xoxb-1234567890-canary';
    await run({
      async answer() {
        return { report: exampleReport({ headline: `it says ${canary} <!channel>` }) };
      },
    });
    const sent = JSON.stringify(slack.messages);
    assert.ok(!sent.includes('canary'));
    assert.ok(!(roots()[0]?.text ?? '').includes('<!channel>'));
  });
});
