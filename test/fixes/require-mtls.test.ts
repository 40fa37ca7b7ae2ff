import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { strictReadiness } from '../../src/checks/strict-readiness.ts';
import { planOf, repeats, undoPlanOf } from '../../src/fixes/plan.ts';
import { requireMtls } from '../../src/fixes/require-mtls.ts';
import type { Finding, Ref } from '../../src/model/finding.ts';
import type { KubeObject } from '../../src/model/sources.ts';
import { manifest, meshConfig, namespace, peerAuthentication, service, workload } from '../helpers/manifests.ts';
import { observedOf, row } from '../helpers/observed.ts';
import { runCheck } from '../helpers/run-check.ts';
import { choose, live, made, refused, reportOn, request } from './bench.ts';

const labels = { app: 'api' };
const ports = [{ name: 'http', containerPort: 8080 }];
const mesh = [
  meshConfig({}),
  namespace('shop', { 'istio-injection': 'enabled' }),
  workload('shop/api', { labels, ports }),
  workload('shop/web'),
  service('shop/api', labels, [{ name: 'http', port: 80, targetPort: 8080 }]),
];
const bareJob = workload('shop/job', { proxy: 'none' });
const old = '2026-01-01T00:00:00Z';
const young = '2026-02-01T00:00:00Z';
const calm = [row('shop/web → shop/api mtls 12')];
const scraped = ['shop/api-0', 'shop/web-0'];
const place = { namespace: 'shop' };
const target = { cluster: 'test', ...place };

function asked(more: readonly string[], traffic = calm, asks: { namespace: string } = place) {
  return choose(requireMtls, [...mesh, ...more], asks, observedOf(traffic, { scraped }));
}

function revised(id: string, revision: string): string {
  return manifest('security.istio.io/v1', 'PeerAuthentication', id, {
    labels: { 'istio.io/rev': revision },
    spec: { mtls: { mode: 'PERMISSIVE' } },
  });
}

describe('require-mtls: the object', () => {
  for (const [name, more, expected] of [
    ['is a new one where there is none', [], 'default'],
    ['is the one that decides', [peerAuthentication('shop/own', 'PERMISSIVE')], 'own'],
    [
      'is the oldest, whatever the younger ones are called',
      [
        peerAuthentication('shop/default', 'STRICT', { created: young }),
        peerAuthentication('shop/zz', 'PERMISSIVE', { created: old }),
      ],
      'zz',
    ],
    ['is the oldest also where that one inherits', [peerAuthentication('shop/own', undefined)], 'own'],
    ['is no policy of a workload', [peerAuthentication('shop/api', 'STRICT', { selector: { app: 'x' } })], 'default'],
    ['is one of the only istiod', [revised('shop/own', 'default')], 'own'],
  ] as const) {
    it(name, async () => {
      const choice = made(await asked(more));
      assert.equal(choice.name, expected);
      assert.equal(choice.namespace, 'shop');
      assert.equal(choice.risk, 'low');
      assert.equal(await isOffered(more), true);
    });
  }

  it('names what stays and what does not count', async () => {
    const choice = made(
      await asked([
        peerAuthentication('shop/default', 'PERMISSIVE', { created: old }),
        peerAuthentication('shop/younger', 'STRICT', { created: young }),
        peerAuthentication('shop/port', 'STRICT', { selector: { app: 'x' }, ports: { 9000: 'PERMISSIVE' } }),
      ]),
    );
    const effects = choice.effects.join('\n');
    assert.match(effects, /shop\/younger/);
    assert.match(effects, /shop\/port .*9000 PERMISSIVE/);
  });

  it('shows what was quiet as a doubt', async () => {
    const idle = [
      workload('shop/idle', { labels: { app: 'idle' }, ports }),
      service('shop/idle', { app: 'idle' }, [{ name: 'http', port: 80, targetPort: 8080 }]),
    ];
    const observed = observedOf(calm, { scraped: [...scraped, 'shop/idle-0'] });
    const choice = made(await choose(requireMtls, [...mesh, ...idle], place, observed));
    assert.equal(choice.doubts?.length, 1);
    assert.match(choice.doubts?.[0] ?? '', /idle/);
  });

  it('is of more risk, the more callers there are', async () => {
    const callers = Array.from({ length: 6 }, (_, index) =>
      workload(`shop/c${index}`, { labels: { app: `c${index}` } }),
    );
    const observed = observedOf(calm, { scraped: [...scraped, ...callers.map((_, index) => `shop/c${index}-0`)] });
    assert.equal(made(await choose(requireMtls, [...mesh, ...callers], place, observed)).risk, 'medium');
  });
});

async function isOffered(more: readonly string[], traffic = calm): Promise<boolean> {
  const given = { observed: observedOf(traffic, { scraped }) };
  const findings = await runCheck(strictReadiness, [...mesh, ...more], place, given);
  return findings.some(({ fix }) => fix?.fix === requireMtls.id && fix.namespace === 'shop');
}

describe('require-mtls refuses', () => {
  const cases: readonly [string, readonly string[], RegExp, ReturnType<typeof row>[]?][] = [
    ['where a caller has no proxy', [bareJob], /job/],
    ['where somebody unknown sends plaintext', [], /plaintext/, [...calm, row('? → shop/api plaintext 1')]],
    ['where a sender of plaintext should send mTLS', [], /web/, [row('shop/web → shop/api plaintext 1')]],
    ['where nobody called, so that no caller is known', [], /not known/, []],
    ['where it is STRICT already', [peerAuthentication('shop/default', 'STRICT')], /already/],
    ['where the mesh demands it', [peerAuthentication('istio-system/default', 'STRICT')], /already/],
    ['where policies are for several istiods', [revised('shop/own', 'canary')], /canary/],
    [
      'where the name is taken by a policy of a workload',
      [peerAuthentication('shop/default', 'PERMISSIVE', { selector: { app: 'x' } })],
      /selector/,
    ],
  ];
  for (const [name, more, why, traffic] of cases) {
    it(name, async () => {
      const refusal = refused(await asked(more, traffic));
      assert.match(refusal.refused, why);
      assert.equal(await isOffered(more, traffic), false);
    });
  }

  it('in the root namespace, which is the whole mesh', async () => {
    assert.match(refused(await asked([], calm, { namespace: 'istio-system' })).refused, /whole mesh/);
  });

  it('where nothing is in the mesh', async () => {
    const outside = [namespace('legacy'), workload('legacy/db', { proxy: 'none' })];
    assert.match(refused(await asked(outside, calm, { namespace: 'legacy' })).refused, /No proxy/);
  });

  it('to edit a policy that has got a selector since', () => {
    const object = live(peerAuthentication('shop/default', 'PERMISSIVE', { selector: labels }));
    assert.match(refused(requireMtls.edit(object, target, {})).refused, /selector/);
  });

  it('to edit what it does not understand', () => {
    for (const spec of ['text', { mtls: 'STRICT' }, { selector: [] }]) {
      const object: KubeObject = { ...live(peerAuthentication('shop/default', 'PERMISSIVE')), spec };
      refused(requireMtls.edit(object, target, {}));
    }
  });
});

const spec = fc.record(
  {
    mtls: fc.oneof(fc.constant({}), fc.record({ mode: fc.constantFrom('UNSET', 'PERMISSIVE', 'DISABLE') })),
    selector: fc.constantFrom({}, { matchLabels: {} }),
    portLevelMtls: fc.dictionary(fc.constantFrom('80', '8080'), fc.constant({ mode: 'PERMISSIVE' })),
    unheardOf: fc.jsonValue(),
  },
  { requiredKeys: [] },
);

describe('require-mtls: the change', async () => {
  const choice = made(await asked([peerAuthentication('shop/default', 'PERMISSIVE')]));
  const base = live(peerAuthentication('shop/default', 'PERMISSIVE'));

  it('is the mode and nothing else, goes back to the letter, and is made once', () => {
    fc.assert(
      fc.property(spec, (given) => {
        const object: KubeObject = { ...base, spec: given };
        const plan = made(planOf(requireMtls, choice, object, request(place)));
        assert.equal(repeats(requireMtls, plan, object), undefined);
        assert.deepEqual(plan.change.after?.spec, { ...given, mtls: { ...given.mtls, mode: 'STRICT' } });
        const written = { ...(plan.change.after as KubeObject), status: {} };
        refused(planOf(requireMtls, choice, written, request(place, 'p2')));
        const undo = made(undoPlanOf(plan, written, request(place, 'p3')));
        assert.equal(repeats(requireMtls, undo, written), undefined);
        const { managedFields: _, ...metadata } = object.metadata;
        assert.deepEqual(undo.change.after, { ...object, metadata });
      }),
      { numRuns: 100 },
    );
  });

  it('makes a policy where there is none, and undoing deletes it', async () => {
    const plan = made(planOf(requireMtls, made(await asked([])), null, request(place)));
    assert.equal(repeats(requireMtls, plan, null), undefined);
    assert.equal(plan.change.before, null);
    assert.deepEqual(plan.change.after?.spec, { mtls: { mode: 'STRICT' } });
    const written = { ...(plan.change.after as KubeObject) };
    const undo = made(undoPlanOf(plan, written, request(place, 'p2')));
    assert.equal(undo.change.after, null);
    assert.equal(repeats(requireMtls, undo, written), undefined);
  });
});

describe('require-mtls is judged', async () => {
  const strict = peerAuthentication('shop/default', 'STRICT', { created: old });
  const choice = made(await asked([]));
  const { change } = made(planOf(requireMtls, choice, null, request(place)));
  const judged = async (more: readonly string[], takenAt?: string) =>
    requireMtls.verify.judge(await reportOn([...mesh, ...more], 'shop', takenAt), target, change).state;

  it('done where the policy decides and nobody is shut out', async () => {
    assert.equal(await judged([strict]), 'done');
  });

  it('done where workloads keep policies of their own', async () => {
    assert.equal(await judged([strict, peerAuthentication('shop/api', 'PERMISSIVE', { selector: labels })]), 'done');
  });

  it('waiting where the policy is not seen, or was turned back', async () => {
    assert.equal(await judged([]), 'waiting');
    assert.equal(await judged([peerAuthentication('shop/default', 'PERMISSIVE')]), 'waiting');
  });

  it('waiting while it is too fresh for proxies to have it', async () => {
    assert.equal(await judged([strict], '2026-01-01T00:00:20Z'), 'waiting');
  });

  it('waiting while it is fresh and proxies of some workloads alone show it', async () => {
    const report = await reportOn([...mesh, strict], 'shop', '2026-01-01T00:00:20Z');
    const bearing = (report.demands ?? []).filter((one) => one.workload.namespace === 'shop' && one.mode !== 'NONE');
    const inStep = bearing.map(({ workload }) => inStepOf(workload));
    const state = (more: readonly Finding[], seen: number) => {
      const proxies = { kind: 'proxies', source: 'test', at: report.takenAt, status: 'collected' } as const;
      const coverage = [{ ...proxies, seen, of: 3, unit: 'proxy', notes: [] }];
      const findings = [...report.findings, ...more];
      return requireMtls.verify.judge({ ...report, findings, coverage }, target, change).state;
    };
    assert.equal(state([inStepOf({ kind: 'Deployment', namespace: 'shop', name: 'another' })], 3), 'waiting');
    assert.equal(state(inStep, 2), 'waiting', 'one proxy was not asked');
    assert.equal(state(inStep, 3), 'done');
  });

  it('waiting where it is not known whether a caller is shut out', async () => {
    const report = await reportOn([...mesh, strict], 'shop');
    const connections = (report.connections ?? []).map((one) => ({ ...one, outcome: 'unknown' as const }));
    assert.ok(connections.length > 0);
    assert.equal(requireMtls.verify.judge({ ...report, connections }, target, change).state, 'waiting');
  });

  it('failed where it shuts somebody out', async () => {
    assert.equal(await judged([strict, bareJob]), 'failed');
  });

  it('waiting where the report saw nothing', async () => {
    const { demands: _, ...report } = await reportOn([...mesh, strict], 'shop');
    assert.equal(requireMtls.verify.judge(report, target, change).state, 'waiting');
  });
});

function inStepOf(subject: Ref): Finding {
  return { check: 'proxy-config', code: 'in-step', severity: 'ok', subject, says: { one: '', many: '' }, because: [] };
}
