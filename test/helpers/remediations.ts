import { createHash } from 'node:crypto';
import type { Actor } from '../../src/model/command.ts';
import type { Approval, ApprovalRule, Plan } from '../../src/model/remediation.ts';

export const start = '2026-11-25T12:00:00.000Z';

/** So many minutes after the start. */
export function minute(minutes: number): string {
  return new Date(Date.parse(start) + minutes * 60_000).toISOString();
}

export function person(user: string): Actor {
  return { team: 'T1', user };
}

export function planWith(changes: Partial<Plan> = {}, rule: Partial<ApprovalRule> = {}): Plan {
  const id = changes.id ?? 'p00000000000000000001';
  const resource = {
    group: 'networking.istio.io',
    versions: ['v1'],
    plural: 'destinationrules',
    kind: 'DestinationRule',
    namespaced: true,
  };
  return {
    id,
    fix: 'align-destination-rule-tls',
    target: { cluster: 'prod', namespace: 'bookinfo', name: 'reviews' },
    title: 'Remove TLS DISABLE from DestinationRule bookinfo/reviews',
    risk: 'low',
    change: { resource, namespace: 'bookinfo', name: 'reviews', before: null, after: null },
    effects: ['productpage uses mTLS.'],
    doubts: [],
    undone: 'One click, for a day.',
    diff: '-  mode: DISABLE\n',
    requestedBy: person('UANA'),
    requestedAt: start,
    channel: 'C1',
    expiresAt: minute(60),
    rule: { approvals: 1, selfApproval: false, approvers: ['sre'], policy: 'f'.repeat(64), ...rule },
    digest: createHash('sha256').update(id).digest('hex'),
    ...changes,
  };
}

export function approvalOf(plan: Plan, user: string, changes: Partial<Approval> = {}): Approval {
  return { by: person(user), roles: ['sre'], at: minute(1), digest: plan.digest, signature: 'unsigned', ...changes };
}
