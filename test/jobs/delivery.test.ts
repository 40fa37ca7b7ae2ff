import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkBench } from '../helpers/check-bench.ts';
import { exampleReport } from '../helpers/report.ts';

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

describe('the delivery of an answer', () => {
  const bench = checkBench();

  for (const [name, fault] of [
    ['a lost reply', 'lost'],
    ['a dropped request', 'dropped'],
    ['an error 500', { status: 500 }],
    ['a rate limit', { status: 429, retryAfter: 7 }],
  ] as const) {
    it(`posts every part once through ${name} at any call`, async () => {
      const calls = await countCalls();
      for (let at = 0; at < calls; at += 1) {
        await bench.renew();
        let call = -1;
        bench.slack.failWhen(() => {
          call += 1;
          return call === at ? fault : undefined;
        });
        const settled = await bench.run();
        assert.equal(settled.at(-1)?.status, 'done', `fault at call ${at}`);
        assert.equal(bench.roots().length, 1, `one message for a fault at call ${at}`);
        assert.match(bench.roots()[0]?.text ?? '', /accepts plaintext/);
        const parts = bench.replies().map(({ metadata }) => metadata?.event_payload.part);
        assert.deepEqual(parts, Array.from(new Set(parts)), `no part twice for a fault at call ${at}`);
        assert.ok(parts.length > 0);
      }
    });
  }

  async function countCalls(): Promise<number> {
    await bench.run();
    return bench.slack.calls.length;
  }

  it('honours Retry-After and answers only once', async () => {
    bench.slack.fail('chat.update', { status: 429, retryAfter: 7 });
    const settled = await bench.run();
    assert.deepEqual(settled, [{ status: 'later', delayMs: 7_000 }, { status: 'done' }]);
    assert.equal(bench.answers, 1, 'the report is kept');
    assert.deepEqual(bench.events, ['answered warning', 'put off rate-limited']);
  });

  for (const method of ['post', 'update', 'upload'] as const) {
    it(`goes on where an earlier run died after a ${method} and before it could take note`, async () => {
      const real = bench.deps().messenger;
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
      await bench.run({ messenger: dying, answer: async () => ({ report: longReport }) });
      assert.ok(died);
      assert.equal(bench.roots().length, 1);
      const parts = bench.replies().map(({ metadata, files }) => metadata?.event_payload.part ?? files?.[0]?.name);
      assert.deepEqual(parts, Array.from(new Set(parts)));
      assert.equal(bench.slack.messages.filter(({ files }) => files !== undefined).length, 1);
    });
  }

  it('posts again where it may not look for what was lost', async () => {
    bench.slack.fail('chat.postMessage', 'dropped');
    bench.slack.failWhen((method) => (method.startsWith('conversations.') ? { error: 'missing_scope' } : undefined));
    assert.equal((await bench.run()).at(-1)?.status, 'done');
    assert.equal(bench.roots().length, 1);
  });

  it('waits longer each time, and gives up after half an hour with a log line', async () => {
    bench.slack.failWhen(() => ({ status: 503 }));
    const settled = await bench.run();
    const delays = settled.flatMap((one) => (one.status === 'later' ? [one.delayMs] : []));
    assert.ok(delays.length > 10 && delays.every((delay, index) => delay >= (delays[index - 1] ?? 0)));
    assert.ok(delays.reduce((sum, delay) => sum + delay, 0) > 29 * 60_000);
    assert.equal(bench.events.at(-1), 'undelivered');
    assert.ok(bench.log.lines.some(({ level, code }) => level === 50 && code === 'http_503'));
  });

  for (const code of ['not_in_channel', 'channel_not_found', 'is_archived', 'restricted_action']) {
    it(`answers the asker alone, saying why: ${code}`, async () => {
      bench.slack.failWhen((method, { channel }) =>
        method.startsWith('chat.') && channel === 'C1' ? { error: code } : undefined,
      );
      assert.equal((await bench.run()).at(-1)?.status, 'done');
      assert.ok(bench.slack.messages.length > 1 && bench.slack.messages.every(({ channel }) => channel === 'DU1'));
      const said = JSON.stringify(bench.roots()[0]?.blocks);
      assert.equal(said.includes('/invite @meshbot'), code === 'not_in_channel' || code === 'channel_not_found');
      assert.match(said, /answer comes here/);
    });
  }

  it('moves to the asker though the bot is removed in the middle', async () => {
    bench.slack.fail('chat.update', { error: 'not_in_channel' });
    await bench.run();
    assert.equal(bench.answers, 1);
    assert.equal(bench.roots().filter(({ channel }) => channel === 'DU1').length, 1);
  });

  it('gives up where not even the asker can be reached', async () => {
    bench.slack.failWhen((method) => (method === 'auth.test' ? undefined : { error: 'channel_not_found' }));
    assert.equal((await bench.run()).at(-1)?.status, 'done');
    assert.deepEqual(bench.events, ['undelivered']);
  });

  it('says it in plain text where Slack refuses the blocks', async () => {
    bench.slack.fail('chat.update', { error: 'invalid_blocks' });
    await bench.run();
    assert.deepEqual(bench.roots()[0]?.blocks, []);
    assert.match(bench.roots()[0]?.text ?? '', /accepts plaintext/);
    assert.ok(bench.log.lines.some(({ level, code }) => level === 50 && code === 'invalid_blocks'));
  });

  it('posts the verdict anew where somebody deleted the first message', async () => {
    bench.slack.fail('chat.update', { error: 'message_not_found' });
    await bench.run();
    assert.match(bench.roots().at(-1)?.text ?? '', /accepts plaintext/);
    assert.ok(bench.replies().every(({ thread }) => thread === bench.roots().at(-1)?.ts));
  });

  describe('with more than fits', () => {
    const answer = async () => ({ report: longReport });
    const files = () =>
      bench.slack.messages.flatMap(({ files = [], thread }) => files.map((file) => ({ ...file, thread })));

    it('attaches a file to the thread, once', async () => {
      await bench.run({ answer });
      assert.equal(files().length, 1);
      assert.equal(files()[0]?.thread, bench.roots()[0]?.ts);
      assert.match(files()[0]?.content ?? '', /w-39/);
    });

    it('attaches it once though the confirmation is lost', async () => {
      bench.slack.fail('files.completeUploadExternal', 'lost');
      await bench.run({ answer });
      assert.equal(files().length, 1);
    });

    it('says what is missing where files are not allowed', async () => {
      bench.slack.fail('files.getUploadURLExternal', { error: 'missing_scope' });
      assert.deepEqual(await bench.run({ answer }), [{ status: 'done' }]);
      assert.equal(files().length, 0);
      assert.match(bench.replies().at(-1)?.text ?? '', /files:write/);
    });
  });
});
