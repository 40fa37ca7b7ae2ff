import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createMetrics } from '../src/metrics.ts';

const linesOf = async ({ registry }: ReturnType<typeof createMetrics>, name: RegExp) =>
  (await registry.metrics()).split('\n').filter((line) => !line.startsWith('#') && name.test(line));

describe('a gauge', () => {
  it('is absent where what it shows cannot be read, or not in time, and holds up no other', async () => {
    const metrics = createMetrics();
    metrics.gauge('meshbot_known', 'Known', () => 0);
    metrics.gauge('meshbot_broken', 'Broken', () => Promise.reject(new Error('no')));
    metrics.gauge('meshbot_hanging', 'Hanging', () => new Promise(() => {}));
    const begun = performance.now();
    assert.deepEqual(await linesOf(metrics, /^meshbot_(known|broken|hanging)/), ['meshbot_known 0']);
    assert.ok(performance.now() - begun < 5_000);
  });

  it('is there again once it can be read', async () => {
    const metrics = createMetrics();
    let value: number | undefined;
    metrics.gauge('meshbot_late', 'Late', async () => value ?? Promise.reject(new Error('no')));
    assert.deepEqual(await linesOf(metrics, /^meshbot_late/), []);
    value = 3;
    assert.deepEqual(await linesOf(metrics, /^meshbot_late/), ['meshbot_late 3']);
    value = undefined;
    assert.deepEqual(await linesOf(metrics, /^meshbot_late/), []);
  });

  it('is not read again while it is being read', async () => {
    const metrics = createMetrics();
    const { promise, resolve } = Promise.withResolvers<number>();
    let reads = 0;
    metrics.gauge('meshbot_slow', 'Slow', () => {
      reads += 1;
      return promise;
    });
    const both = Promise.all([linesOf(metrics, /^meshbot_slow/), linesOf(metrics, /^meshbot_slow/)]);
    resolve(1);
    assert.deepEqual(await both, [['meshbot_slow 1'], ['meshbot_slow 1']]);
    assert.equal(reads, 1);
  });

  it('of several values has those that there are now', async () => {
    const metrics = createMetrics();
    let queues = ['check', 'apply'];
    metrics.gauges('meshbot_ages', 'Ages', ['queue'], async () =>
      queues.map((queue) => ({ labels: { queue }, value: Number.POSITIVE_INFINITY })),
    );
    const ages = () => linesOf(metrics, /^meshbot_ages/);
    assert.deepEqual(await ages(), ['meshbot_ages{queue="check"} +Inf', 'meshbot_ages{queue="apply"} +Inf']);
    queues = ['apply'];
    assert.deepEqual(await ages(), ['meshbot_ages{queue="apply"} +Inf']);
  });
});

describe('what is asked and what is answered', () => {
  const counted = (metrics: ReturnType<typeof createMetrics>) =>
    linesOf(metrics, /^meshbot_(questions|fixes)_(asked|answered|planned)_total/);

  it('is there from the start, at 0: the first question is an increase', async () => {
    assert.deepEqual(await counted(createMetrics()), [
      'meshbot_questions_asked_total 0',
      'meshbot_questions_answered_total 0',
      'meshbot_fixes_asked_total 0',
      'meshbot_fixes_planned_total 0',
    ]);
  });

  it('are two pairs: a plan is what a fix is asked for', async () => {
    const metrics = createMetrics();
    const { command } = metrics.handlers;
    command('mtls', 'queued');
    command('mtls', 'joined');
    command('mtls', 'refused');
    command('status', 'answered');
    command('fix', 'queued');
    command('fix', 'queued');
    metrics.checks.answered('mtls', 'ok', 1);
    metrics.fixes.plan('require-mtls', 'proposed');
    metrics.fixes.plan('require-mtls', 'not-planned');
    metrics.fixes.plan('require-mtls', 'approved');
    assert.deepEqual(await counted(metrics), [
      'meshbot_questions_asked_total 1',
      'meshbot_questions_answered_total 1',
      'meshbot_fixes_asked_total 2',
      'meshbot_fixes_planned_total 2',
    ]);
  });
});
