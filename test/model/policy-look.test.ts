import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LookRule, Person } from '../../src/model/policy.ts';
import { mayLook, mayLookFrom } from '../../src/model/policy-look.ts';
import type { Target } from '../../src/model/target.ts';
import { person, policy } from '../helpers/policy.ts';

const other = person('U0OTHER');
const ben = person('U0BEN');
const here = { channel: 'C0MESH', outsiders: false };
const shared = { channel: 'C0PARTNERS', outsiders: true };
const bookinfo = { cluster: 'prod-eu', namespace: 'bookinfo' };

function look(more: Partial<LookRule> = {}): LookRule {
  return { roles: ['everyone'], clusters: ['*'], namespaces: ['*'], channels: ['*'], ...more };
}

describe('who may ask about what, from where', () => {
  const web = look({ namespaces: ['web'] });
  const cases: readonly (readonly [
    string,
    readonly LookRule[] | undefined,
    Person,
    Target,
    { readonly channel: string; readonly outsiders: boolean },
    string,
  ])[] = [
    ['no rules: everyone', undefined, other, bookinfo, here, 'yes'],
    ['no rules: also where others read', undefined, other, bookinfo, shared, 'yes'],
    ['no rules: no guests', undefined, person('U0G', { guest: true }), bookinfo, here, 'guest'],
    ['an empty list: nobody', [], ben, bookinfo, here, 'no-rule'],
    ['all', [look()], other, bookinfo, here, 'yes'],
    ['all: not from a channel with outsiders', [look()], other, bookinfo, shared, 'no-rule'],
    ['a channel with outsiders that is named', [look({ channels: ['C0PARTNERS'] })], other, bookinfo, shared, 'yes'],
    ['another channel', [look({ channels: ['C0PARTNERS'] })], other, bookinfo, here, 'no-rule'],
    ['another cluster', [look({ clusters: ['dev'] })], other, bookinfo, here, 'no-rule'],
    ['the namespace', [look({ namespaces: ['book*'] })], other, bookinfo, here, 'yes'],
    ['another namespace', [web], other, bookinfo, here, 'no-rule'],
    ['the role', [look({ roles: ['sre'] })], ben, bookinfo, here, 'yes'],
    ['another role', [look({ roles: ['lead'] })], ben, bookinfo, here, 'no-role'],
    ['the whole mesh, with names', [look({ namespaces: ['b*'] })], ben, { cluster: 'prod-eu' }, here, 'no-rule'],
    ['the whole mesh, with *', [look()], ben, { cluster: 'prod-eu' }, here, 'yes'],
    [
      'callers of another namespace',
      [look({ namespaces: ['bookinfo'] })],
      ben,
      { ...bookinfo, from: ['web'] },
      here,
      'no-rule',
    ],
    [
      'callers, by two rules',
      [look({ namespaces: ['bookinfo'] }), web],
      ben,
      { ...bookinfo, from: ['web'] },
      here,
      'yes',
    ],
  ];
  for (const [what, rules, who, target, place, expected] of cases) {
    it(`${what}: ${expected}`, () => {
      const one = { ...policy(), ...(rules !== undefined && { look: rules }) };
      const decision = mayLook(one, who, { target, place });
      assert.equal(decision.allowed ? 'yes' : decision.code, expected);
    });
  }

  const elsewhere = look({ channels: ['C0PARTNERS'] });
  const hints: readonly (readonly [string, readonly LookRule[], boolean])[] = [
    ['where no rule is about the cluster', [look({ clusters: ['dev'] })], false],
    ['where no rule is about the namespace', [web, look({ clusters: ['dev'] })], false],
    ['where a rule is, for another channel', [web, elsewhere], true],
    ['where all that lacks is the role', [look({ roles: ['lead'] })], false],
  ];
  for (const [when, rules, sends] of hints) {
    it(`${sends ? 'send' : 'do not send'} to another channel ${when}`, () => {
      const decision = mayLook({ ...policy(), look: rules }, other, { target: bookinfo, place: here });
      assert.ok(!decision.allowed);
      assert.equal(/another one/.test(decision.why), sends, decision.why);
    });
  }

  it('is everywhere without rules, but where people from outside read', () => {
    assert.ok(mayLookFrom(here).allowed);
    const denied = mayLookFrom(shared);
    assert.ok(!denied.allowed && denied.code === 'no-rule' && denied.why.includes(shared.channel));
  });
});
