import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { signer } from '../../../src/jobs/fixes/signature.ts';
import type { Approval, Plan } from '../../../src/model/remediation.ts';
import { approvalOf, minute, person, planWith } from '../../helpers/remediations.ts';

const { sign, isSigned } = signer('k'.repeat(32));
const plan = planWith();

function signed(changes: Partial<Approval> = {}): Approval {
  const approval = approvalOf(plan, 'UBEN', { kubernetes: { user: 'ben', groups: ['sre'] }, ...changes });
  return { ...approval, signature: sign(plan, approval) };
}

describe('signatures of approvals', () => {
  it('are known again, after a way through JSON too', () => {
    assert.ok(isSigned(plan, signed()));
    const reordered = Object.fromEntries(Object.entries(plan).toReversed());
    const [stored, approval] = JSON.parse(JSON.stringify([reordered, signed()])) as [Plan, Approval];
    assert.ok(isSigned(stored, approval));
  });

  const forged: Record<string, Partial<Approval>> = {
    person: { by: person('UEVE') },
    workspace: { by: { team: 'T2', user: 'UBEN' } },
    roles: { roles: ['admin'] },
    'Kubernetes user': { kubernetes: { user: 'admin', groups: ['sre'] } },
    'Kubernetes groups': { kubernetes: { user: 'ben', groups: ['sre', 'system:masters'] } },
    time: { at: minute(2) },
    digest: { digest: '0'.repeat(64) },
    policy: { policy: 'e'.repeat(64) },
    emergency: { breakGlass: 'because' },
  };
  for (const [what, changes] of Object.entries(forged)) {
    it(`do not hold for another ${what}`, () => assert.ok(!isSigned(plan, { ...signed(), ...changes })));
  }

  const plans: Record<string, Plan> = {
    id: { ...plan, id: 'p2' },
    'rule with fewer approvals': { ...plan, rule: { ...plan.rule, approvals: 0 } },
    'one who asked': { ...plan, requestedBy: person('UEVE') },
    expiry: { ...plan, expiresAt: minute(600) },
    diff: { ...plan, diff: '' },
    'content with the same digest': { ...plan, change: { ...plan.change, name: 'ratings' } },
  };
  for (const [what, other] of Object.entries(plans)) {
    it(`do not hold for a plan with another ${what}`, () => assert.ok(!isSigned(other, signed())));
  }

  it('do not hold under another key, cut short, or empty', () => {
    const approval = signed();
    assert.ok(!signer('x'.repeat(32)).isSigned(plan, approval));
    assert.ok(!isSigned(plan, { ...approval, signature: approval.signature.slice(0, 62) }));
    assert.ok(!isSigned(plan, { ...approval, signature: '' }));
    assert.ok(!isSigned(plan, { ...approval, signature: `${approval.signature}zz` }));
  });

  it('want a key of 32 bytes', () => {
    assert.throws(() => signer('k'.repeat(31)), /32/);
    assert.doesNotThrow(() => signer('ü'.repeat(16)));
  });
});
