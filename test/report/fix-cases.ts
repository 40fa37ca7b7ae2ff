import type { Actor } from '../../src/model/command.ts';
import {
  approve,
  begin,
  beginUndo,
  clear,
  decline,
  drift,
  giveUp,
  propose,
  undone,
  verify,
  wrote,
} from '../../src/model/life.ts';
import type { Approval, Plan, Remediation } from '../../src/model/remediation.ts';
import type { CardView } from '../../src/report/fix-status.ts';

// One plan through every state of its life.

export const ana: Actor = { team: 'T1', user: 'U1' };
export const ben: Actor = { team: 'T1', user: 'U2' };
export const digest = 'd'.repeat(64);

const rule = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'DestinationRule',
  metadata: { name: 'reviews-v1-only', namespace: 'bookinfo', uid: 'u1', resourceVersion: '17' },
};

export const plan: Plan = {
  id: 'p7f3a09b1c2d3e4f5a6b7',
  fix: 'align-destination-rule-tls',
  target: { cluster: 'prod-eu', namespace: 'bookinfo', name: 'reviews-v1-only' },
  title: 'Remove TLS DISABLE from DestinationRule bookinfo/reviews-v1-only',
  risk: 'low',
  change: {
    resource: { group: 'networking.istio.io', version: 'v1', plural: 'destinationrules', kind: 'DestinationRule' },
    namespace: 'bookinfo',
    name: 'reviews-v1-only',
    before: { ...rule, spec: { host: 'reviews', trafficPolicy: { tls: { mode: 'DISABLE' } } } },
    after: { ...rule, spec: { host: 'reviews' } },
  } as unknown as Plan['change'],
  effects: [
    'productpage → reviews goes from refused to mTLS within 45 s; connections open anew.',
    'Nobody else uses this rule (checked: 3 client namespaces).',
  ],
  doubts: ['Traffic into ratings-v1: its proxy is not scraped.'],
  undone: 'One click for as long as the rule stays as written, at most 24 h.',
  diff: [
    '--- DestinationRule bookinfo/reviews-v1-only',
    '+++ DestinationRule bookinfo/reviews-v1-only',
    '@@ -6,8 +6,3 @@',
    ' spec:',
    '   host: reviews.bookinfo.svc.cluster.local',
    '-  trafficPolicy:',
    '-    tls:',
    '-      mode: DISABLE',
    '   subsets:',
    '   - name: v1',
  ].join('\n'),
  requestedBy: ana,
  requestedAt: '2026-11-25T12:00:00.000Z',
  channel: 'C1',
  expiresAt: '2026-11-25T12:30:00.000Z',
  rule: { approvals: 1, selfApproval: false, approvers: ['sre-oncall'], policy: 'f'.repeat(64) },
  digest,
};

export const view: CardView = { approverNames: '@sre-oncall', now: '2026-11-25T12:01:00.000Z' };

export function approval(by: Actor, more: Partial<Approval> = {}): Approval {
  return { by, roles: ['sre'], at: '2026-11-25T12:02:00.000Z', digest, signature: 'aa', ...more };
}

const at = (second: number) => `2026-11-25T12:03:${String(second).padStart(2, '0')}.000Z`;

export const undoPlan: Plan = {
  ...plan,
  id: 'p00aa09b1c2d3e4f5a6b7',
  title: 'Undo: remove TLS DISABLE from DestinationRule bookinfo/reviews-v1-only',
  diff: plan.diff.replaceAll(/^-(?= )/gm, '+'),
  rule: { ...plan.rule, selfApproval: true },
  undoOf: plan.id,
};

/** Each state, with the plan that takes it back where there is one. */
export function lives(of: Plan = plan): Readonly<Record<string, readonly [Remediation, Remediation?]>> {
  const proposed = propose(of).next;
  const two = approve(propose({ ...of, rule: { ...of.rule, approvals: 2 } }).next, approval(ben)).next;
  const approved = approve(proposed, approval(ben)).next;
  const cleared = clear(approved, at(1)).next;
  const applying = begin(cleared, at(2)).next;
  const applied = wrote(applying, { at: at(3), uid: 'u1', resourceVersion: '18' }, at(59), at(3)).next;
  const says = 'productpage → reviews uses mTLS';
  const verified = verify(applied, { state: 'verified', says }, at(24)).next;
  const failedTo = 'reviews still refuses productpage: 2 of 6 proxies do not have it';
  const unverified = verify(applied, { state: 'unverified', says: failedTo }, at(59)).next;
  const undoing = beginUndo(verified, undoPlan.id, ben, at(30)).next;
  const undo = propose(undoPlan).next;
  const undoApplying = begin(clear(approve(undo, approval(ben)).next, at(40)).next, at(41)).next;
  const undoApplied = wrote(undoApplying, { at: at(42), uid: 'u1', resourceVersion: '19' }, at(59), at(42)).next;
  const other = 'DestinationRule reviews-v1-only is not as it was before';
  return {
    proposed: [proposed],
    'one of two': [two],
    approved: [approved],
    cleared: [cleared],
    applying: [applying],
    applied: [applied],
    verified: [verified],
    unverified: [unverified],
    'undo offered': [undoing, undo],
    'undo applying': [undoing, undoApplying],
    'undo applied': [undoing, undoApplied],
    'undo unverified': [undoing, verify(undoApplied, { state: 'unverified', says: other }, at(59)).next],
    'undo verified': [undoing, verify(undoApplied, { state: 'verified', says: 'it is as it was' }, at(59)).next],
    'undo unclear': [undoing, giveUp(undoApplying, 'kubectl-edit changed it at 12:04.', at(59)).next],
    'undo declined': [undoing, decline(undo, ben, at(45)).next],
    undone: [undone(undoing, ben, at(50)).next, undoApplying],
    declined: [decline(proposed, ben, at(1)).next],
    drifted: [drift(approved, 'somebody changed the rule with kubectl edit at 12:03', at(1), 'p1').next],
  };
}
