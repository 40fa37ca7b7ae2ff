import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { mtlsConnections } from '../../src/checks/mtls-connections.ts';
import { destinationRules } from '../../src/collectors/destination-rules.ts';
import { alignDestinationRuleTls } from '../../src/fixes/align-destination-rule-tls.ts';
import { digestOf, planOf, repeats, undoPlanOf } from '../../src/fixes/plan.ts';
import { parametersOf } from '../../src/fixes/tls-edit.ts';
import { tlsPlaces, withTls } from '../../src/mesh/tls-place.ts';
import type { Choice } from '../../src/model/fix.ts';
import type { KubeObject } from '../../src/model/sources.ts';
import type { DestinationRule } from '../../src/model/tls-config.ts';
import { clusterOf } from '../helpers/cluster.ts';
import { manifest, meshConfig, namespace, peerAuthentication, service, workload } from '../helpers/manifests.ts';
import { outline, runCheck } from '../helpers/run-check.ts';
import { choose, live, made, refused, reportOn, request } from './bench.ts';

const fix = alignDestinationRuleTls;
const labels = { app: 'api', version: 'v1' };
const ports = [{ name: 'http', containerPort: 8080 }];
const http = [{ name: 'http', port: 80, targetPort: 8080 }];
const base = [
  namespace('shop', { 'istio-injection': 'enabled' }),
  workload('shop/api', { labels, ports }),
  workload('shop/web', { labels: { app: 'web' } }),
  service('shop/api', { app: 'api' }, http),
];
const mesh = [meshConfig({}), ...base];
const withoutAuto = [meshConfig({ enableAutoMtls: false }), ...base];
const strict = peerAuthentication('shop/default', 'STRICT');
const disabled = peerAuthentication('shop/default', 'DISABLE');
const place = { namespace: 'shop', name: 'api' };
const target = { cluster: 'test', ...place };

function rule(spec: object, id = 'shop/api', created?: string): string {
  return manifest('networking.istio.io/v1', 'DestinationRule', id, {
    ...(created !== undefined && { created }),
    spec: { host: 'api', ...spec },
  });
}

const tls = (mode: string) => ({ tls: { mode } });
const toSubset = manifest('networking.istio.io/v1', 'VirtualService', 'shop/api', {
  spec: { hosts: ['api'], http: [{ route: [{ destination: { host: 'api', subset: 'v1' } }] }] },
});
const bare = [
  workload('shop/bare', { labels: { app: 'bare' }, proxy: 'none', ports }),
  service('shop/bare', { app: 'bare' }, http),
];
const second = service('shop/api', { app: 'api' }, [...http, { name: 'http-two', port: 81, targetPort: 8081 }]);

interface Case {
  readonly name: string;
  readonly mesh?: readonly string[];
  readonly more: readonly string[];
  readonly spec: object;
  readonly expected: object;
}

const cases: readonly Case[] = [
  {
    name: 'removes DISABLE towards STRICT servers, and the policy that is empty then',
    more: [strict],
    spec: { trafficPolicy: tls('DISABLE'), subsets: [{ name: 'v1', labels: { version: 'v1' } }] },
    expected: { subsets: [{ name: 'v1', labels: { version: 'v1' } }] },
  },
  {
    name: 'removes SIMPLE, and keeps the rest of the policy',
    more: [strict],
    spec: { trafficPolicy: { connectionPool: { tcp: { maxConnections: 3 } }, ...tls('SIMPLE') } },
    expected: { trafficPolicy: { connectionPool: { tcp: { maxConnections: 3 } } } },
  },
  {
    name: 'removes MUTUAL that a PERMISSIVE proxy takes for no HTTP',
    more: [],
    spec: { trafficPolicy: tls('MUTUAL') },
    expected: {},
  },
  {
    name: 'removes ISTIO_MUTUAL towards servers that end no TLS',
    more: [disabled],
    spec: { trafficPolicy: tls('ISTIO_MUTUAL') },
    expected: {},
  },
  {
    name: 'removes ISTIO_MUTUAL towards servers without a proxy',
    more: bare,
    spec: { host: 'bare.shop.svc.cluster.local', trafficPolicy: tls('ISTIO_MUTUAL') },
    expected: { host: 'bare.shop.svc.cluster.local' },
  },
  {
    name: 'finds the servers of a wildcard',
    more: [strict],
    spec: { host: '*.shop.svc.cluster.local', trafficPolicy: tls('DISABLE') },
    expected: { host: '*.shop.svc.cluster.local' },
  },
  {
    name: 'sets ISTIO_MUTUAL where auto mTLS is off',
    mesh: withoutAuto,
    more: [strict],
    spec: { trafficPolicy: { tls: { mode: 'SIMPLE', subjectAltNames: ['api.example.com'], sni: 'x' } } },
    expected: { trafficPolicy: tls('ISTIO_MUTUAL') },
  },
  {
    name: 'changes only the subset that calls go to',
    more: [strict, toSubset],
    spec: {
      subsets: [
        { name: 'v1', labels: { version: 'v1' }, trafficPolicy: tls('DISABLE') },
        { name: 'v2', labels: { version: 'v2' }, trafficPolicy: tls('DISABLE') },
      ],
    },
    expected: {
      subsets: [
        { name: 'v1', labels: { version: 'v1' } },
        { name: 'v2', labels: { version: 'v2' }, trafficPolicy: tls('DISABLE') },
      ],
    },
  },
  {
    name: 'changes the subset and what is above it, where both stand in the way',
    more: [strict, toSubset],
    spec: { trafficPolicy: tls('SIMPLE'), subsets: [{ name: 'v1', labels, trafficPolicy: tls('DISABLE') }] },
    expected: { subsets: [{ name: 'v1', labels }] },
  },
  {
    name: 'changes only the port that is refused',
    more: [second, peerAuthentication('shop/api', 'STRICT', { selector: { app: 'api' }, ports: { 8081: 'DISABLE' } })],
    spec: {
      trafficPolicy: {
        ...tls('ISTIO_MUTUAL'),
        portLevelSettings: [
          { port: { number: 80 }, ...tls('DISABLE') },
          { port: { number: 81 }, ...tls('DISABLE') },
        ],
      },
    },
    expected: {
      trafficPolicy: { ...tls('ISTIO_MUTUAL'), portLevelSettings: [{ port: { number: 81 }, ...tls('DISABLE') }] },
    },
  },
];

function asked(manifests: readonly string[], where = place) {
  return choose(fix, manifests, where);
}

describe('align-destination-rule-tls', () => {
  for (const { name, more, spec, expected, mesh: own = mesh } of cases) {
    it(name, async () => {
      const yaml = rule(spec);
      const manifests = [...own.filter((one) => !more.includes(second) || one !== base[3]), ...more];
      const object = live(yaml);
      const plan = made(planOf(fix, made(await asked([...manifests, yaml])), object, request(place)));
      assert.deepEqual(plan.change.after?.spec, { host: 'api', ...expected });
      assert.equal(repeats(fix, plan, object), undefined);
      const after = rule(expected);
      const report = await reportOn([...manifests, after], 'shop');
      assert.equal(fix.verify.judge(report, target, plan.change).state, 'done');
      const before = await reportOn([...manifests, yaml], 'shop');
      assert.equal(fix.verify.judge(before, target, plan.change).state, 'failed');
      const asks = before.findings.filter((one) => one.fix !== undefined);
      assert.deepEqual(
        new Set(asks.map((one) => JSON.stringify(one.fix))),
        new Set([JSON.stringify({ fix: fix.id, ...place })]),
      );
    });
  }

  it('waits for proxies that may not have it yet', async () => {
    const yaml = rule({ trafficPolicy: tls('DISABLE') });
    const { change } = made(planOf(fix, made(await asked([...mesh, strict, yaml])), live(yaml), request(place)));
    const fresh = rule({}, 'shop/api', '2026-01-01T00:00:00Z');
    const at = async (takenAt: string) =>
      fix.verify.judge(await reportOn([...mesh, strict, fresh], 'shop', takenAt), target, change).state;
    assert.deepEqual([await at('2026-01-01T00:00:20Z'), await at('2026-01-01T00:02:00Z')], ['waiting', 'done']);
  });

  it('is not done while it is not known whether a call that it bears on works', async () => {
    const yaml = rule({ trafficPolicy: tls('DISABLE') });
    const { change } = made(planOf(fix, made(await asked([...mesh, strict, yaml])), live(yaml), request(place)));
    const report = await reportOn([...mesh, strict, rule({ trafficPolicy: tls('ISTIO_MUTUAL') })], 'shop');
    const [first, ...others] = report.connections ?? [];
    assert.ok(first?.outcome === 'works');
    const state = (outcome: 'works' | 'unknown') => {
      const connections = [first, { ...first, outcome }, ...others];
      return fix.verify.judge({ ...report, connections }, target, change).state;
    };
    assert.deepEqual([state('works'), state('unknown')], ['done', 'waiting']);
  });

  it('is not done while a call to the host fails by the TLS of another object, unless its caller has no proxy', async () => {
    const yaml = rule({ exportTo: ['.'], trafficPolicy: tls('DISABLE') });
    const { change } = made(planOf(fix, made(await asked([...mesh, strict, yaml])), live(yaml), request(place)));
    const own = rule({ workloadSelector: { matchLabels: { app: 'web' } }, trafficPolicy: tls('DISABLE') }, 'shop/own');
    const outsider = workload('shop/old', { labels: { app: 'old' }, proxy: 'none' });
    const deny = manifest('security.istio.io/v1', 'AuthorizationPolicy', 'shop/who', {
      spec: { action: 'DENY', rules: [{ from: [{ source: { principals: ['*/sa/web'] } }] }] },
    });
    const judged = async (...more: readonly string[]) =>
      fix.verify.judge(await reportOn([...mesh, strict, rule({}), ...more], 'shop'), target, change);
    const { state, says } = await judged(own);
    assert.equal(state, 'waiting');
    assert.match(says, /web → api:80/);
    assert.deepEqual(
      [(await judged()).state, (await judged(outsider)).state, (await judged(deny)).state],
      ['done', 'done', 'done'],
    );
  });

  it('is not carried out on another rule than was asked for', async () => {
    const yaml = rule({ trafficPolicy: tls('DISABLE') });
    const plan = made(planOf(fix, made(await asked([...mesh, strict, yaml])), live(yaml), request(place)));
    const turned = { ...plan, target: { ...target, name: 'other' } };
    refused(repeats(fix, { ...turned, digest: digestOf(turned) }, live(yaml)));
  });

  it('is not offered for a rule beside the caller: from there, its servers are not seen', async () => {
    const there = manifest('networking.istio.io/v1', 'DestinationRule', 'front/api', {
      spec: { host: 'api.shop.svc.cluster.local', trafficPolicy: tls('DISABLE') },
    });
    const caller = [namespace('front'), workload('front/web', { labels: { app: 'web' } })];
    const manifests = [...mesh, strict, ...caller, there];
    const findings = await runCheck(mtlsConnections, manifests, { namespace: 'shop', from: ['front'] });
    assert.ok(outline(findings).includes('error plaintext-refused front/web'));
    assert.deepEqual(
      findings.filter((one) => one.fix !== undefined),
      [],
    );
    refused(await asked(manifests, { namespace: 'front', name: 'api' }));
  });

  it('edits the object that the policy is from, and sends on from one that does not count', async () => {
    const older = rule({ trafficPolicy: tls('DISABLE') }, 'shop/older', '2026-01-01T00:00:00Z');
    const younger = rule({ trafficPolicy: tls('DISABLE') }, 'shop/younger', '2026-02-01T00:00:00Z');
    const manifests = [
      ...mesh,
      strict,
      older,
      rule({ trafficPolicy: tls('SIMPLE') }, 'shop/younger', '2026-02-01T00:00:00Z'),
    ];
    refused(await asked(manifests, { namespace: 'shop', name: 'younger' }));
    // Were the older policy empty, the younger one would count, and be refused as well.
    const over = made(await asked([...mesh, strict, older, younger], { namespace: 'shop', name: 'older' }));
    assert.equal(over.parameters?.remedy, 'ISTIO_MUTUAL');
    const harmless = rule({ subsets: [{ name: 'v1', labels }] }, 'shop/younger', '2026-02-01T00:00:00Z');
    const alone = made(await asked([...mesh, strict, older, harmless], { namespace: 'shop', name: 'older' }));
    assert.equal(alone.parameters?.remedy, 'remove');
  });

  it('says that callers elsewhere were not judged, unless the rule is for its own namespace', async () => {
    const forAll = made(await asked([...mesh, strict, rule({ trafficPolicy: tls('DISABLE') })]));
    assert.equal(forAll.doubts?.length, 1);
    assert.ok(!forAll.effects.some(saysNoOther));
    const own = made(await asked([...mesh, strict, rule({ exportTo: ['.'], trafficPolicy: tls('DISABLE') })]));
    assert.deepEqual(own.doubts, []);
    assert.ok(own.effects.some(saysNoOther));
  });
});

const saysNoOther = (effect: string) => effect.startsWith('No other call changes');

const external = manifest('networking.istio.io/v1', 'ServiceEntry', 'shop/out', {
  spec: {
    hosts: ['api.example.com'],
    location: 'MESH_EXTERNAL',
    ports: [{ number: 443, name: 'tls', protocol: 'TLS' }],
  },
});

describe('align-destination-rule-tls refuses', () => {
  const disable = { trafficPolicy: tls('DISABLE') };
  const byRequest = manifest('security.istio.io/v1', 'AuthorizationPolicy', 'shop/who', {
    spec: { rules: [{ to: [{ operation: { paths: ['/open'] } }] }] },
  });
  const rootInShop = meshConfig({ rootNamespace: 'shop' });
  const at80 = (mode?: string) => ({
    port: { number: 80 },
    ...(mode === undefined ? { loadBalancer: { simple: 'ROUND_ROBIN' } } : tls(mode)),
  });
  const subsetOf = (mode: string) => ({ name: 'v1', labels, trafficPolicy: tls(mode) });
  const vault = [
    workload('shop/vault', {
      labels: { app: 'vault' },
      proxy: 'none',
      ports: [{ name: 'https', containerPort: 8200 }],
    }),
    service('shop/vault', { app: 'vault' }, [{ name: 'http', port: 80, targetPort: 8200 }]),
  ];
  const raw = [
    workload('shop/vault', { labels: { app: 'vault' }, ports: [{ name: 'https', containerPort: 8200 }] }),
    service('shop/vault', { app: 'vault' }, [{ name: 'tcp', port: 80, targetPort: 8200 }]),
  ];
  const toVault = (mode: string) => rule({ host: 'vault', trafficPolicy: tls(mode) });
  const refusals: readonly [string, readonly string[], RegExp][] = [
    ['a rule that is not there', [...mesh, strict], /There is no/],
    ['a rule that sets no TLS', [...mesh, strict, rule({ subsets: [{ name: 'v1', labels }] })], /sets no TLS/],
    ['a rule for what is outside', [...mesh, external, rule({ host: 'api.example.com', ...disable })], /outside/],
    ['a rule for a host that is not there', [...mesh, strict, rule({ host: 'nope', ...disable })], /no such Service/],
    ['a rule that contradicts nothing', [...mesh, strict, rule({ trafficPolicy: tls('ISTIO_MUTUAL') })], /No call/],
    ['a rule that is taken', [...mesh, rule(disable)], /No call/],
    ['a rule that nobody uses', [meshConfig({}), base[0] ?? '', base[3] ?? '', rule(disable)], /Nobody/],
    ['what is not known', [...mesh, byRequest, rule({ trafficPolicy: tls('ISTIO_MUTUAL') })], /not known/],
    ['a rule in the root namespace', [rootInShop, ...base, strict, rule(disable)], /root namespace/],
    ['a rule for all hosts', [...mesh, strict, rule({ host: '*', ...disable })], /outside shop/],
    ['a rule for all Services', [...mesh, strict, rule({ host: '*.local', ...disable })], /outside shop/],
    [
      'a wildcard that ends like the namespace',
      [...mesh, strict, rule({ host: '*shop.svc.cluster.local', ...disable })],
      /outside shop/,
    ],
    [
      'a port that has two entries',
      [...mesh, strict, rule({ trafficPolicy: { portLevelSettings: [at80('DISABLE'), at80('SIMPLE')] } })],
      /two policies at port 80/,
    ],
    [
      'a port that has two entries, one of them without TLS',
      [...mesh, strict, rule({ trafficPolicy: { ...tls('DISABLE'), portLevelSettings: [at80(), at80('SIMPLE')] } })],
      /two policies at port 80/,
    ],
    [
      'a subset that is there twice',
      [...mesh, strict, rule({ ...disable, subsets: [subsetOf('DISABLE'), subsetOf('SIMPLE')] })],
      /two policies of subset v1/,
    ],
    ['TLS that a server without a proxy may serve', [...mesh, ...vault, toVault('SIMPLE')], /not known.*vault:80/],
    [
      'TLS that a server behind a PERMISSIVE proxy may serve',
      [...mesh, ...raw, toVault('MUTUAL')],
      /not known.*vault:80/,
    ],
    [
      'TLS in whose place plaintext would be sent',
      [...mesh, disabled, rule({ trafficPolicy: tls('SIMPLE') })],
      /plaintext/,
    ],
    [
      'what would take TLS from a server that may serve it',
      [...mesh, strict, ...vault, rule({ host: '*.shop.svc.cluster.local', trafficPolicy: tls('SIMPLE') })],
      /go without TLS: .*vault:80/,
    ],
    [
      'what would put mTLS in the place of TLS that gets through a proxy',
      [
        ...mesh,
        peerAuthentication('shop/api', 'STRICT', { selector: { app: 'api' } }),
        ...raw,
        rule({ host: '*.shop.svc.cluster.local', trafficPolicy: tls('SIMPLE') }),
      ],
      /go without TLS: .*vault:80/,
    ],
    [
      'what would take mTLS from others',
      [
        ...withoutAuto,
        workload('shop/bare', { labels: { app: 'bare' }, proxy: 'none', ports }),
        service('shop/bare', { app: 'bare' }, http),
        rule({ host: '*.shop.svc.cluster.local', trafficPolicy: tls('ISTIO_MUTUAL') }),
      ],
      /lose mTLS/,
    ],
  ];
  for (const [name, manifests, why] of refusals) {
    it(name, async () => {
      assert.match(refused(await asked(manifests)).refused, why);
    });
  }

  it('to edit a rule that has changed, or by parameters that are none', () => {
    const object = live(rule({ trafficPolicy: tls('DISABLE') }));
    const good = parametersOf('remove', [{}]);
    made(fix.edit(object, target, good));
    for (const parameters of [
      {},
      { ...good, remedy: 'MUTUAL' },
      { ...good, places: 'v1' },
      { ...good, places: ': v1:' },
    ]) {
      refused(fix.edit(object, target, parameters));
    }
    refused(fix.edit(null, target, good));
    const twice = { portLevelSettings: [80, 80].map((number) => ({ port: { number }, ...tls('DISABLE') })) };
    refused(fix.edit(live(rule({ trafficPolicy: { ...tls('DISABLE'), ...twice } })), target, good));
    const subsets = [1, 2].map(() => ({ name: 'v1', labels, trafficPolicy: tls('DISABLE') }));
    refused(fix.edit(live(rule({ subsets })), target, parametersOf('remove', [{ subset: 'v1' }])));
    refused(fix.edit({ ...object, spec: 'text' }, target, good));
  });
});

const anyTls = fc.record({ mode: fc.constantFrom('DISABLE', 'SIMPLE', 'MUTUAL', 'ISTIO_MUTUAL') });
const loadBalancer = fc.constant({ simple: 'ROUND_ROBIN' });
const entry = (number: number) =>
  fc.record(
    { port: fc.constant({ number }), tls: anyTls, loadBalancer, outlierDetection: fc.constant({ interval: '3s' }) },
    { requiredKeys: ['port'] },
  );
const policy = fc.record(
  {
    tls: anyTls,
    loadBalancer,
    connectionPool: fc.constant({ tcp: { maxConnections: 3 } }),
    portLevelSettings: fc.oneof(fc.tuple(entry(80)), fc.tuple(entry(80), entry(81))),
  },
  { requiredKeys: [] },
);
const subset = (name: string) =>
  fc.record(
    { name: fc.constant(name), labels: fc.constant({ version: name }), trafficPolicy: policy },
    {
      requiredKeys: ['name', 'labels'],
    },
  );
const spec = fc.record(
  {
    host: fc.constant('api'),
    exportTo: fc.constant(['.']),
    trafficPolicy: policy,
    subsets: fc.tuple(subset('v1'), subset('v2')),
  },
  { requiredKeys: ['host'] },
);

async function projected(given: object): Promise<DestinationRule> {
  const sources = { cluster: clusterOf(rule(given)) };
  const { value } = await destinationRules.collect({
    sources,
    target: { cluster: 'test' },
    signal: AbortSignal.timeout(5_000),
    evidence: () => Promise.reject(new Error('not needed')),
    collected: () => Promise.reject(new Error('not needed')),
  });
  const [found] = value;
  assert.ok(found);
  return found;
}

describe('align-destination-rule-tls: the change', () => {
  const choiceOf = (parameters: Choice['parameters']): Choice => ({
    resource: {
      group: 'networking.istio.io',
      plural: 'destinationrules',
      kind: 'DestinationRule',
      versions: ['v1'],
      namespaced: true,
    },
    ...place,
    risk: 'low',
    effects: [],
    ...(parameters && { parameters }),
  });
  const picked = fc.tuple(spec, fc.constantFrom('remove' as const, 'ISTIO_MUTUAL' as const), fc.nat());

  it('is what was judged, touches nothing else, goes back to the letter, and is made once', async () => {
    await fc.assert(
      fc.asyncProperty(picked, async ([given, remedy, bits]) => {
        const before = await projected(given);
        const places = tlsPlaces(before).filter((_, index) => bits & (1 << index));
        fc.pre(places.length > 0);
        const object = live(rule(given));
        const worked = planOf(fix, choiceOf(parametersOf(remedy, places)), object, request(place));
        fc.pre(!('refused' in worked));
        const plan = made(worked);
        const after = plan.change.after as KubeObject;
        const now = await projected(after.spec as object);
        const judged = (['stays', 'goes'] as const).map((one) => withTls(before, places, remedy, one));
        const kept = (one: DestinationRule) => JSON.stringify(tlsPlaces(one));
        assert.deepEqual(tlsPlaces(now), tlsPlaces(judged[0] as DestinationRule));
        assert.equal(kept(now), kept(judged[1] as DestinationRule));
        assert.deepEqual(withoutTls(after.spec), withoutTls(object.spec));
        refused(planOf(fix, choiceOf(parametersOf(remedy, places)), after, request(place, 'p2')));
        const undo = made(undoPlanOf(plan, after, request(place, 'p3')));
        const { managedFields: _, ...metadata } = object.metadata;
        assert.deepEqual(undo.change.after, { ...object, metadata });
        assert.equal(repeats(fix, undo, after), undefined);
      }),
      { numRuns: 150 },
    );
  });
});

/** Everything but TLS, and what is nothing without it. */
function withoutTls(value: unknown): unknown {
  const text = JSON.stringify(value, (key, one: unknown) => (key === 'tls' ? undefined : one));
  return JSON.parse(text, (key, one: unknown) => {
    if (key === 'portLevelSettings' && Array.isArray(one)) {
      const full = one.filter((each) => Object.keys(each).length > 1);
      return full.length === 0 ? undefined : full;
    }
    const isEmpty = key === 'trafficPolicy' && typeof one === 'object' && one !== null && !Object.keys(one).length;
    return isEmpty ? undefined : one;
  });
}
