import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fingerprintOf, spotOf } from '../../src/digests/fingerprint.ts';
import type { Finding } from '../../src/model/finding.ts';
import { stableName } from '../../src/model/stable-name.ts';
import { finding } from './run.ts';

const eu = { cluster: 'eu', namespace: 'bookinfo' };
const of = (more: Partial<Finding> = {}, target = eu) =>
  fingerprintOf(finding('permissive', 'warning', 'reviews', more), target);
const pod = (name: string) => ({ kind: 'Pod', namespace: 'bookinfo', name });

describe('a fingerprint', () => {
  it('stays the same whatever is said of the same thing', () => {
    const same: readonly Partial<Finding>[] = [
      { severity: 'error' },
      { detail: ['pod reviews-7c9f8d5b4-x7k2p'] },
      { because: [{ kind: 'PeerAuthentication', namespace: 'bookinfo', name: 'default' }] },
      { says: { one: 'is another text', many: 'are another text' } },
      { next: 'Do that.' },
    ];
    for (const more of same) assert.equal(of(more), of(), JSON.stringify(more));
    const toService = 'bookinfo/reviews:9080';
    assert.equal(of({ to: 'reviews-v1:9080', toService }), of({ to: 'reviews:9080', toService }));
    assert.equal(of({ to: 'reviews:9080', toService }), of({ to: 'reviews:9080' }), 'what older versions knew');
  });

  it('differs with check, code, cluster, subject, port and whom it is about', () => {
    const all = [
      of(),
      of({ check: 'other' }),
      of({ code: 'disabled' }),
      of({}, { ...eu, cluster: 'us' }),
      of({ subject: { kind: 'StatefulSet', namespace: 'bookinfo', name: 'reviews' } }),
      of({ subject: { kind: 'Deployment', namespace: 'payments', name: 'reviews' } }),
      of({ subject: { kind: 'Deployment', namespace: 'bookinfo', name: 'reviews-v2' } }),
      of({ subject: { kind: 'Deployment', namespace: 'bookinfo', name: 'reviews', port: 9080 } }),
      of({ to: 'ratings:9080' }),
      of({ to: 'ratings:9081' }),
    ];
    assert.equal(new Set(all).size, all.length);
  });

  it('survives a pod that is made anew', () => {
    assert.equal(
      of({ subject: pod('reviews-v1-7c9f8d5b4-x7k2p') }),
      of({ subject: pod('reviews-v1-6d8bfc9f7-22kqz') }),
    );
  });

  it('names one place alike, from wherever it is asked about', () => {
    const elsewhere = { cluster: 'eu', namespace: 'payments' };
    assert.equal(of({ to: 'ratings:9080' }), of({ to: 'bookinfo/ratings:9080' }, elsewhere));
    assert.notEqual(of({ to: 'ratings:9080' }), of({ to: 'ratings:9080' }, elsewhere));
  });

  it('without its code is the spot that a check speaks of', () => {
    const [permissive, disabled] = [finding('permissive', 'warning', 'a'), finding('disabled', 'error', 'a')];
    assert.equal(spotOf(permissive, eu), spotOf(disabled, eu));
    assert.notEqual(spotOf(permissive, eu), spotOf(finding('permissive', 'warning', 'b'), eu));
  });
});

describe('a stable name', () => {
  for (const [kind, name, expected] of [
    ['Pod', 'reviews-v1-7c9f8d-abcde', 'reviews-v1'],
    ['Pod', 'reviews-v1-7c9f8d5b4-x7k2p', 'reviews-v1'],
    ['Pod', 'istio-cni-node-x7k2p', 'istio-cni-node'],
    ['Pod', 'backup-28373640-x7k2p', 'backup'],
    ['Pod', 'app-3-x7k2p', 'app'],
    ['Pod', 'mysql-0', 'mysql-0'],
    ['Pod', 'api-gateway-proxy', 'api-gateway-proxy'],
    ['Pod', 'web-nginx', 'web-nginx'],
    ['ReplicaSet', 'reviews-v1-7c9f8d5b4', 'reviews-v1'],
    ['Job', 'backup-28373640', 'backup'],
    ['Deployment', 'reviews-v1-7c9f8d5b4', 'reviews-v1-7c9f8d5b4'],
  ] as const) {
    it(`of ${kind} ${name} is ${expected}`, () => assert.equal(stableName({ kind, name }), expected));
  }
});
