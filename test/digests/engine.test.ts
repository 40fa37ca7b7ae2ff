import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { advance } from '../../src/digests/engine.ts';
import { questionKey, type Run } from '../../src/digests/run.ts';
import { emptyState, mostKnown } from '../../src/digests/state.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { Question } from '../../src/model/question.ts';
import { bookinfo, finding, history, looked, missing, mute, report, run, spoke } from './run.ts';

const permissive = finding('permissive', 'warning', 'a');
const disabled = finding('disabled', 'error', 'a');
const unclear = finding('unclear', 'unknown', 'a');
const bad = report([permissive]);
const good = report([]);
const payments: Question = { topic: 'mtls', target: { cluster: 'eu', namespace: 'payments' } };

describe('a digest says', () => {
  it('new, unchanged, fixed, and then nothing', () => {
    const { said, last } = history([run(1, [bad]), run(2, [bad]), run(3, [good]), run(4, [good])]);
    assert.deepEqual(said, [['new permissive a'], ['unchanged permissive a'], ['fixed permissive a'], []]);
    assert.equal(last.digest.say, 'nothing');
  });

  it('since when, through restarts', () => {
    const { last } = history([run(1, [bad]), run(2, [bad]), run(3, [bad])]);
    assert.equal(last.digest.unchanged[0]?.firstSeen, run(1, []).at);
    assert.equal(last.digest.unchanged[0]?.lastBad, run(3, []).at);
  });

  it('worse and better where the check says another thing of the same subject', () => {
    const { said, last } = history([run(1, [bad]), run(2, [report([disabled])]), run(3, [bad])]);
    assert.deepEqual(said, [['new permissive a'], ['worse disabled a'], ['better permissive a']]);
    assert.equal(last.digest.better[0]?.was?.code, 'disabled');
    assert.equal(last.digest.better[0]?.firstSeen, run(1, []).at);
  });

  it('worse where the same finding has another severity', () => {
    const { said } = history([run(1, [bad]), run(2, [report([{ ...permissive, severity: 'error' }])])]);
    assert.deepEqual(said[1], ['worse permissive a']);
  });

  it('a finding once that several questions come across', () => {
    const asked = [bookinfo, payments];
    const { said } = history([run(1, [bad, report([{ ...permissive }], payments)], { asked })]);
    assert.deepEqual(said, [['new permissive a']]);
  });

  it('worse even while it flaps, and that it stays when it does', () => {
    const there = (severity: 'warning' | 'error') => report([finding('a', severity, 'x')]);
    const gone = report([]);
    const flapping = [there('warning'), gone, there('warning'), gone];
    const worse = history([...flapping, there('error')].map((one, index) => run(index + 1, [one])));
    assert.deepEqual([worse.said.at(-1), worse.last.digest.say], [['worse a x'], 'news']);
    const steady = [...flapping, ...Array.from({ length: 5 }, () => there('warning'))];
    const says = steady.map((_, index) => {
      const { digest } = history(steady.slice(0, index + 1).map((one, at) => run(at + 1, [one]))).last;
      return digest.flapping.length > 0 ? `flapping ${digest.say}` : digest.say;
    });
    assert.deepEqual(says.slice(4), ['flapping nothing', 'flapping nothing', 'flapping nothing', 'changes', 'nothing']);
  });

  it('flapping once, not new and fixed each time, until it settles', () => {
    const turns = [bad, good, bad, good, bad, bad, bad, bad, bad];
    const { said } = history(turns.map((one, index) => run(index + 1, [one])));
    assert.deepEqual(
      said.map(([first]) => first?.split(' ')[0]),
      ['new', 'fixed', 'new', 'flapping', 'flapping', 'flapping', 'flapping', 'unchanged', 'unchanged'],
    );
    const fourth = history(turns.slice(0, 5).map((one, index) => run(index + 1, [one]))).last.digest;
    assert.equal(fourth.flapping[0]?.flaps, 4);
    assert.equal(fourth.say, 'nothing', 'flapping is said once');
    assert.deepEqual(
      fourth.trend.map(({ warning }) => warning),
      [1, 0, 1, 0, 1],
    );
  });
});

describe('what could not be seen is never fixed', () => {
  const closed = { says: 'Rules were read in bookinfo only.', next: 'Ask for the right.' };
  const withheld = {
    'no report': run(2, [], { failures: [{ question: bookinfo, why: 'The worker has not answered.' }] }),
    'evidence missing': run(2, [report([missing])]),
    'a crash of the check': run(2, [report([{ ...missing, code: 'check-crashed' }])]),
    'an empty target': run(2, [report([{ ...missing, code: 'nothing-to-check' }])]),
    'an unknown about the subject': run(2, [report([unclear])]),
    'an unknown about a port of it': run(2, [report([{ ...unclear, subject: { ...unclear.subject, port: 80 } }])]),
    'an unknown about its namespace': run(2, [
      report([{ ...unclear, subject: { kind: 'Namespace', name: 'bookinfo' } }]),
    ]),
    'an unknown of the same code': run(2, [report([{ ...permissive, severity: 'unknown' as const }])]),
    'fewer pods seen than there are': run(2, [report([], bookinfo, [looked(5, 6)])]),
    'evidence of one kind missing': run(2, [
      report([], bookinfo, [
        { kind: 'proxies', source: '', at: '', status: 'missing', reason: 'forbidden', detail: 'I may not.' },
      ]),
    ]),
    'a check that said nothing': run(2, [{ ...report([]), findings: [] }]),
    'a check that tells nothing about the subject': run(2, [report([finding('silent', 'info', 'a')])]),
    'a check that tells nothing at all': run(2, [{ ...report([]), findings: [finding('silent', 'info', 'b')] }]),
    'a list that may no longer be read in full': run(2, [
      report([], bookinfo, [{ ...looked(6, 6), unread: [closed] }]),
    ]),
  };
  for (const [why, second] of Object.entries(withheld)) {
    it(`for ${why}`, () => {
      const { said, last } = history([run(1, [bad]), second]);
      assert.deepEqual(said[1], ['notSeen permissive a']);
      assert.equal(last.digest.notSeen[0]?.unseen?.since, second.at);
      assert.equal(last.digest.say, 'changes');
    });
  }

  it('but evidence that the check does not read may be missing', () => {
    const partly = report([], bookinfo, [looked(6, 6), looked(1, 6, 'proxies')]);
    const kinds = { policy: ['workloads'] } as const;
    assert.deepEqual(history([run(1, [bad]), run(2, [partly], { kinds })]).said[1], ['fixed permissive a']);
    assert.deepEqual(history([run(1, [bad]), run(2, [partly])]).said[1], ['notSeen permissive a']);
  });

  it('what was not read when it was seen hides no more now', () => {
    const narrow = (findings: readonly Finding[]) =>
      report(findings, bookinfo, [{ ...looked(6, 6), unread: [closed] }]);
    const { said } = history([run(1, [narrow([permissive])]), run(2, [narrow([])])]);
    assert.deepEqual(said[1], ['fixed permissive a']);
    const later = history([run(1, [bad]), run(2, [narrow([])]), run(3, [narrow([])])]);
    assert.deepEqual(later.said.slice(1), [['notSeen permissive a'], ['notSeen permissive a']]);
  });

  it('a caller from elsewhere is gone only where the check tells of it', () => {
    const subject = { kind: 'Deployment', namespace: 'legacy', name: 'job' };
    const calls = (severity: 'error' | 'ok', more: Partial<Finding> = {}) =>
      report([finding('refused', severity, 'job', { subject, ...more })]);
    const first = run(1, [calls('error')]);
    assert.deepEqual(history([first, run(2, [good])]).said[1], ['notSeen refused job']);
    assert.deepEqual(history([first, run(2, [calls('ok', { code: 'secure' })])]).said[1], ['fixed refused job']);
    const object = { kind: 'PeerAuthentication', namespace: 'istio-system', name: 'default' };
    const rival = run(1, [calls('error', { subject: object })]);
    assert.deepEqual(history([rival, run(2, [good])]).said[1]?.length, 1);
    assert.equal(history([rival, run(2, [good])]).last.digest.fixed.length, 1, 'rules are read in the whole mesh');
  });

  it('a sample of proxies tells of a workload all of whose proxies are in it', () => {
    const sample = (findings: readonly Finding[]) => report(findings, bookinfo, [looked(60, 90, 'proxies')]);
    const clean = sample([finding('in-step', 'ok', 'a')]);
    const wholeProxies = { [questionKey(bookinfo)]: ['bookinfo/a'] };
    const said = (second: Run) => history([run(1, [sample([permissive])]), second]).said[1];
    assert.deepEqual(said(run(2, [clean])), ['notSeen permissive a']);
    assert.deepEqual(said(run(2, [sample([])], { wholeProxies })), ['notSeen permissive a']);
    assert.deepEqual(said(run(2, [clean], { wholeProxies })), ['fixed permissive a']);
  });

  it('and an unknown about another subject does not cover it', () => {
    const { said, last } = history([run(1, [bad]), run(2, [report([finding('unclear', 'unknown', 'b')])])]);
    assert.deepEqual(said[1], ['fixed permissive a']);
    assert.equal(last.digest.blind.length, 1);
  });

  it('each question that held it has to see that it is gone', () => {
    const asked = [bookinfo, payments];
    const both = [bad, report([permissive], payments)];
    const told = report([finding('strict', 'ok', 'a')], payments);
    const { said } = history([run(1, both, { asked }), run(2, [good], { asked }), run(3, [good, told], { asked })]);
    assert.deepEqual(said.slice(1), [['notSeen permissive a'], ['fixed permissive a']]);
  });

  it('it is carried with its date, said to be in sight again, and given up at last', () => {
    const { said, last } = history([run(1, [bad]), run(2, []), run(3, []), run(4, [bad])]);
    assert.deepEqual(said.slice(1), [['notSeen permissive a'], ['notSeen permissive a'], ['unchanged permissive a']]);
    assert.equal(last.digest.say, 'changes');
    const late = history([run(1, [bad]), run(2, []), run(20, []), run(21, [])]);
    assert.deepEqual(late.said.slice(2), [['notSeen permissive a'], []]);
    assert.deepEqual(late.last.state.known, {});
  });

  it('what is no longer asked about is said once', () => {
    const { said, last } = history([
      run(1, [bad]),
      run(2, [], { asked: [payments] }),
      run(3, [], { asked: [payments] }),
    ]);
    assert.deepEqual(said.slice(1), [['notSeen permissive a'], []]);
    assert.deepEqual(last.state.known, {});
  });

  it('and it is said of what, and since when, there is no answer', () => {
    const failures = [{ question: bookinfo, why: 'The worker has not answered since 03:10.' }];
    const { last } = history([run(1, [], { failures }), run(2, [], { failures })]);
    assert.deepEqual(
      last.digest.blind.map(({ says, since }) => [says, since]),
      [['The worker has not answered since 03:10.', run(1, []).at]],
    );
    assert.equal(last.digest.say, 'nothing', 'it was said the first time');
  });
});

describe('evidence that an answer stands without', () => {
  const whole = report([], bookinfo, [looked(6, 6)]);
  const partly = (seen: number) => report([], bookinfo, [looked(seen, 9)]);

  it('is said when it goes and when it comes back, and not for other numbers', () => {
    let state = emptyState;
    const says = [whole, partly(5), partly(6), whole, whole].map((one, index) => {
      const next = advance(state, run(index + 1, [one]));
      state = next.state;
      const {
        say,
        looked: { gaps },
        back,
      } = next.digest;
      return [say, gaps[0]?.since, back];
    });
    const since = run(2, []).at;
    assert.deepEqual(says, [
      ['changes', undefined, 0],
      ['changes', since, 0],
      ['nothing', since, 0],
      ['changes', undefined, 1],
      ['nothing', undefined, 0],
    ]);
  });

  it('has not come back where nothing was answered', () => {
    const { last } = history([run(1, [partly(5)]), run(2, []), run(3, [partly(5)])]);
    assert.deepEqual(Object.values(last.state.gaps ?? {}), [run(1, []).at]);
    assert.equal(history([run(1, [partly(5)]), run(2, [])]).last.digest.back, 0);
  });
});

describe('calls to a Service', () => {
  const calls = (...places: readonly string[]) =>
    report(places.map((to) => finding('refused', 'error', 'web', { to, toService: 'bookinfo/reviews:9080' })));

  it('are one finding, however many of its workloads they fail at', () => {
    const runs = [calls('reviews-v1:9080'), calls('reviews-v1:9080', 'reviews-v3:9080'), calls('reviews:9080'), good];
    const { said } = history(runs.map((one, index) => run(index + 1, [one])));
    assert.deepEqual(said, [
      ['new refused web'],
      ['unchanged refused web'],
      ['worse refused web'],
      ['fixed refused web'],
    ]);
    const back = history(
      [calls('reviews:9080'), calls('reviews-v1:9080', 'reviews-v2:9080')].map((one, i) => run(i + 1, [one])),
    );
    assert.deepEqual(back.said[1], ['better refused web']);
    assert.match(back.last.digest.better[0]?.finding.to ?? '', /reviews-v1:9080.*reviews-v2:9080/);
    assert.equal(back.last.digest.better[0]?.was?.to, 'reviews:9080');
  });
});

describe('a mute', () => {
  it('hides, ends by itself, and says so', () => {
    const mutes = [mute('permissive', 2, 4)];
    const runs = [1, 2, 3, 4, 5].map((number) => run(number, [bad], { mutes }));
    assert.deepEqual(history(runs).said, [
      ['new permissive a'],
      ['muted permissive a'],
      ['muted permissive a'],
      ['muteEnded permissive a'],
      ['unchanged permissive a'],
    ]);
    const { digest } = history(runs.slice(0, 4)).last;
    assert.equal(digest.say, 'news');
    assert.deepEqual(digest.endedMutes, mutes);
    assert.deepEqual(history(runs).last.digest.endedMutes, [], 'ended mutes are told once');
  });

  it('that was taken back lets the finding come back', () => {
    const { said } = history([run(1, [bad], { mutes: [mute('permissive', 1, 9)] }), run(2, [bad])]);
    assert.deepEqual(said, [['muted permissive a'], ['muteEnded permissive a']]);
  });

  it('does not keep silent that the finding is fixed', () => {
    const mutes = [mute('permissive', 1, 9)];
    assert.deepEqual(history([run(1, [bad], { mutes }), run(2, [good], { mutes })]).said[1], ['fixed permissive a']);
  });

  it('does not hide what gets worse under another code', () => {
    const mutes = [mute('permissive', 1, 9)];
    const { said } = history([run(1, [bad], { mutes }), run(2, [report([disabled])], { mutes })]);
    assert.deepEqual(said[1], ['worse disabled a']);
  });

  it('may hide that something is unknown, and counts it', () => {
    const { said, last } = history([run(1, [report([missing])], { mutes: [mute('evidence-missing', 1, 9)] })]);
    assert.deepEqual(said, [['muted evidence-missing policy']]);
    assert.deepEqual(last.digest.blind, []);
  });

  for (const [where, more] of [
    ['cluster', { cluster: 'us' }],
    ['namespace', { namespace: 'payments' }],
    ['workload', { workload: 'b' }],
  ] as const) {
    it(`of another ${where} hides nothing`, () => {
      const mutes = [mute('permissive', 1, 9, more)];
      assert.deepEqual(history([run(1, [bad], { mutes })]).said, [['new permissive a']]);
    });
  }
});

describe('how much a digest has to say', () => {
  it('is a sign of life after a quiet week', () => {
    const runs = Array.from({ length: 9 }, (_, index) => run(index + 1, [good]));
    let state = emptyState;
    const says = runs.map((one) => {
      const next = advance(state, one);
      state = next.state;
      return next.digest.say;
    });
    assert.deepEqual(says, ['changes', ...Array(6).fill('nothing'), 'sign-of-life', 'nothing']);
  });

  it('is a change where a run was missed', () => {
    const missed = [{ due: run(1, []).at, why: 'No worker was running.' }];
    const { digest } = history([run(1, [good]), run(2, [good], { missed })]).last;
    assert.equal(digest.say, 'changes');
    assert.deepEqual(digest.missed, missed);
  });

  it('has the trend of the last 30 runs', () => {
    const { digest } = history(
      Array.from({ length: 40 }, (_, index) => run(index + 1, [report([permissive, disabled, unclear])])),
    ).last;
    assert.equal(digest.trend.length, 30);
    assert.deepEqual(digest.trend.at(-1), { at: run(40, []).at, error: 1, warning: 1, unknown: 1 });
  });
});

describe('the history', () => {
  it('holds the worst, and the rest is said to be more than can be followed', () => {
    const many = Array.from({ length: mostKnown + 5 }, (_, index) => finding('permissive', 'warning', `w${index}`));
    const first = advance(emptyState, run(1, [report([...many, disabled])]));
    assert.equal(Object.keys(first.state.known).length, mostKnown);
    assert.equal(first.digest.beyond.known, 6);
    assert.ok(first.digest.new.some(({ finding: { code } }) => code === 'disabled'));
    assert.equal(first.digest.new.length + first.digest.beyond.known, many.length + 1);
    const second = advance(first.state, run(2, [report([...many, disabled])]));
    assert.deepEqual([second.digest.new.length, second.digest.beyond.known, second.digest.say], [0, 6, 'nothing']);
  });

  it('forgets what was fixed after some runs', () => {
    const { last } = history([bad, good, good, good, good, good, good, good].map((one, i) => run(i + 1, [one])));
    assert.deepEqual(last.state.known, {});
  });
});

it('the check that spoke is the one that is asked', () => {
  const other = { ...permissive, check: 'other' };
  const { said } = history([run(1, [report([other])]), run(2, [{ ...good, findings: [spoke] }])]);
  assert.deepEqual(said[1], ['notSeen permissive a']);
});
