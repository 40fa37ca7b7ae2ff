import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planAnnotation } from '../../src/fixes/content.ts';
import { fixes, fixOf } from '../../src/fixes/index.ts';
import { changedBy, digestOf, isAsWritten, planOf, repeats, undoPlanOf } from '../../src/fixes/plan.ts';
import { requireMtls } from '../../src/fixes/require-mtls.ts';
import type { Change, Choice } from '../../src/model/fix.ts';
import type { Plan } from '../../src/model/remediation.ts';
import { resources } from '../../src/model/resources.ts';
import { type KubeObject, UsageError } from '../../src/model/sources.ts';
import { peerAuthentication } from '../helpers/manifests.ts';
import { live, made, refused, request } from './bench.ts';

const { destinationRules, peerAuthentications } = resources;

const place = { namespace: 'shop' };
const choice: Choice = { resource: peerAuthentications, ...place, name: 'default', risk: 'low', effects: ['It is.'] };
const permissive = live(peerAuthentication('shop/default', 'PERMISSIVE'));
const plan = made(planOf(requireMtls, choice, permissive, request(place)));
const written = served(plan.change.after);

/** As the API server gives back what was written. */
function served(object: KubeObject | null): KubeObject {
  assert.ok(object);
  const managedFields = [
    { manager: 'meshbot', operation: 'Update', time: '2026-11-24T12:05:00Z' },
    { manager: 'istiod', operation: 'Update', subresource: 'status', time: '2026-11-24T12:09:00Z' },
  ];
  const metadata = { ...object.metadata, resourceVersion: '8', generation: 2, managedFields };
  return { ...object, metadata, status: { conditions: [] } };
}

function edited(object: KubeObject, spec: object, manager = 'kubectl-edit'): KubeObject {
  const managedFields = [...(object.metadata.managedFields ?? []), { manager, time: '2026-11-24T12:07:00Z' }];
  return { ...object, metadata: { ...object.metadata, resourceVersion: '9', managedFields }, spec };
}

describe('a plan', () => {
  it('holds the object without what the API server keeps, but with its preconditions', () => {
    const { before, after } = plan.change;
    assert.deepEqual(Object.keys(before?.metadata ?? {}).toSorted(), [
      'creationTimestamp',
      'name',
      'namespace',
      'resourceVersion',
      'uid',
    ]);
    assert.deepEqual([after?.metadata.uid, after?.metadata.resourceVersion], ['u1', '7']);
    assert.equal(after?.metadata.annotations?.[planAnnotation], 'p1');
    assert.ok(
      !(
        'status' in
        (made(planOf(requireMtls, choice, { ...permissive, status: {} }, request(place))).change.before ?? {})
      ),
    );
  });

  it('shows what changes, and no more', () => {
    const lines = plan.diff.split('\n').filter((line) => /^[-+][^-+]/.test(line));
    assert.deepEqual(
      lines.filter((line) => !line.includes('meshbot.io/')).map((line) => line.replaceAll(/\s+/g, ' ')),
      ['+ annotations:', '- mode: PERMISSIVE', '+ mode: STRICT'],
    );
    assert.doesNotMatch(plan.diff, /resourceVersion|uid|managedFields|creationTimestamp/);
  });

  it('shows the whole object where it is made anew', () => {
    const { diff } = made(planOf(requireMtls, choice, null, request(place)));
    assert.ok(diff.split('\n').filter((line) => line.startsWith('+') && !line.startsWith('+++')).length > 5);
    assert.ok(!diff.split('\n').some((line) => line.startsWith('-') && !line.startsWith('---')));
  });

  it('has a digest that survives storage, whatever the order of keys, and is another for any other plan', () => {
    const stored = JSON.parse(JSON.stringify(plan)) as Plan;
    assert.equal(digestOf(stored), plan.digest);
    const turned = {
      ...plan,
      change: Object.fromEntries(Object.entries(plan.change).toReversed()) as unknown as Change,
    };
    assert.equal(digestOf(turned), plan.digest);
    const others: readonly Partial<Plan>[] = [
      { id: 'p2' },
      { fix: 'other' },
      { target: { cluster: 'other', ...place } },
      { parameters: { a: 'b' } },
      { change: { ...plan.change, after: null } },
      { undoOf: 'p0' },
      { requestedBy: { team: 'T1', user: 'UEVE' } },
      { expiresAt: '2036-01-01T00:00:00.000Z' },
      { rule: { ...plan.rule, selfApproval: true } },
      { effects: [] },
      { diff: '' },
    ];
    const digests = others.map((one) => digestOf({ ...plan, ...one }));
    assert.equal(new Set([plan.digest, ...digests]).size, others.length + 1);
  });

  it('is refused where it would change nothing', () => {
    refused(planOf(requireMtls, choice, live(peerAuthentication('shop/default', 'STRICT')), request(place)));
  });
});

describe('an object that something else keeps', () => {
  const owned: readonly [string, Partial<KubeObject['metadata']>][] = [
    ['Argo CD, by label', { labels: { 'argocd.argoproj.io/instance': 'shop' } }],
    ['Argo CD, by annotation', { annotations: { 'argocd.argoproj.io/tracking-id': 'shop:…' } }],
    ['Argo CD, by manager', { managedFields: [{ manager: 'argocd-controller' }] }],
    ['Flux, by label', { labels: { 'kustomize.toolkit.fluxcd.io/name': 'shop' } }],
    ['Flux, by manager', { managedFields: [{ manager: 'helm-controller' }] }],
    ['ACM, by manager', { managedFields: [{ manager: 'config-policy-controller' }] }],
    ['Fleet', { labels: { 'objectset.rio.cattle.io/hash': 'x' } }],
    ['Config Sync', { annotations: { 'configmanagement.gke.io/managed': 'enabled' } }],
    ['kapp', { labels: { 'kapp.k14s.io/app': '1' } }],
    ['Terraform', { managedFields: [{ manager: 'Terraform' }] }],
  ];
  for (const [name, meta] of owned) {
    it(`is not changed, but what to commit is said: ${name}`, () => {
      const object = live(peerAuthentication('shop/default', 'PERMISSIVE'), meta);
      const refusal = refused(planOf(requireMtls, choice, object, request(place)));
      assert.match(refusal.manifest ?? '', /mode: STRICT/);
      assert.doesNotMatch(refusal.manifest ?? '', /meshbot|resourceVersion|uid|managedFields/);
      assert.ok(refusal.next);
    });
  }

  const generated: typeof owned = [
    ['a ServiceMeshControlPlane', { labels: { 'maistra.io/owner': 'istio-system' } }],
    ['the Sail operator', { managedFields: [{ manager: 'sail-operator' }] }],
    ['a controller', { ownerReferences: [{ kind: 'Mesh', name: 'm', uid: 'u', controller: true }] }],
  ];
  for (const [name, meta] of generated) {
    it(`is not changed, and where to is said: ${name}`, () => {
      const object = live(peerAuthentication('shop/default', 'PERMISSIVE'), meta);
      const refusal = refused(planOf(requireMtls, choice, object, request(place)));
      assert.ok(refusal.next);
      assert.equal(refusal.manifest, undefined);
    });
  }

  it('is not changed by the fixer either', () => {
    const object = live(peerAuthentication('shop/default', 'PERMISSIVE'), {
      managedFields: [{ manager: 'argocd-controller', time: '2026-11-24T12:01:00Z' }],
    });
    refused(repeats(requireMtls, plan, object));
  });

  it('is shown as a doubt where it only may be turned back', () => {
    const doubts = [
      { labels: { 'app.kubernetes.io/managed-by': 'Helm' }, annotations: { 'meta.helm.sh/release-name': 'shop' } },
      { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' } },
    ].map((meta) =>
      made(planOf(requireMtls, choice, live(peerAuthentication('shop/default', 'PERMISSIVE'), meta), request(place))),
    );
    assert.deepEqual(
      doubts.map((one) => one.doubts.length),
      [1, 1],
    );
    assert.doesNotMatch(doubts[1]?.diff ?? '', /last-applied/);
    assert.deepEqual(plan.doubts, []);
  });
});

describe('what was written', () => {
  it('is known again, whatever the API server adds', () => {
    assert.ok(isAsWritten(written, plan.change.after));
    assert.ok(isAsWritten({ ...written, apiVersion: 'security.istio.io/v1beta1' }, plan.change.after));
    assert.ok(isAsWritten(null, null));
  });

  it('is not taken for what somebody made of it', () => {
    const { metadata } = written;
    for (const other of [
      null,
      permissive,
      { ...written, spec: { mtls: { mode: 'STRICT' }, portLevelMtls: {}, more: 1 } },
      { ...written, metadata: { ...metadata, labels: { a: 'b' } } },
      { ...written, metadata: { ...metadata, annotations: { ...metadata.annotations, a: 'b' } } },
      { ...written, metadata: { ...metadata, name: 'other' } },
      { ...written, kind: 'Other' },
      { ...written, apiVersion: 'other.io/v1' },
    ]) {
      assert.equal(isAsWritten(other, plan.change.after), false, JSON.stringify(other));
    }
  });

  it('tells who changed it last, since when', () => {
    const object = edited(written, {});
    assert.equal(changedBy(object), 'kubectl-edit at 2026-11-24T12:07:00Z');
    assert.equal(changedBy(written), 'meshbot at 2026-11-24T12:05:00Z');
    assert.equal(changedBy(object, '2026-11-24T12:07:00.500Z'), 'kubectl-edit at 2026-11-24T12:07:00Z');
    assert.equal(changedBy(object, '2026-11-24T12:08:01Z'), undefined);
    assert.equal(changedBy({ ...object, metadata: { name: 'x' } }), undefined);
  });
});

/** What somebody who can write the store could make of a plan: with a digest that fits. */
function forged(one: Plan, change: Partial<Change>, more: Partial<Plan> = {}): Plan {
  const made = { ...one, ...more, change: { ...one.change, ...change } };
  return { ...made, digest: digestOf(made) };
}

function withSpec(object: KubeObject | null, spec: object): KubeObject {
  assert.ok(object);
  return { ...object, spec };
}

describe('the fixer', () => {
  const { before, after } = plan.change;
  const payments = live(peerAuthentication('payments/default', 'PERMISSIVE'));

  it('carries out the plan that was approved', () => {
    assert.equal(repeats(requireMtls, plan, permissive), undefined);
    assert.equal(repeats(requireMtls, JSON.parse(JSON.stringify(plan)) as Plan, permissive), undefined);
  });

  const forgeries: readonly [string, Plan, KubeObject | null][] = [
    ['a plan whose digest does not fit', { ...plan, change: { ...plan.change, after: before } }, permissive],
    ['another result', forged(plan, { after: withSpec(after, { mtls: { mode: 'DISABLE' } }) }), permissive],
    ['a little more', forged(plan, { after: withSpec(after, { mtls: { mode: 'STRICT' }, more: 1 }) }), permissive],
    ['no stamp', forged(plan, { after: withSpec(before, after?.spec as object) }), permissive],
    ['another plan’s stamp', forged(plan, {}, { id: 'p9' }), permissive],
    ['a deletion', forged(plan, { after: null }), permissive],
    ['another way back', forged(plan, { undo: withSpec(before, { mtls: { mode: 'DISABLE' } }) }), permissive],
    ['another past', forged(plan, { before: withSpec(before, { mtls: { mode: 'DISABLE' } }) }), permissive],
    [
      'another namespace than was asked for',
      forged(
        made(planOf(requireMtls, { ...choice, namespace: 'payments' }, payments, request({ namespace: 'payments' }))),
        {},
        { target: plan.target },
      ),
      payments,
    ],
    [
      'another namespace than the object’s',
      forged(plan, { namespace: 'payments' }, { target: { cluster: 'test', namespace: 'payments' } }),
      permissive,
    ],
    ['another name than the object’s', forged(plan, { name: 'other' }), permissive],
    ['another resource', forged(plan, { resource: destinationRules }), permissive],
    ['another fix’s plan', forged(plan, {}, { fix: 'align-destination-rule-tls' }), permissive],
    ['an undo of nothing', forged(plan, {}, { undoOf: 'p0' }), permissive],
    ['an object that is gone', plan, null],
    ['an object that is another by now', plan, edited(permissive, { mtls: {} })],
    ['an object that is there by now', made(planOf(requireMtls, choice, null, request(place))), permissive],
  ];
  for (const [name, one, object] of forgeries) {
    it(`does not carry out ${name}`, () => {
      refused(repeats(requireMtls, one, object));
    });
  }

  it('says who changed the object', () => {
    assert.match(refused(repeats(requireMtls, plan, edited(permissive, { mtls: {} }))).refused, /kubectl-edit at 2026/);
  });
});

describe('an undo', () => {
  const undo = made(undoPlanOf(plan, written, request(place, 'p2')));

  it('leads to what was there before, under the preconditions of now', () => {
    assert.equal(undo.undoOf, 'p1');
    assert.ok(isAsWritten(permissive, undo.change.after));
    assert.deepEqual(
      [undo.change.before, undo.change.after].map((one) => [one?.metadata.uid, one?.metadata.resourceVersion]),
      [
        ['u1', '8'],
        ['u1', '8'],
      ],
    );
    assert.equal(repeats(requireMtls, undo, written), undefined);
  });

  it('is refused where somebody changed the object, and says who', () => {
    const refusal = refused(undoPlanOf(plan, edited(written, { mtls: {} }), request(place, 'p2')));
    assert.match(refusal.refused, /kubectl-edit at 2026-11-24T12:07:00Z/);
    refused(undoPlanOf(plan, null, request(place, 'p2')));
    refused(undoPlanOf(plan, served(permissive), request(place, 'p2')));
    refused(repeats(requireMtls, undo, edited(written, { mtls: {} })));
    refused(repeats(requireMtls, undo, null));
  });

  it('goes back to the stamp of the plan before, where two followed each other', () => {
    const open = withSpec(served(plan.change.after), { mtls: { mode: 'PERMISSIVE' } });
    const next = made(planOf(requireMtls, choice, open, request(place, 'p5')));
    const last = served(next.change.after);
    const back = made(undoPlanOf(next, last, request(place, 'p6')));
    assert.equal(back.change.after?.metadata.annotations?.[planAnnotation], 'p1');
    assert.equal(repeats(requireMtls, back, last), undefined);
    // The first one is not the last: it cannot be taken back from here.
    refused(undoPlanOf(plan, last, request(place, 'p7')));
  });

  const disable = withSpec(undo.change.after, { mtls: { mode: 'DISABLE' } });
  const forgeries: readonly [string, Plan][] = [
    ['to what never was', forged(undo, { after: disable })],
    ['that deletes what was there', forged(undo, { after: null })],
    ['of another plan', forged(undo, {}, { undoOf: 'p0' })],
    ['whose digest does not fit', { ...undo, change: { ...undo.change, after: disable } }],
    ['of what is not there', forged(undo, { before: withSpec(undo.change.before, {}) })],
    ['in another namespace', forged(undo, {}, { target: { cluster: 'test', namespace: 'payments' } })],
    ['that says it is none', forged(undo, {}, { undoOf: undefined as unknown as string })],
  ];
  for (const [name, one] of forgeries) {
    it(`is not carried out ${name}`, () => {
      refused(repeats(requireMtls, one, written));
    });
  }

  it('leads to what the fix says, where that is not what was before', () => {
    const back = withSpec(permissive, { mtls: { mode: 'UNSET' } });
    const fix = {
      ...requireMtls,
      edit: (...given: Parameters<typeof requireMtls.edit>) => ({ ...made(requireMtls.edit(...given)), undo: back }),
    };
    for (const object of [permissive, null]) {
      const one = made(planOf(fix, choice, object, request(place)));
      assert.equal(repeats(fix, one, object), undefined);
      const now = served(one.change.after);
      const undone = made(undoPlanOf(one, now, request(place, 'p2')));
      assert.ok(isAsWritten(undone.change.after, back));
      assert.equal(repeats(fix, undone, now), undefined);
    }
  });
});

describe('fixes', () => {
  it('are found by id, or the nearest is named', () => {
    for (const fix of fixes) assert.equal(fixOf(fix.id), fix);
    assert.throws(
      () => fixOf('require-mtsl'),
      (error) => error instanceof UsageError && /`require-mtls`/.test(error.message),
    );
    assert.throws(() => fixOf('xyz'), UsageError);
  });

  it('change resources as collectors read them', () => {
    assert.deepEqual(
      { destinationRules, peerAuthentications },
      {
        destinationRules: resources.destinationRules,
        peerAuthentications: resources.peerAuthentications,
      },
    );
  });
});
