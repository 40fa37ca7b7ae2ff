import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { FixRule, Person } from '../../src/model/policy.ts';
import {
  approvalRuleOf,
  type Decision,
  mayApprove,
  mayDecline,
  mayFreeze,
  mayRequest,
  mayUndo,
  mayUnfreeze,
  mostEmergencies,
  type Permission,
  ruleFor,
  tooManyEmergencies,
} from '../../src/model/policy-decisions.ts';
import { person, planFacts, policy, rule, soon, team } from '../helpers/policy.ts';

const ana = person('U0ANA');
const ana2 = person('U0ANA2');
const ben = person('U0BEN');
const carla = person('U0CARLA');
const onCall = person('U0OLGA', { groups: ['S0SRE'] });
const other = person('U0OTHER');
const bookinfo = { cluster: 'prod-eu', namespace: 'bookinfo' };

/** The roles that made it so, or the code of the denial. */
function outcome(decision: Permission | Decision): string {
  return decision.allowed ? `yes: ${decision.roles.join(' ')}` : decision.code;
}

function given(...users: readonly string[]) {
  return users.map((user) => ({ by: { team, user } }));
}

describe('a rule of the policy', () => {
  const cases: readonly (readonly [string, Partial<FixRule>, string, object, boolean])[] = [
    ['all', {}, 'require-mtls', bookinfo, true],
    ['the fix', { fixes: ['a', 'require-mtls'] }, 'require-mtls', bookinfo, true],
    ['another fix', { fixes: ['a'] }, 'require-mtls', bookinfo, false],
    ['a cluster by its beginning', { clusters: ['prod-*'] }, 'x', bookinfo, true],
    ['another cluster', { clusters: ['dev-*'] }, 'x', bookinfo, false],
    ['a namespace by its parts', { namespaces: ['b*k*fo'] }, 'x', bookinfo, true],
    ['no more than is there', { namespaces: ['bookinfo*fo'] }, 'x', bookinfo, false],
    ['not by a part alone', { namespaces: ['book'] }, 'x', bookinfo, false],
    ['not by parts in another order', { namespaces: ['*info*book*'] }, 'x', bookinfo, false],
    ['the cluster itself, with *', {}, 'x', { cluster: 'prod-eu' }, true],
    ['the cluster itself, not with names', { namespaces: ['b*', '*o'] }, 'x', { cluster: 'prod-eu' }, false],
  ];
  for (const [what, more, fix, target, found] of cases) {
    it(`matches ${what}: ${found}`, () => {
      const target_ = { cluster: '', ...target };
      assert.equal(ruleFor(policy(rule(more)), fix, target_) !== undefined, found);
    });
  }

  it('decides where it is the first that matches', () => {
    const narrow = rule({ namespaces: ['bookinfo'], request: ['lead'] });
    const two = policy(narrow, rule());
    assert.equal(ruleFor(two, 'x', bookinfo), narrow);
    assert.equal(outcome(mayRequest(two, other, 'x', bookinfo)), 'no-role');
    assert.equal(outcome(mayRequest(two, other, 'x', { ...bookinfo, namespace: 'web' })), 'yes: everyone');
  });

  it('is what a plan carries, with the file it is from', () => {
    const one = policy(rule({ approvals: 2, approve: ['sre', 'lead'] }));
    const expected = { approvals: 2, selfApproval: false, approvers: ['sre', 'lead'], policy: one.hash };
    assert.deepEqual(approvalRuleOf(one, one.fixes[0] ?? rule()), expected);
  });
});

describe('who nobody acts for', () => {
  const standings: readonly (readonly [Partial<Person>, string])[] = [
    [{ deleted: true }, 'deleted'],
    [{ bot: true }, 'bot'],
    [{ guest: true }, 'guest'],
    [{ stranger: true }, 'stranger'],
    [{ stranger: true, guest: true, bot: true }, 'stranger'],
  ];
  const all = policy(
    rule({ approve: ['everyone'], selfApproval: true, breakGlass: { roles: ['everyone'], expiresMinutes: 10 } }),
  );
  const free = { ...all, freeze: { freeze: ['everyone'], unfreeze: ['everyone'] } };
  for (const [more, code] of standings) {
    it(`${JSON.stringify(more)}, whatever roles they have`, () => {
      const one = person('U0BEN', more);
      const moment = { approvals: [], now: soon };
      const asked = { ...planFacts(), requestedBy: { team, user: 'U0BEN' } };
      const decisions = [
        mayRequest(free, one, 'x', bookinfo),
        mayApprove(free, one, planFacts(), moment),
        mayApprove(free, one, asked, { ...moment, breakGlass: 'production is down' }),
        mayDecline(free, one, asked),
        mayUndo(free, one, planFacts()),
        mayFreeze(free, one),
        mayUnfreeze(free, one),
      ];
      assert.deepEqual(new Set(decisions.map(outcome)), new Set([code]));
    });
  }
});

describe('who may approve', () => {
  const plain = policy(rule());
  const twice = policy(rule({ approvals: 2, approve: ['sre', 'lead'] }));
  const alone = policy(rule({ approve: ['everyone'], selfApproval: true }));
  const shut = policy(rule({ windows: [{ days: [6], from: 0, to: 60, timeZone: 'UTC' }] }));
  const self = policy(rule({ approve: ['everyone'] }));
  const cases: readonly (readonly [string, typeof plain, Person, readonly string[], string, string])[] = [
    ['someone with the role', plain, ben, [], soon, 'yes: sre'],
    ['someone in a group of the role', plain, onCall, [], soon, 'yes: sre'],
    ['someone without it', plain, other, [], soon, 'no-role'],
    ['whoever asked', self, ana, [], soon, 'own-request'],
    ['whoever asked, with another account', self, ana2, [], soon, 'own-request'],
    ['whoever asked, where that is allowed', alone, ana, [], soon, 'yes: everyone'],
    ['the second of two', twice, carla, ['U0BEN'], soon, 'yes: lead'],
    ['the same person twice', twice, ben, ['U0BEN'], soon, 'already-approved'],
    [
      'the same person with another account',
      policy(rule({ approve: ['everyone'], selfApproval: true, approvals: 2 })),
      ana2,
      ['U0ANA'],
      soon,
      'already-approved',
    ],
    ['in the last second', plain, ben, [], '2026-06-10T12:29:59Z', 'yes: sre'],
    ['at the end', plain, ben, [], '2026-06-10T12:30:00Z', 'expired'],
    ['outside the window', shut, ben, [], soon, 'outside-window'],
    ['where there is no rule', policy(rule({ clusters: ['dev'] })), ben, [], soon, 'no-rule'],
    ['where there is no policy', policy(), ben, [], soon, 'no-rule'],
  ];
  for (const [what, one, who, approvals, now, expected] of cases) {
    it(`${what}: ${expected}`, () => {
      assert.equal(outcome(mayApprove(one, who, planFacts(), { approvals: given(...approvals), now })), expected);
    });
  }

  it('says how many of whom it takes, and where', () => {
    const decision = mayApprove(self, ana, planFacts(), { approvals: [], now: soon });
    assert.ok(!decision.allowed && decision.why.includes('1 of everyone in prod-eu'));
  });
});

describe('an emergency', () => {
  const glass = policy(rule({ approvals: 2, breakGlass: { roles: ['everyone'], expiresMinutes: 10 } }));
  const forLeads = policy(rule({ breakGlass: { roles: ['lead'], expiresMinutes: 10 } }));
  const cases: readonly (readonly [string, typeof glass, Person, string, string, string])[] = [
    ['whoever asked, with a reason', glass, ana, 'all of checkout is down', soon, 'yes: everyone'],
    ['whoever asked, with another account', glass, ana2, 'all of checkout is down', soon, 'yes: everyone'],
    ['too short a reason', glass, ana, '  because   ', soon, 'break-glass-reason'],
    ['someone else', glass, ben, 'all of checkout is down', soon, 'break-glass-not-yours'],
    ['without the role', forLeads, ana, 'all of checkout is down', soon, 'no-role'],
    ['where the rule has none', policy(rule()), ana, 'all of checkout is down', soon, 'break-glass-off'],
    ['in the last second', glass, ana, 'all of checkout is down', '2026-06-10T12:09:59Z', 'yes: everyone'],
    ['too late', glass, ana, 'all of checkout is down', '2026-06-10T12:10:00Z', 'break-glass-late'],
  ];
  for (const [what, one, who, breakGlass, now, expected] of cases) {
    it(`${what}: ${expected}`, () => {
      assert.equal(outcome(mayApprove(one, who, planFacts(), { approvals: [], breakGlass, now })), expected);
    });
  }

  it('is for whoever asked and approved first, too: others may be asleep', () => {
    const both = rule({
      approve: ['everyone'],
      approvals: 2,
      selfApproval: true,
      breakGlass: { roles: ['everyone'], expiresMinutes: 10 },
    });
    const moment = { approvals: given('U0ANA'), now: soon };
    assert.equal(outcome(mayApprove(policy(both), ana, planFacts(), moment)), 'already-approved');
    for (const one of [ana, ana2]) {
      const alone = { ...moment, breakGlass: 'all of checkout is down' };
      assert.equal(outcome(mayApprove(policy(both), one, planFacts(), alone)), 'yes: everyone');
    }
  });

  it('is one too many with the number, and the next step', () => {
    const { allowed, code, why } = tooManyEmergencies(rule({ approvals: 2 }), planFacts());
    assert.deepEqual([allowed, code], [false, 'break-glass-often']);
    assert.ok(why.includes(String(mostEmergencies)) && why.includes('prod-eu'));
  });

  it('does not open a window', () => {
    const shut = { ...rule({ breakGlass: { roles: ['everyone'], expiresMinutes: 10 } }) };
    const night = policy({ ...shut, windows: [{ days: [6], from: 0, to: 60, timeZone: 'UTC' }] });
    const moment = { approvals: [], breakGlass: 'all of checkout is down', now: soon };
    assert.equal(outcome(mayApprove(night, ana, planFacts(), moment)), 'outside-window');
  });
});

describe('who may decline, undo, stop and let go on', () => {
  const one = policy(rule({ request: ['everyone'] }));
  const cases: readonly (readonly [string, Permission | Decision, string])[] = [
    ['decline: whoever asked', mayDecline(one, ana, planFacts()), 'yes: '],
    ['decline: whoever may approve', mayDecline(one, ben, planFacts()), 'yes: sre'],
    ['decline: others', mayDecline(one, other, planFacts()), 'no-role'],
    ['undo: whoever may approve', mayUndo(one, onCall, planFacts()), 'yes: sre'],
    ['undo: whoever may approve, also their own', mayUndo(one, ben, { ...planFacts() }), 'yes: sre'],
    ['undo: whoever asked, without the role', mayUndo(one, ana, planFacts()), 'no-role'],
    ['freeze: everyone', mayFreeze(one, other), 'yes: everyone'],
    ['unfreeze: those with the role', mayUnfreeze(one, carla), 'yes: lead'],
    ['unfreeze: others', mayUnfreeze(one, ben), 'no-role'],
  ];
  for (const [what, decision, expected] of cases) {
    it(`${what}: ${expected}`, () => assert.equal(outcome(decision), expected));
  }
});

describe('whatever the policy says', () => {
  const roles = fc.subarray(['sre', 'lead'], { minLength: 1 });
  const rules = fc.record({
    fixes: fc.constantFrom(['*'], ['require-mtls']),
    clusters: fc.constantFrom(['*'], ['prod-*'], ['dev']),
    namespaces: fc.constantFrom(['*'], ['bookinfo'], ['b*']),
    request: roles,
    approve: roles,
    approvals: fc.integer({ min: 1, max: 3 }),
    selfApproval: fc.boolean(),
    expiresMinutes: fc.integer({ min: 1, max: 1_440 }),
    windows: fc.constant([]),
    breakGlass: fc.record({ roles, expiresMinutes: fc.integer({ min: 1, max: 60 }) }),
  });

  it('nobody without a role of the rule may do anything', () => {
    fc.assert(
      fc.property(
        fc.array(rules, { maxLength: 4 }),
        fc.constantFrom('U0ANA', 'U0NEW'),
        fc.boolean(),
        (list, user, own) => {
          const one = policy(...list);
          const who = person(user, { groups: ['S0OTHER'] });
          const asked = planFacts({ requestedBy: { team, user: own ? user : 'U0BEN' } });
          const moment = { approvals: [], now: soon };
          const decisions = [
            mayRequest(one, who, asked.fix, asked.target),
            mayApprove(one, who, asked, moment),
            mayApprove(one, who, asked, { ...moment, breakGlass: 'all of checkout is down' }),
            mayUndo(one, who, asked),
            mayUnfreeze(one, who),
          ];
          assert.ok(decisions.every(({ allowed }) => !allowed));
        },
      ),
    );
  });

  it('someone with the role may, and is told nothing else', () => {
    fc.assert(
      fc.property(rules, (one) => {
        const wide = policy({ ...one, clusters: ['*'], namespaces: ['*'] });
        const both = person('U0BOTH', { groups: ['S0SRE'] });
        const roleNames = rolesOf(mayApprove(wide, both, planFacts(), { approvals: [], now: soon }));
        assert.deepEqual(roleNames, one.approve.includes('sre') ? ['sre'] : 'no-role');
      }),
    );
  });
});

function rolesOf(decision: Decision): readonly string[] | string {
  return decision.allowed ? decision.roles : decision.code;
}
