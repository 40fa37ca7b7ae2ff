import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  approve,
  begin,
  beginUndo,
  clear,
  decline,
  drift,
  expire,
  fail,
  type IllegalReason,
  IllegalTransition,
  lapse,
  outdate,
  propose,
  refuse,
  type Transition,
  undone,
  verify,
  works,
  wrote,
} from '../../src/model/life.ts';
import { holdsCluster, type Remediation } from '../../src/model/remediation.ts';
import { approvalOf, minute, person, planWith } from '../helpers/remediations.ts';

const plan = planWith();
const ben = person('UBEN');
const written = { uid: 'u1', resourceVersion: '7', at: minute(4) };

const steps: Record<string, (r: Remediation) => Transition> = {
  approve: (r) => approve(r, approvalOf(plan, 'UDAN')),
  decline: (r) => decline(r, ben, minute(2), 'not today'),
  expire: (r) => expire(r, minute(60)),
  clear: (r) => clear(r, minute(2)),
  outdate: (r) => outdate(r, minute(3)),
  refuse: (r) => refuse(r, 'Changes are stopped', minute(3)),
  drift: (r) => drift(r, 'carla changed it', minute(3), 'p2'),
  begin: (r) => begin(r, minute(3)),
  wrote: (r) => wrote(r, written, minute(9), minute(4)),
  fail: (r) => fail(r, 'a webhook said no', minute(4)),
  works: (r) => works(r, '3 of 3 proxies have it', minute(20), minute(5)),
  lapse: (r) => lapse(r, '1 of 3 proxies has it', minute(6)),
  verify: (r) => verify(r, { state: 'verified', says: '3 of 3 proxies have it' }, minute(5)),
  unverify: (r) => verify(r, { state: 'unverified', says: '1 of 3 proxies has it' }, minute(9)),
  beginUndo: (r) => beginUndo(r, 'p3', ben, minute(10)),
  undone: (r) => undone(r, ben, minute(11)),
};

function after(...names: readonly string[]): Remediation {
  let r = propose(plan).next;
  for (const name of names) r = step(name)(r).next;
  return r;
}

function step(name: string): (r: Remediation) => Transition {
  const found = steps[name];
  if (found === undefined) throw new Error(`There is no step ${name}`);
  return found;
}

function refusalOf(attempt: () => unknown): IllegalReason {
  try {
    attempt();
  } catch (error) {
    if (error instanceof IllegalTransition) return error.why;
    throw error;
  }
  throw new Error('It was taken');
}

const written4 = ['approve', 'clear', 'begin', 'wrote'];
const reached: Record<string, Remediation> = {
  proposed: after(),
  approved: after('approve'),
  cleared: after('approve', 'clear'),
  applying: after('approve', 'clear', 'begin'),
  applied: after(...written4),
  verified: after(...written4, 'verify'),
  unverified: after(...written4, 'unverify'),
  undoing: after(...written4, 'verify', 'beginUndo'),
  undone: after(...written4, 'verify', 'beginUndo', 'undone'),
  closed: after('decline'),
};

/** From each state, the steps that it allows and where they lead; all others must throw. */
const table: Record<string, Record<string, string>> = {
  proposed: { approve: 'approved', decline: 'closed', expire: 'closed', refuse: 'closed', drift: 'closed' },
  approved: {
    clear: 'cleared',
    decline: 'closed',
    expire: 'closed',
    refuse: 'closed',
    drift: 'closed',
    fail: 'closed',
  },
  cleared: {
    outdate: 'approved',
    begin: 'applying',
    decline: 'closed',
    expire: 'closed',
    refuse: 'closed',
    drift: 'closed',
    fail: 'closed',
  },
  applying: { wrote: 'applied', refuse: 'closed', drift: 'closed', fail: 'closed' },
  applied: {
    works: 'applied',
    lapse: 'applied',
    verify: 'verified',
    unverify: 'unverified',
    beginUndo: 'unverified',
  },
  verified: { beginUndo: 'verified' },
  unverified: { beginUndo: 'unverified' },
  undoing: { beginUndo: 'verified', undone: 'undone' },
  undone: {},
  closed: {},
};

describe('the life of a plan', () => {
  for (const [from, r] of Object.entries(reached)) {
    for (const name of Object.keys(steps)) {
      const to = table[from]?.[name];
      it(`${from}: ${name} ${to === undefined ? 'is illegal' : `leads to ${to}`}`, () => {
        if (to === undefined) {
          assert.equal(
            refusalOf(() => step(name)(r)),
            'state',
          );
          return;
        }
        const { next, entry } = step(name)(r);
        assert.equal(next.state, to);
        assert.equal(next.version, r.version + 1);
        assert.equal(next.steps.length, r.steps.length + 1);
        assert.deepEqual([entry.plan, entry.digest, entry.cluster], [plan.id, plan.digest, 'prod']);
        assert.equal(entry.says, next.steps.at(-1)?.says);
      });
    }
  }

  it('begins with version 1 and a record of who asked', () => {
    const { next, entry } = propose(plan, { user: 'ana', groups: [] });
    assert.deepEqual([next.state, next.version, next.writeAs?.user], ['proposed', 1, 'ana']);
    assert.deepEqual([entry.kind, entry.by, entry.target], ['proposed', plan.requestedBy, 'bookinfo/reviews']);
  });

  it('records each step under its own kind', () => {
    const kinds = Object.entries({ approved: 'clear', cleared: 'begin', applying: 'wrote', applied: 'unverify' }).map(
      ([from, name]) => step(name)(reached[from] ?? after()).entry.kind,
    );
    assert.deepEqual(kinds, ['cleared', 'applying', 'applied', 'unverified']);
    assert.deepEqual(
      ['decline', 'expire', 'refuse', 'drift'].map((name) => step(name)(after()).entry.kind),
      ['declined', 'expired', 'refused', 'drifted'],
    );
  });

  it('carries what is pinned and who writes through every step', () => {
    const pinned: Remediation = {
      ...propose(plan, { user: 'ana', groups: [] }).next,
      card: { channel: 'C1', ts: '1' },
      tried: { outcome: 'ok', at: minute(1) },
    };
    const next = ['approve', ...written4.slice(1), 'verify'].reduce((r, name) => step(name)(r).next, pinned);
    assert.deepEqual([next.card?.ts, next.writeAs?.user, next.approvals.length], ['1', 'ana', 1]);
    assert.equal(next.tried?.outcome, 'ok');
  });

  it('ends its watch where somebody wants it taken back before it was verified', () => {
    for (const watched of [reached.applied, after(...written4, 'works')]) {
      assert.ok(watched);
      const { next, entry } = step('beginUndo')(watched);
      assert.ok(next.state === 'unverified');
      assert.deepEqual([next.undoneBy, next.settledAt, next.written], ['p3', minute(10), written]);
      assert.deepEqual([entry.kind, entry.by, next.steps.at(-1)?.by], ['undo', ben, ben]);
      assert.ok(!('verifyUntil' in next) && !('worksSince' in next));
      assert.equal(step('undone')(next).next.state, 'undone');
    }
  });

  it('knows since when it works, until it does not', () => {
    const watched = after(...written4, 'works');
    assert.ok(watched.state === 'applied');
    assert.deepEqual([watched.worksSince, watched.verifyUntil], [minute(5), minute(20)]);
    const lapsed = step('lapse')(watched).next;
    assert.ok(lapsed.state === 'applied' && lapsed.worksSince === undefined);
    assert.equal(lapsed.verifyUntil, minute(20));
  });

  it('is cleared anew, with all its approvals, where that was too long ago', () => {
    const outdated = after('approve', 'clear', 'outdate');
    assert.ok(outdated.state === 'approved');
    assert.equal(outdated.approvedAt, minute(1));
    assert.deepEqual(outdated.approvals, after('approve').approvals);
    assert.ok(!('clearedAt' in outdated));
    assert.equal(step('begin')(step('clear')(outdated).next).next.version, outdated.version + 2);
  });

  it('is not begun after its time', () => {
    assert.equal(
      refusalOf(() => begin(after('approve', 'clear'), minute(60))),
      'time',
    );
  });

  it('does not say that it stopped working where it only was not seen to work', () => {
    const { entry } = step('lapse')(after(...written4, 'works'));
    assert.equal(entry.kind, 'lapsed');
    assert.doesNotMatch(entry.says, /not work any more/);
  });

  it('keeps what it changes in its record, without secrets, and not without end', () => {
    const { entry } = propose(planWith({ diff: '-  a: xoxb-1234567890-abcdef\n+  a: b' }));
    assert.equal(entry.diff, '-  a: [redacted]\n+  a: b');
    const long = propose(planWith({ diff: '+line\n'.repeat(5_000) })).entry.diff ?? '';
    assert.ok(long.length <= 8_100 && long.startsWith('+line\n'), String(long.length));
    assert.match(long, /more characters/);
    assert.equal(step('clear')(after('approve')).entry.diff, undefined);
  });

  it('leaves it to the store to say which policy is in force', () => {
    assert.equal(propose(plan).entry.policy, undefined);
  });

  it('keeps only what the state knows', () => {
    assert.ok(!('approvedAt' in after('approve', 'clear')));
    assert.ok(!('verifyUntil' in after(...written4, 'verify')));
  });

  it('holds the cluster from the begin until the verdict', () => {
    const holding = Object.entries(reached).filter(([, r]) => holdsCluster(r));
    assert.deepEqual(
      holding.map(([name]) => name),
      ['applying', 'applied'],
    );
  });
});

describe('approvals', () => {
  const two = planWith({}, { approvals: 2 });
  const fresh = propose(two, { user: 'ana@example.com', groups: [] }).next;
  const kubernetes = (user: string) => ({ user, groups: [] });

  it('need as many different people as the rule says', () => {
    const one = approve(fresh, approvalOf(two, 'UBEN')).next;
    assert.deepEqual([one.state, one.version], ['proposed', 2]);
    const both = approve(one, approvalOf(two, 'UCARLA')).next;
    assert.deepEqual([both.state, both.approvals.length], ['approved', 2]);
  });

  it('count a person once: by Slack, and by the API server', () => {
    const one = approve(fresh, approvalOf(two, 'UBEN', { kubernetes: kubernetes('ben') })).next;
    assert.equal(
      refusalOf(() => approve(one, approvalOf(two, 'UBEN'))),
      'again',
    );
    const second = approvalOf(two, 'UBEN2', { kubernetes: kubernetes('ben') });
    assert.equal(
      refusalOf(() => approve(one, second)),
      'again',
    );
  });

  it('of the same id in another workspace are of somebody else', () => {
    const one = approve(fresh, approvalOf(two, 'UBEN')).next;
    const next = approve(one, approvalOf(two, 'UBEN', { by: { team: 'T2', user: 'UBEN' } })).next;
    assert.equal(next.state, 'approved');
  });

  it('must be of exactly this plan', () => {
    assert.equal(
      refusalOf(() => approve(fresh, approvalOf(two, 'UBEN', { digest: '0'.repeat(64) }))),
      'digest',
    );
  });

  it('must come before it expires, to the millisecond', () => {
    assert.equal(
      refusalOf(() => approve(fresh, approvalOf(two, 'UBEN', { at: two.expiresAt }))),
      'time',
    );
    assert.equal(
      refusalOf(() => approve(fresh, approvalOf(two, 'UBEN', { at: 'soon' }))),
      'time',
    );
    const last = new Date(Date.parse(two.expiresAt) - 1).toISOString();
    assert.equal(approve(fresh, approvalOf(two, 'UBEN', { at: last })).next.approvals.length, 1);
  });

  it('are not for whoever asked, under any of their names', () => {
    assert.equal(
      refusalOf(() => approve(fresh, approvalOf(two, 'UANA'))),
      'self',
    );
    const otherName = approvalOf(two, 'UANA2', { kubernetes: kubernetes('ana@example.com') });
    assert.equal(
      refusalOf(() => approve(fresh, otherName)),
      'self',
    );
  });

  it('may be by whoever asked where the rule says so', () => {
    const own = planWith({}, { selfApproval: true });
    assert.equal(approve(propose(own).next, approvalOf(own, 'UANA')).next.state, 'approved');
  });

  it('in an emergency: one is enough, with a reason, even after an ordinary one', () => {
    const alone = approvalOf(two, 'UANA', { breakGlass: 'payments are down' });
    assert.equal(approve(fresh, alone).next.state, 'approved');
    const one = approve(fresh, approvalOf(two, 'UBEN')).next;
    const next = approve(one, approvalOf(two, 'UBEN', { breakGlass: 'payments are down' })).next;
    assert.deepEqual([next.state, next.approvals.length], ['approved', 1]);
    assert.equal(
      refusalOf(() => approve(fresh, approvalOf(two, 'UANA', { breakGlass: '' }))),
      'self',
    );
  });

  it('are counted again before anything is written', () => {
    const cleared = clear(
      approve(approve(fresh, approvalOf(two, 'UBEN')).next, approvalOf(two, 'UCARLA')).next,
      minute(2),
    ).next;
    const forged = { ...cleared, approvals: cleared.approvals.map((one) => ({ ...one, by: person('UBEN') })) };
    assert.equal(
      refusalOf(() => begin(forged, minute(3))),
      'approvals',
    );
    const other = { ...cleared, plan: { ...two, digest: '1'.repeat(64) } };
    assert.equal(
      refusalOf(() => begin(other, minute(3))),
      'approvals',
    );
    assert.equal(begin(cleared, minute(3)).next.state, 'applying');
  });

  it('are never nobody, whatever the rule says', () => {
    const none = planWith({}, { approvals: 0 });
    const r: Remediation = { ...propose(none).next, state: 'cleared', clearedAt: minute(1) };
    assert.equal(
      refusalOf(() => begin(r, minute(2))),
      'approvals',
    );
  });

  it('do not expire before their time', () => {
    assert.equal(
      refusalOf(() => expire(fresh, minute(59))),
      'time',
    );
  });
});
