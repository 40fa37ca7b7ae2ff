import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asks } from '../../src/jobs/asks.ts';
import { runCheck } from '../../src/jobs/check.ts';
import { UsageError } from '../../src/model/sources.ts';
import { calmly, checkBench, job } from '../helpers/check-bench.ts';
import { exampleReport } from '../helpers/report.ts';

describe('a check job', () => {
  const bench = checkBench();

  it('replaces its first message by the verdict and puts the evidence into its thread', async () => {
    assert.deepEqual(await bench.run(), [{ status: 'done' }]);
    assert.equal(bench.roots().length, 1);
    assert.match(bench.roots()[0]?.text ?? '', /accepts plaintext/);
    assert.ok(bench.replies().length > 0);
    assert.ok(bench.replies().every(({ thread }) => thread === bench.roots()[0]?.ts));
    assert.deepEqual(await asks(bench.redis).load('r1'), { command: 'mtls bookinfo', channel: 'C1', team: 'T1' });
  });

  it('says which of its findings the digests keep quiet about', async () => {
    const mute = { code: 'permissive', cluster: 'prod', namespace: 'bookinfo', by: { team: 'T1', user: 'U1' } };
    const about = { at: bench.now.toISOString(), until: new Date(bench.now.getTime() + 3_600_000).toISOString() };
    const all = [
      { ...mute, ...about, id: 'm1', because: 'it moves' },
      { ...mute, ...about, id: 'm2', code: 'strict', because: 'of nothing here' },
      { ...mute, ...about, id: 'm3', until: about.at, because: 'it is over' },
    ];
    await bench.run({ mutes: { list: async () => all } });
    const shown = JSON.stringify(bench.roots()[0]?.blocks);
    assert.match(shown, /permissive in bookinfo until .*it moves/);
    assert.doesNotMatch(shown, /of nothing here|it is over/);
  });

  it('stands where its mutes are not known', async () => {
    await bench.run({ mutes: { list: () => Promise.reject(new Error('away')) } });
    assert.match(bench.roots()[0]?.text ?? '', /accepts plaintext/);
    assert.deepEqual(bench.events, ['answered warning']);
  });

  it('does nothing when it is run again', async () => {
    await bench.run();
    const before = bench.slack.calls.length;
    await bench.run();
    assert.equal(bench.slack.calls.length, before);
    assert.equal(bench.answers, 1);
  });

  it('shows a usage error as it is, and not as a fault of ours', async () => {
    await bench.run({
      answer: async () => {
        throw new UsageError('There is no namespace bokinfo in prod. Did you mean bookinfo?');
      },
    });
    assert.equal(bench.roots().length, 1);
    assert.match(bench.roots()[0]?.text ?? '', /Did you mean bookinfo/);
    assert.equal(bench.replies().length, 0);
    assert.deepEqual(
      bench.log.lines.filter(({ level }) => level >= 40),
      [],
    );
  });

  it('ends with a reference and one log line where something of ours breaks', async () => {
    await bench.run({
      answer: async () => {
        throw new TypeError('x is not a function');
      },
    });
    assert.match(bench.roots()[0]?.text ?? '', /r1/);
    assert.doesNotMatch(bench.roots()[0]?.text ?? '', /not a function/);
    assert.equal(bench.log.lines.filter(({ level }) => level === 50).length, 1);
    assert.deepEqual(bench.events, ['answered failed']);
  });

  it('ends a question that keeps killing its workers', async () => {
    await bench.run({}, { stalled: 6 });
    assert.equal(bench.answers, 0);
    assert.match(bench.roots()[0]?.text ?? '', /r1/);
  });

  it('answers for no other cluster', async () => {
    await bench.run({ cluster: 'other' });
    assert.equal(bench.answers, 0);
    assert.equal(bench.roots().length, 1);
  });

  it('shows progress now and then, and never after the verdict', async () => {
    const seen: string[] = [];
    bench.slack.failWhen((method, { text = '' }) => {
      if (method === 'chat.update') seen.push(text);
      return undefined;
    });
    await bench.run({
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
    bench.slack.fail('chat.update', 'lost');
    await bench.run({
      async answer(_question, _sources, { onProgress }) {
        onProgress?.({ done: 1, of: 2 });
        await new Promise((resolve) => setTimeout(resolve, 200));
        return { report: exampleReport() };
      },
    });
    assert.equal(bench.slack.calls.at(-1), 'chat.update');
  });

  it('gives the question back when the worker has to stop', async () => {
    const stop = new AbortController();
    const outcome = await runCheck(
      job,
      bench.deps({
        async answer(_question, _sources, { signal }) {
          stop.abort();
          signal?.throwIfAborted();
          return { report: exampleReport() };
        },
      }),
      { ...calmly(), signal: stop.signal },
    );
    assert.deepEqual(outcome, { status: 'later', delayMs: 0 });
    assert.equal((await bench.run()).at(-1)?.status, 'done');
    assert.equal(bench.roots().length, 1);
  });

  it('keeps secrets out of Slack, wherever they stand', async () => {
    const canary = 'xoxb-1234567890-canary';
    await bench.run({
      async answer() {
        return { report: exampleReport({ headline: `it says ${canary} <!channel>` }) };
      },
    });
    const sent = JSON.stringify(bench.slack.messages);
    assert.ok(!sent.includes('canary'));
    assert.ok(!(bench.roots()[0]?.text ?? '').includes('<!channel>'));
  });
});
