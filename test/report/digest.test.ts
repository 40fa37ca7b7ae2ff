import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { advance } from '../../src/digests/engine.ts';
import type { Run } from '../../src/digests/run.ts';
import { emptyState } from '../../src/digests/state.ts';
import { buckets } from '../../src/model/digest.ts';
import type { Question } from '../../src/model/question.ts';
import { digestMessage, newsIn } from '../../src/report/digest.ts';
import { digestDetails } from '../../src/report/digest-details.ts';
import { plainText, problemsOf } from '../../src/report/slack-message.ts';
import { messageBlock } from '../../src/sandbox/slack/blocks/kinds.ts';
import { bookinfo, finding, history, looked, missing, mute, report, run } from '../digests/run.ts';

const meta = { timeZone: 'Europe/Berlin', schedule: 'on weekdays at 10:00 (Europe/Berlin)', owner: 'U1' };
const payments: Question = { topic: 'mtls', target: { cluster: 'eu', namespace: 'payments' } };
const asked = [bookinfo, payments];

/** Something in each bucket. */
function full() {
  const bad = (code: string, name: string) => finding(code, 'warning', name);
  const elsewhere = finding('permissive', 'warning', 'api', {
    subject: { kind: 'Deployment', namespace: 'payments', name: 'api' },
  });
  const mutes = [mute('ignored', 1, 30)];
  return history([
    run(
      1,
      [
        report([bad('old', 'a'), bad('gone', 'b'), bad('ignored', 'c'), bad('soft', 'd')]),
        report([elsewhere], payments),
      ],
      { asked, mutes },
    ),
    run(2, [report([bad('old', 'a'), bad('ignored', 'c'), finding('hard', 'error', 'd'), bad('fresh', 'e')])], {
      asked,
      mutes,
      failures: [{ question: payments, why: 'The worker of eu has not answered since 03:10.' }],
      missed: [{ due: run(2, []).at, why: 'no worker was running.' }],
    }),
  ]).last.digest;
}

describe('the message of a digest', () => {
  it('says what changed, worst first, and what did not in one line', () => {
    const { withoutChart } = digestMessage(full(), meta);
    assert.equal(
      plainText(withoutChart.blocks),
      [
        'bookinfo + payments in eu, Monday 10:00: 1 new problem, 1 worse, 1 fixed, 2 could not be seen',
        'Missed \nThe digest of Monday 10:00 was not made: no worker was running. \nNew \n▲ bookinfo/e is fresh \nWorse \n✖ bookinfo/d is hard (before: is soft) \nFixed \nbookinfo/b is gone (after 24 h) \nSame \n1 known (oldest 24 h) · 1 muted, the next until Mon, Nov 30 · 1 check answered, not everything was seen \nNot seen \npayments: The worker of eu has not answered since 03:10.\n▲ payments/api is permissive (not seen since Mon, Nov 2: The worker of eu has not answered since 03:10.)',
        'Trend: 4, 3 problems at the last 2 runs, 2 now unknown.',
        'on weekdays at 10:00 (Europe/Berlin) · set up by <@U1>',
      ].join('\n'),
    );
  });

  it('draws the trend as a chart that Slack takes', () => {
    const { withChart, withoutChart } = digestMessage(full(), meta);
    const charts = withChart.blocks.filter(({ type }) => type === 'data_visualization');
    assert.equal(charts.length, 1);
    assert.ok(withoutChart.blocks.every(({ type }) => type !== 'data_visualization'));
    for (const block of withChart.blocks) assert.deepEqual(messageBlock(block, ''), []);
    assert.match(withChart.text, /Trend: /, 'what the chart shows is in the text too');
  });

  it('says that all is well only of what was seen, and never of what is muted', () => {
    const last = (runs: readonly Run[]) => plainText(digestMessage(history(runs).last.digest, meta).withChart.blocks);
    const bad = finding('permissive', 'warning', 'a');
    assert.match(last([run(1, [report([])])]), /no problem known[\s\S]*everything fine \(1 check\)/);
    assert.match(last([run(1, [report([bad])])]), /everything else fine \(1 check\)/);
    const silent: readonly (readonly [string, Run])[] = [
      ['evidence that no check demands', run(1, [report([], bookinfo, [looked(5, 6)])])],
      ['a question without an answer', run(1, [report([])], { asked })],
      ['a muted unknown', run(1, [report([missing])], { mutes: [mute('evidence-missing', 1, 9)] })],
    ];
    for (const [why, one] of silent) {
      const said = last([one]);
      assert.doesNotMatch(said, /fine/, why);
      assert.doesNotMatch(said, /no problem known/, why);
    }
    assert.match(last([run(1, [report([], bookinfo, [looked(5, 6)])])]), /Not seen[\s\S]*5 of 6/);
    const muted = [run(1, [report([bad])], { mutes: [mute('permissive', 1, 9)] })];
    assert.doesNotMatch(last(muted), /no problem known/);
  });

  it('tells whether what flaps is so now', () => {
    const turns = [1, 0, 1, 0, 1].map((here) => report(here ? [finding('permissive', 'warning', 'a')] : []));
    const told = (count: number) => {
      const { digest } = history(turns.slice(0, count).map((one, index) => run(index + 1, [one]))).last;
      return plainText(digestMessage(digest, meta).withChart.blocks);
    };
    assert.match(told(4), /flapping ×3, not so now/);
    assert.match(told(5), /flapping ×4, so now/);
  });

  it('gives a sign of life after a quiet week', () => {
    const { digest } = history(Array.from({ length: 8 }, (_, index) => run(index + 1, [report([])]))).last;
    assert.match(digestMessage(digest, meta).withChart.text, /still watching/);
  });

  it('has details for the thread: why and what next', () => {
    const because = [{ kind: 'PeerAuthentication', namespace: 'bookinfo', name: 'default' }];
    const one = finding('permissive', 'warning', 'a', { because, next: 'Set mode STRICT.' });
    const [message, ...more] = digestDetails(history([run(1, [report([one])])]).last.digest, meta);
    assert.deepEqual(more, []);
    assert.match(
      plainText(message?.blocks ?? []),
      /New: ▲ a is permissive[\s\S]*PeerAuthentication bookinfo\/default[\s\S]*Set mode STRICT/,
    );
  });

  it('names all that is new to the last one, the worst first, and how to see all of it', () => {
    const many = Array.from({ length: 120 }, (_, index) =>
      finding(`code-${index}`, index % 3 === 0 ? 'error' : 'warning', `work${index}`),
    );
    const { digest } = history([run(1, [report([])]), run(2, [report(many)])]).last;
    const said = digestDetails(digest, meta)
      .map(({ blocks }) => plainText(blocks))
      .join('\n');
    for (const { code } of many) assert.match(said, new RegExp(`is ${code}\\b`));
    assert.ok(said.lastIndexOf('✖') < said.indexOf('▲'));
    assert.match(said, /\/mesh mtls bookinfo --cluster eu/);
  });

  it('cuts what is known behind the worst, whatever it came with', () => {
    const old = Array.from({ length: 10 }, (_, index) => finding(`old-${index}`, 'warning', `w${index}`));
    const late = finding('late', 'error', 'x');
    const runs = [run(1, [report(old)]), run(4, [report([...old, late])]), run(7, [report([...old, late])])];
    const said = digestDetails(history(runs).last.digest, meta).map(({ blocks }) => plainText(blocks));
    assert.match(said.join(), /is late/);
    assert.match(said.join(), /Same: 3 more/);
  });

  it('says once what could not be seen in many places, here and in the thread', () => {
    const places = Array.from(
      { length: 12 },
      (_, index): Question => ({ topic: 'mtls', target: { cluster: 'eu', namespace: `ns${index}` } }),
    );
    const failures = places.map((question) => ({ question, why: 'The API server did not answer.' }));
    const { digest } = history([run(1, [report([])], { asked: [bookinfo, ...places], failures })]).last;
    for (const blocks of [
      digestMessage(digest, meta).withChart.blocks,
      ...digestDetails(digest, meta).map((one) => one.blocks),
    ]) {
      assert.equal(plainText(blocks).match(/did not answer/g)?.length, 1);
      assert.match(plainText(blocks), /12 namespaces: The API server/);
    }
  });

  it('says that less is looked at, or more again', () => {
    const runs = [looked(6, 6), looked(5, 6), looked(6, 6)].map((one, index) =>
      run(index + 1, [report([], bookinfo, [one])]),
    );
    const sentence = (count: number) => digestMessage(history(runs.slice(0, count)).last.digest, meta).withChart.text;
    assert.doesNotMatch(sentence(1), /than before|again/);
    assert.match(sentence(2), /less was looked at than before/);
    assert.match(sentence(3), /1 can be told again/);
  });

  it('says of what is muted that it got worse', () => {
    const mutes = [mute('permissive', 1, 20)];
    const muted = (severity: 'warning' | 'error') => report([finding('permissive', severity, 'a')]);
    const { digest } = history([run(1, [muted('warning')], { mutes }), run(2, [muted('error')], { mutes })]).last;
    assert.equal(digest.say, 'changes');
    assert.match(
      plainText(digestMessage(digest, meta).withChart.blocks),
      /1 muted got worse\nMuted \n✖ a is permissive \(worse/,
    );
  });

  it('keeps what it told as news when it is edited', () => {
    const { digest } = history([run(1, [report([finding('permissive', 'warning', 'a')])])]).last;
    const earlier = newsIn(digest, meta.timeZone);
    assert.deepEqual(earlier.length, 1);
    const { digest: later } = history([run(1, [report([])])]).last;
    assert.match(
      plainText(digestMessage(later, { ...meta, earlier }).withChart.blocks),
      /Earlier today \n10:00 New: ▲ a is permissive/,
    );
  });

  it('never lets a name from a cluster become markup', () => {
    const { digest } = history([run(1, [report([finding('permissive', 'warning', '<!channel>')])])]).last;
    for (const block of digestMessage(digest, meta).withChart.blocks) {
      if (block.type !== 'rich_text') assert.doesNotMatch(JSON.stringify(block), /!channel/);
    }
  });

  it('keeps within Slack’s limits where there is much of everything', () => {
    const { digest } = history([run(1, [report([finding('permissive', 'warning', 'a')])])]).last;
    const [item] = digest.new;
    assert.ok(item);
    const long = 'y'.repeat(300);
    const many = Array.from({ length: 6 }, (_, index) => {
      const subject = { ...item.finding.subject, name: `w${index}` };
      const says = { one: `${index} ${long}`, many: `${index} ${long}` };
      const other = { ...item.finding, code: `c${index}`, subject, says };
      return { ...item, finding: other, was: { ...other, fingerprint: '' }, mute: mute(`c${index}`, 1, 9) };
    });
    const full = Object.fromEntries(buckets.map((bucket) => [bucket, many]));
    const missed = Array(5).fill({ due: digest.at, why: long });
    const all = { ...digest, ...full, missed, endedMutes: Array(5).fill({ ...mute('x', 1, 9), because: long }) };
    const { withChart } = digestMessage(all, { ...meta, earlier: Array(5).fill(long) });
    assert.deepEqual(problemsOf(withChart), []);
  });

  it('keeps within Slack’s limits, whatever happened', () => {
    const long = 'y'.repeat(300);
    const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 400 });
    const anyFinding = fc
      .record({ code: words, severity: fc.constantFrom('error', 'warning', 'unknown'), name: words, to: words })
      .map(({ code, severity, name, to }) =>
        finding(code, severity, name, { to, next: code, says: { one: `${code} {to}`, many: code } }),
      );
    const anyRuns = fc.array(
      fc.record({
        findings: fc.array(fc.oneof(anyFinding, fc.constant(missing)), { maxLength: 60 }),
        zones: fc.nat(60),
      }),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(anyRuns, (runs) => {
        let state = emptyState;
        for (const [index, { findings, zones }] of runs.entries()) {
          const more = Array.from(
            { length: zones },
            (_, n): Question => ({ topic: 'mtls', target: { cluster: `c${n % 7}`, namespace: `n${n}` } }),
          );
          const missed = more.map(() => ({ due: run(1, []).at, why: 'x'.repeat(400) }));
          const options: Partial<Run> = { asked: [bookinfo, ...more], mutes: [mute('x', 1, 9)], missed };
          const next = advance(state, run(index + 1, [report(findings)], options));
          state = next.state;
          const { withChart, withoutChart } = digestMessage(next.digest, { ...meta, earlier: Array(5).fill(long) });
          for (const message of [withChart, withoutChart, ...digestDetails(next.digest, meta)]) {
            assert.deepEqual(problemsOf(message), []);
            for (const block of message.blocks) assert.deepEqual(messageBlock(block, ''), []);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
