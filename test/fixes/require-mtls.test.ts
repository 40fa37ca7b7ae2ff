import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { strictReadiness } from '../../src/checks/strict-readiness.ts';
import { planOf, repeats, undoPlanOf } from '../../src/fixes/plan.ts';
import { requireMtls } from '../../src/fixes/require-mtls.ts';
import type { Finding, Ref } from '../../src/model/finding.ts';
import type { KubeObject } from '../../src/model/sources.ts';
import { manifest, meshConfig, namespace, peerAuthentication, service, workload } from '../helpers/manifests.ts';
import { countedFor, observedOf, row } from '../helpers/observed.ts';
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

const naked = { 'sidecar.istio.io/inject': 'false' };

/** A Deployment without pods. */
function scaled(id: string, replicas: number, of: { readonly labels?: object } = {}): string {
  const template = { metadata: { labels: of.labels ?? naked }, spec: { containers: [{ name: 'app', ports }] } };
  return manifest('apps/v1', 'Deployment', id, { spec: { replicas, template } });
}

/** A CronJob that nothing runs of now. */
function cronJob(id: string, more: object = {}): string {
  const template = { metadata: { labels: naked }, spec: { containers: [{ name: 'app' }] } };
  return manifest('batch/v1', 'CronJob', id, { spec: { jobTemplate: { spec: { template } }, ...more } });
}

/** A StatefulSet of one pod that an operator's object controls. */
function operated(id: string): string {
  const cluster = { apiVersion: 'pg/v1', kind: 'PostgresCluster', name: 'db', uid: 'u', controller: true };
  const [set = '', ...pods] = workload(id, { kind: 'StatefulSet', labels: { app: 'db' }, ports }).split('---\n');
  const { metadata, ...rest } = parse(set) as KubeObject;
  return [stringify({ ...rest, metadata: { ...metadata, ownerReferences: [cluster] } }), ...pods].join('---\n');
}

const selectors = { discoverySelectors: [{ matchLabels: { mesh: 'yes' } }] };

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
    assert.equal(choice.doubts?.length, 2);
    assert.match(choice.doubts?.[0] ?? '', /idle/);
    assert.equal(choice.risk, 'medium');
  });

  it('always says how far back was looked', async () => {
    const [limit = '', ...others] = made(await asked([])).doubts ?? [];
    assert.deepEqual(others, []);
    assert.match(limit, /15 min.*HTTP stream/);
    const direct = countedFor(3_600, observedOf(calm, { scraped }));
    const [since = ''] = made(await choose(requireMtls, mesh, place, direct)).doubts ?? [];
    assert.doesNotMatch(since, /15 min/);
  });

  const front = [namespace('front', { 'istio-injection': 'enabled' }), workload('front/app')];
  const ruleFor = (id: string, host: string, policy: object) =>
    manifest('networking.istio.io/v1', 'DestinationRule', id, { spec: { host, ...policy } });
  const plain = { tls: { mode: 'DISABLE' } };
  const open: readonly (readonly [string, readonly string[], RegExp])[] = [
    [
      'a rule elsewhere that takes mTLS from callers',
      [...front, ruleFor('front/api', 'api.shop.svc.cluster.local', { trafficPolicy: plain })],
      /front\/api.*DISABLE/,
    ],
    [
      'one of the root namespace, for a subset, with TLS of its own',
      [
        ruleFor('istio-system/all', '*.local', {
          subsets: [{ name: 'v1', trafficPolicy: { tls: { mode: 'SIMPLE' } } }],
        }),
      ],
      /istio-system\/all.*SIMPLE/,
    ],
    [
      'a Service that leads straight in from outside',
      [
        manifest('v1', 'Service', 'shop/public', {
          spec: { type: 'LoadBalancer', clusterIP: '10.0.0.2', selector: labels, ports: [{ name: 'http', port: 80 }] },
        }),
      ],
      /Service shop\/public/,
    ],
    ['a silent workload without a Service', [workload('shop/lone', { labels: { app: 'lone' }, ports })], /shop\/lone/],
    ['a caller that is scaled to none', [scaled('shop/zero', 0)], /Deployment shop\/zero/],
    ['a CronJob that is suspended', [cronJob('shop/nightly', { suspend: true })], /CronJob shop\/nightly/],
  ];
  for (const [name, more, expected] of open) {
    it(`leaves to people ${name}`, async () => {
      const observed = observedOf(calm, { scraped: [...scraped, 'shop/lone-0'] });
      const choice = made(await choose(requireMtls, [...mesh, ...more], place, observed));
      assert.equal(choice.doubts?.length, 2);
      assert.match(choice.doubts?.[0] ?? '', expected);
      assert.equal(choice.risk, 'medium');
    });
  }

  it('does not speak of rules that leave mTLS as it is, are for others, or whose callers were judged', async () => {
    const choice = made(
      await asked([
        ...front,
        ruleFor('front/api', 'api.shop.svc.cluster.local', { trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' } } }),
        ruleFor('front/own', 'api', { trafficPolicy: plain }),
        ruleFor('front/else', 'api.stock.svc.cluster.local', { trafficPolicy: plain }),
        ruleFor('shop/some', 'api', { trafficPolicy: plain, workloadSelector: { matchLabels: { app: 'other' } } }),
      ]),
    );
    assert.equal(choice.doubts?.length, 1);
    assert.equal(choice.risk, 'low');
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

  const down = [scaled('shop/down', 1, { labels: { app: 'down' } })];
  const unnoticed: readonly (readonly [string, readonly string[], RegExp, ReturnType<typeof row>[]?])[] = [
    ['where a CronJob without a proxy is to come', [cronJob('shop/nightly')], /CronJob shop\/nightly/],
    ['where one has the name of a workload in the mesh', [cronJob('shop/web')], /CronJob shop\/web/],
    [
      'where one of another kind has it, and says which',
      [workload('shop/web', { kind: 'StatefulSet', pods: 0, bare: 1 })],
      /StatefulSet shop\/web would/,
    ],
    ['where a Deployment has no pods at the moment', [scaled('shop/later', 1)], /Deployment shop\/later/],
    ['where plaintext came to a workload that is down', down, /shop\/down/, [row('? → shop/down plaintext 5')]],
    ['where plaintext came to a name that is not there', [], /shop\/gone/, [row('far/x → shop/gone plaintext 5')]],
    [
      'where plaintext came to a StatefulSet of an operator',
      [operated('shop/db-instance1')],
      /StatefulSet shop\/db-instance1/,
      [row('? → shop/db-instance1 plaintext 5', 'tcp')],
    ],
  ];
  for (const [name, more, why, traffic = []] of unnoticed) {
    it(name, async () => {
      const observed = observedOf([...calm, ...traffic], { scraped: [...scraped, 'shop/db-instance1-0'] });
      assert.match(refused(await choose(requireMtls, [...mesh, ...more], place, observed)).refused, why);
      assert.equal(await isOffered(more, [...calm, ...traffic]), false);
    });
  }

  it('not for plaintext to others, nor where the name has a policy that stays', async () => {
    const traffic = [...calm, row('? → far/gone plaintext 5'), row('? → shop/kept plaintext 5')];
    const own = { app: 'kept' };
    const kept = [
      scaled('shop/kept', 1, { labels: own }),
      peerAuthentication('shop/kept', 'PERMISSIVE', { selector: own }),
    ];
    made(await asked(kept, traffic));
  });

  it('where all pods of a workload are younger than the window', async () => {
    const born = (secondsAgo: number) => new Date(Date.now() - secondsAgo * 1_000).toISOString();
    const of = (name: string, secondsAgo: number) =>
      workload(`shop/${name}`, { labels: { app: name }, ports, born: born(secondsAgo) });
    const [config = '', place1 = '', , , leads = ''] = mesh;
    const ask = (api: string) => choose(requireMtls, [config, place1, api, of('web', 3_600), leads], place, seen);
    const seen = observedOf([...calm, row('shop/api → shop/web mtls 1')], { scraped });
    assert.match(refused(await ask(of('api', 300))).refused, /shop\/api.*young/);
    made(await ask(of('api', 1_000)));
    const direct = countedFor(3_600, seen);
    made(await choose(requireMtls, [config, place1, of('api', 300), of('web', 3_600), leads], place, direct));
  });

  it('where the istiod does not look at the namespace', async () => {
    const [, ...rest] = mesh;
    const given = observedOf(calm, { scraped });
    const hidden = [meshConfig(selectors), ...rest];
    assert.match(refused(await choose(requireMtls, hidden, place, given)).refused, /^istiod default does not look/);
    const findings = await runCheck(strictReadiness, hidden, place, { observed: given });
    assert.deepEqual(
      findings.filter(({ severity }) => severity !== 'info').map(({ code }) => code),
      ['cannot-tell'],
    );
    const shown = [meshConfig(selectors), namespace('shop', { 'istio-injection': 'enabled', mesh: 'yes' })];
    made(await choose(requireMtls, [...shown, ...rest.slice(1)], place, given));
  });

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
  const seen = observedOf(calm, { scraped });
  const judged = async (more: readonly string[], takenAt?: string) =>
    requireMtls.verify.judge(await reportOn([...mesh, ...more], 'shop', takenAt, seen), target, change).state;

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
    const report = await reportOn([...mesh, strict], 'shop', '2026-01-01T00:00:20Z', seen);
    const bearing = (report.demands ?? []).filter((one) => one.workload.namespace === 'shop' && one.mode !== 'NONE');
    const inStep = bearing.map(({ workload }) => inStepOf(workload));
    const state = (more: readonly Finding[], asked: number) => {
      const proxies = { kind: 'proxies', source: 'test', at: report.takenAt, status: 'collected' } as const;
      const others = report.coverage.filter(({ kind }) => kind !== 'proxies');
      const coverage = [...others, { ...proxies, seen: asked, of: 3, unit: 'proxy', notes: [] }];
      const findings = [...report.findings, ...more];
      return requireMtls.verify.judge({ ...report, findings, coverage }, target, change).state;
    };
    assert.equal(state([inStepOf({ kind: 'Deployment', namespace: 'shop', name: 'another' })], 3), 'waiting');
    assert.equal(state(inStep, 2), 'waiting', 'one proxy was not asked');
    assert.equal(state(inStep, 3), 'done');
  });

  it('waiting where it is not known whether a caller is shut out', async () => {
    const report = await reportOn([...mesh, strict], 'shop', undefined, seen);
    const connections = (report.connections ?? []).map((one) => ({ ...one, outcome: 'unknown' as const }));
    assert.ok(connections.length > 0);
    assert.equal(requireMtls.verify.judge({ ...report, connections }, target, change).state, 'waiting');
  });

  it('failed where it shuts somebody out', async () => {
    assert.equal(await judged([strict, bareJob]), 'failed');
  });

  it('failed by that also while proxies are behind', async () => {
    assert.equal(await judged([strict, bareJob], '2026-01-01T00:00:20Z'), 'failed');
  });

  it('waiting without metrics, for who calls is not known', async () => {
    const without = await reportOn([...mesh, strict], 'shop');
    assert.equal(requireMtls.verify.judge(without, target, change).state, 'waiting');
    const report = await reportOn([...mesh, strict], 'shop', undefined, seen);
    const state = (scrapes: { readonly seen: number; readonly of: number }) => {
      const coverage = report.coverage.map((one) => (one.kind === 'observed' ? { ...one, ...scrapes } : one));
      return requireMtls.verify.judge({ ...report, coverage }, target, change).state;
    };
    assert.equal(state({ seen: 0, of: 2 }), 'waiting', 'no proxy is scraped');
    assert.equal(state({ seen: 0, of: 0 }), 'done', 'what ztunnel counts needs none');
  });

  it('waiting where the report saw nothing', async () => {
    const { demands: _, ...report } = await reportOn([...mesh, strict], 'shop', undefined, seen);
    assert.equal(requireMtls.verify.judge(report, target, change).state, 'waiting');
  });
});

function inStepOf(subject: Ref): Finding {
  return { check: 'proxy-config', code: 'in-step', severity: 'ok', subject, says: { one: '', many: '' }, because: [] };
}
