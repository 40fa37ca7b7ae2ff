import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { FixRule, Person } from '../../src/model/policy.ts';
import { mayApply, stillAllowed } from '../../src/model/policy-apply.ts';
import type { Decision } from '../../src/model/policy-decisions.ts';
import type { Approval } from '../../src/model/remediation.ts';
import { type PlanFacts, person, planFacts, policy, rule, soon, team } from '../helpers/policy.ts';

function approval(user: string, roles: readonly string[], breakGlass?: string): Approval {
  return {
    by: { team, user },
    roles,
    at: soon,
    digest: 'd',
    signature: 's',
    ...(breakGlass !== undefined && { breakGlass }),
  };
}

function outcome(decision: Decision): string {
  return decision.allowed ? 'yes' : decision.code;
}

const ben = approval('U0BEN', ['sre']);
const carla = approval('U0CARLA', ['lead']);
const outsider = approval('U0OLGA', ['lead']);
const emergency = approval('U0ANA', ['sre'], 'all of checkout is down');
const glass = { breakGlass: { roles: ['sre'], expiresMinutes: 10 } };
const both = { approve: ['sre', 'lead'], approvals: 2 };
const shut = { windows: [{ days: [6], from: 0, to: 60, timeZone: 'UTC' }] };
const undo: Partial<PlanFacts> = { undoOf: 'p1', requestedBy: { team, user: 'U0BEN' } };

describe('an approved plan may be applied', () => {
  const cases: readonly (readonly [string, Partial<FixRule>, readonly Approval[], Partial<PlanFacts>, string])[] = [
    ['with what the rule asks for', {}, [ben], {}, 'yes'],
    ['with two of two', both, [ben, carla], {}, 'yes'],
    ['not with one of two', both, [ben], {}, 'too-few'],
    ['not with the same one twice', both, [ben, ben], {}, 'too-few'],
    [
      'not with one person by two accounts',
      { ...both, approve: ['everyone'], selfApproval: true },
      [approval('U0ANA', ['everyone']), approval('U0ANA2', ['everyone'])],
      {},
      'too-few',
    ],
    ['not with none', {}, [], {}, 'too-few'],
    ['not where the role is no longer asked for', {}, [carla], {}, 'too-few'],
    ['not by someone whom the policy took out of the role', { approve: ['lead'] }, [outsider], {}, 'too-few'],
    ['by someone who may be in a group of the role', {}, [approval('U0OLGA', ['sre'])], {}, 'yes'],
    [
      'not by a role that the policy no longer has',
      { approve: ['gone'] },
      [approval('U0BEN', ['gone'])],
      {},
      'too-few',
    ],
    [
      'not in an emergency by someone whom the policy took out of the role',
      { ...both, breakGlass: { roles: ['lead'], expiresMinutes: 10 } },
      [{ ...emergency, roles: ['lead'] }],
      {},
      'too-few',
    ],
    ['not by whoever asked', { approve: ['everyone'] }, [approval('U0ANA2', ['everyone'])], {}, 'too-few'],
    [
      'by whoever asked, where that is allowed',
      { approve: ['everyone'], selfApproval: true },
      [approval('U0ANA', ['everyone'])],
      {},
      'yes',
    ],
    ['not where the rule is gone', { clusters: ['dev'] }, [ben], {}, 'no-rule'],
    ['not outside the window', shut, [ben], {}, 'outside-window'],
    ['in an emergency, with one alone', { ...both, ...glass }, [emergency], {}, 'yes'],
    ['in an emergency, not outside the window', { ...glass, ...shut }, [emergency], {}, 'outside-window'],
    ['not in an emergency that the rule does not know', both, [emergency], {}, 'too-few'],
    ['not in an emergency by someone else', glass, [{ ...emergency, by: { team, user: 'U0OLGA' } }], {}, 'too-few'],
    ['not in an emergency without the role', glass, [{ ...emergency, roles: ['lead'] }], {}, 'too-few'],
    [
      'an emergency does not count as one of two',
      { ...both, ...glass, approve: ['lead', 'sre'] },
      [ben, { ...emergency, by: { team, user: 'U0OLGA' } }],
      {},
      'too-few',
    ],
    ['undo: with one, whoever asked for it', both, [ben], undo, 'yes'],
    ['undo: also outside the window', shut, [ben], undo, 'yes'],
    ['undo: not with none', both, [], undo, 'too-few'],
    ['undo: not without the role', {}, [carla], undo, 'too-few'],
  ];
  for (const [what, one, approvals, plan, expected] of cases) {
    it(`${what}: ${expected}`, () => {
      assert.equal(outcome(mayApply(policy(rule(one)), planFacts(plan), approvals, soon)), expected);
    });
  }
});

describe('when everybody is asked about anew', () => {
  const members = { requester: person('U0ANA'), approvals: [{ approval: ben, person: person('U0BEN') }] };
  const bySre = policy(rule());
  const withBen = (more: Partial<Person>) => ({
    ...members,
    approvals: [{ approval: ben, person: person('U0BEN', more) }],
  });

  it('nothing has changed', () => {
    assert.equal(outcome(stillAllowed(bySre, planFacts(), members, soon)), 'yes');
  });

  for (const more of [{ deleted: true }, { guest: true }, { stranger: true }, { bot: true }]) {
    it(`an approval does not count of ${JSON.stringify(more)}`, () => {
      assert.equal(outcome(stillAllowed(bySre, planFacts(), withBen(more), soon)), 'too-few');
    });
  }

  it('an approval does not count of someone who left the group', () => {
    const olga = approval('U0OLGA', ['sre']);
    const asked = (groups: readonly string[]) => ({
      ...members,
      approvals: [{ approval: olga, person: person('U0OLGA', { groups }) }],
    });
    assert.equal(outcome(stillAllowed(bySre, planFacts(), asked(['S0SRE']), soon)), 'yes');
    assert.equal(outcome(stillAllowed(bySre, planFacts(), asked([]), soon)), 'too-few');
  });

  it('whoever asked has left', () => {
    const left = { ...members, requester: person('U0ANA', { deleted: true }) };
    assert.equal(outcome(stillAllowed(bySre, planFacts(), left, soon)), 'deleted');
  });

  it('whoever asked lost the role', () => {
    const forLeads = policy(rule({ request: ['lead'] }));
    assert.equal(outcome(stillAllowed(forLeads, planFacts(), members, soon)), 'no-role');
  });
});

describe('whatever approvals there are', () => {
  const approvals = fc.array(
    fc.record({ user: fc.constantFrom('U0ANA', 'U0ANA2', 'U0BEN', 'U0CARLA'), emergency: fc.boolean() }),
    { maxLength: 6 },
  );

  it('one person alone is never two, and whoever asked never counts', () => {
    fc.assert(
      fc.property(approvals, fc.integer({ min: 1, max: 3 }), (list, wanted) => {
        const one = policy(rule({ approve: ['everyone'], approvals: wanted }));
        const given = list.map(({ user, emergency: alone }) =>
          approval(user, ['everyone'], alone ? 'all of checkout is down' : undefined),
        );
        const others = new Set(
          given
            .filter(({ by, breakGlass }) => /BEN|CARLA/.test(by.user) && breakGlass === undefined)
            .map(({ by }) => by.user),
        );
        assert.equal(mayApply(one, planFacts(), given, soon).allowed, others.size >= wanted);
      }),
    );
  });
});
