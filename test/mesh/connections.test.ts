import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { connections } from '../../src/mesh/connections.ts';
import type { MtlsMode } from '../../src/model/tls-config.ts';
import {
  all,
  call,
  destinationRule,
  outline,
  peerAuthentication,
  revision,
  service,
  sidecar,
  view,
  workload,
} from './view.ts';

const client = workload('alpha/client');
const server = workload('beta/server');

describe('connections', () => {
  it('are one for each client, Service port and workload behind it', () => {
    const v1 = workload('beta/reviews-v1');
    const v2 = workload('beta/reviews-v2', { proxy: 'none' });
    const mesh = view({
      workloads: [client, v1, v2],
      services: [service([v1, v2], ['http:80', 'tcp:9000'], { id: 'beta/reviews' })],
    });
    const wanted = { clients: ({ namespace }: { namespace: string }) => namespace === 'alpha', servers: () => true };
    assert.deepEqual(
      connections(mesh, wanted).map(
        ({ server: to, service: of, port, wire }) => `${to.workload} ${of}:${port} ${wire}`,
      ),
      [
        'reviews-v1 reviews:80 mtls',
        'reviews-v2 reviews:80 plaintext',
        'reviews-v1 reviews:9000 mtls',
        'reviews-v2 reviews:9000 plaintext',
      ],
    );
  });

  it('leave out UDP', () => {
    const dns = service([server], ['dns:53']);
    const udp = { ...dns, ports: dns.ports.map((port) => ({ ...port, protocol: 'UDP' })) };
    assert.deepEqual(outline(view({ workloads: [client, server], services: [udp] })), []);
  });

  it('fail without a ready pod, and nothing is sent', () => {
    const down = workload('beta/server', { ready: false });
    const { outcome, wire } = call(
      view({ workloads: [client, down], services: [service([down])] }),
      'alpha/client',
      'beta/server',
    );
    assert.deepEqual([outcome, wire], ['fails', 'none']);
  });

  it('are none of a client without pods', () => {
    const idle = workload('alpha/idle', { pods: [] });
    assert.deepEqual(
      outline(view({ workloads: [idle, server], services: [service([server])] })).filter((one) =>
        one.startsWith('alpha'),
      ),
      [],
    );
  });

  it('are foretold from templates where there are only manifests', () => {
    const template = (id: string, labels = {}) => ({ ...workload(id, { labels, pods: [] }), replicas: 1 });
    const [from, to, out] = [
      template('alpha/client'),
      template('beta/server'),
      template('beta/out', { 'sidecar.istio.io/inject': 'false' }),
    ];
    const of = (one: typeof to) => ({ ...service([one]), selector: { app: one.name } });
    const items = ['alpha', 'beta'].map((name) => ({ name, labels: { 'istio-injection': 'enabled' } }));
    const mesh = view({
      workloads: [from, to, out],
      services: [of(to), of(out)],
      namespaces: { complete: true, items },
    });
    assert.deepEqual(
      outline(mesh).filter((one) => one.startsWith('alpha')),
      ['alpha/client > beta/server:80 works mtls', 'alpha/client > beta/out:80 works plaintext'],
    );
  });

  it('are unknown where pods of the server differ and some refuse', () => {
    const mixed = workload('beta/server', { pods: [{}, { proxy: 'none' }] });
    const parts = { workloads: [client, mixed], services: [service([mixed])] };
    assert.equal(call(view(parts), 'alpha/client', 'beta/server').outcome, 'works');
    const destinationRules = [destinationRule('beta/r', 'server', { tls: 'ISTIO_MUTUAL' })];
    const { outcome, because } = call(view({ ...parts, destinationRules }), 'alpha/client', 'beta/server');
    assert.equal(outcome, 'unknown');
    assert.match(because[0] ?? '', /1 work and 1 fail/);
  });

  it('are unknown where pods of the client differ and some are refused', () => {
    const mixed = workload('alpha/client', { pods: [{}, { proxy: 'none' }] });
    const peerAuthentications = [peerAuthentication('beta/default', 'STRICT')];
    const mesh = view({ workloads: [mixed, server], services: [service([server])], peerAuthentications });
    assert.equal(call(mesh, 'alpha/client', 'beta/server').outcome, 'unknown');
  });

  it('still send mTLS to a port that is excluded from the server’s proxy, and fail', () => {
    const excluded = workload('beta/server', {
      annotations: { 'traffic.sidecar.istio.io/excludeInboundPorts': '8080,9090' },
    });
    const mesh = view({ workloads: [client, excluded], services: [service([excluded], ['http:80>8080', 'tcp:9000'])] });
    assert.equal(call(mesh, 'alpha/client', 'beta/server', 80).outcome, 'fails');
    assert.equal(call(mesh, 'alpha/client', 'beta/server', 9000).outcome, 'works');
    const mended = { ...mesh, destinationRules: [destinationRule('beta/r', 'server', { ports: { 80: 'DISABLE' } })] };
    assert.equal(call(mended, 'alpha/client', 'beta/server', 80).outcome, 'works');
  });

  it('pass the mesh by at a port that is excluded from the client’s proxy', () => {
    const annotations = { 'traffic.sidecar.istio.io/excludeOutboundPorts': '80' };
    const excluding = workload('alpha/client', { annotations });
    const peerAuthentications = [peerAuthentication('beta/default', 'STRICT')];
    const mesh = view({
      workloads: [excluding, server],
      services: [service([server], ['http:80', 'tcp:9000'])],
      peerAuthentications,
    });
    assert.deepEqual(
      [80, 9000].map((port) => call(mesh, 'alpha/client', 'beta/server', port).outcome),
      ['fails', 'works'],
    );
  });

  it('hang where the server speaks first and a PERMISSIVE proxy listens for TLS', () => {
    const naked = workload('legacy/client', { proxy: 'none' });
    const parts = { workloads: [client, naked, server], services: [service([server], ['mysql:3306'])] };
    const outcomes = (mode: MtlsMode) => {
      const mesh = view({ ...parts, peerAuthentications: [peerAuthentication('beta/default', mode)] });
      return ['alpha/client', 'legacy/client'].map((one) => call(mesh, one, 'beta/server', 3306).outcome);
    };
    assert.deepEqual(outcomes('PERMISSIVE'), ['works', 'fails']);
    assert.deepEqual(outcomes('STRICT'), ['works', 'fails']);
    assert.deepEqual(outcomes('DISABLE'), ['works', 'works']);
  });

  it('follow the istiod that each side obeys', () => {
    const canary = workload('alpha/client', { revision: 'canary' });
    const revisions = [revision(), revision({ name: 'canary', rootNamespace: 'canary-system' })];
    const off = { tls: 'DISABLE' } as const;
    const parts = {
      revisions,
      workloads: [canary, server],
      services: [service([server])],
      peerAuthentications: [peerAuthentication('istio-system/default', 'STRICT')],
    };
    const rule = (name: string) => [
      destinationRule('alpha/r', 'server.beta.svc.cluster.local', { ...off, revision: name }),
    ];
    assert.equal(
      call(view({ ...parts, destinationRules: rule('canary') }), 'alpha/client', 'beta/server').outcome,
      'fails',
    );
    assert.equal(
      call(view({ ...parts, destinationRules: rule('default') }), 'alpha/client', 'beta/server').outcome,
      'works',
    );
  });

  it('take the older of two Services at its word about a pod’s port', () => {
    const older = service([server], ['http:80>8080']);
    const younger = service([server], ['tcp:9000>8080'], { id: 'beta/raw' });
    const mesh = view({ workloads: [client, server], services: [younger, older] });
    assert.equal(call(mesh, 'alpha/client', 'beta/server', 9000).outcome, 'unknown');
    assert.equal(call(mesh, 'alpha/client', 'beta/server', 80).outcome, 'works');
  });
});

const modes = fc.constantFrom(undefined, 'STRICT', 'PERMISSIVE', 'DISABLE') as fc.Arbitrary<MtlsMode | undefined>;
const tls = fc.constantFrom(undefined, 'DISABLE', 'ISTIO_MUTUAL', 'SIMPLE') as fc.Arbitrary<
  'DISABLE' | 'ISTIO_MUTUAL' | 'SIMPLE' | undefined
>;

const meshes = fc
  .record({
    mesh: modes,
    namespace: modes,
    own: modes,
    port: modes,
    rule: tls,
    entry: fc.constantFrom(undefined, null, 'DISABLE', 'ISTIO_MUTUAL') as fc.Arbitrary<
      null | 'DISABLE' | 'ISTIO_MUTUAL' | undefined
    >,
    pods: fc.array(fc.constantFrom('sidecar', 'none') as fc.Arbitrary<'sidecar' | 'none'>, {
      minLength: 1,
      maxLength: 3,
    }),
    headless: fc.boolean(),
    scoped: fc.boolean(),
  })
  .map(({ mesh, namespace, own, port, rule, entry, pods, headless, scoped }) => {
    const target = workload('beta/server', {
      pods: pods.map((proxy, index) => ({ proxy, labels: { pod: String(index) } })),
    });
    const ports = port === undefined ? {} : { 8080: port };
    return {
      target,
      parts: {
        peerAuthentications: [
          peerAuthentication('istio-system/default', mesh),
          peerAuthentication('beta/default', namespace),
          peerAuthentication('beta/own', own, { selector: { app: 'server' }, ports }),
        ],
        destinationRules:
          rule === undefined && entry === undefined
            ? []
            : [
                destinationRule('beta/r', 'server', {
                  ...(rule && { tls: rule }),
                  ...(entry !== undefined && { ports: { 8080: entry } }),
                }),
              ],
        sidecars: scoped ? [sidecar('alpha/s', ['./*'])] : [],
      },
      headless,
    };
  });

describe('of any configuration', () => {
  const naked = workload('legacy/client', { proxy: 'none' });
  const of = (one: typeof server, parts: object, headless: boolean) => {
    return all(
      view({ workloads: [client, naked, one], services: [service([one], ['http:8080'], { headless })], ...parts }),
    ).filter(({ client: from }) => from.workload === 'client');
  };

  it('a pod of its own is never unknown', () => {
    fc.assert(
      fc.property(meshes, ({ target, parts, headless }) => {
        const [pod] = target.pods;
        const single = { ...target, pods: pod === undefined ? [] : [pod] };
        for (const { outcome, wire } of of(single, parts, headless)) {
          assert.notEqual(outcome, 'unknown');
          assert.notEqual(wire, 'unknown');
        }
      }),
    );
  });

  it('several pods work only if each would; they fail only if each would', () => {
    fc.assert(
      fc.property(meshes, ({ target, parts }) => {
        const singles = target.pods.map((pod) =>
          of({ ...target, pods: [pod] }, parts, false).map(({ outcome }) => outcome),
        );
        for (const [index, { outcome }] of of(target, parts, false).entries()) {
          const outcomes = new Set(singles.map((one) => one[index]));
          assert.equal(outcome, outcomes.size === 1 ? [...outcomes][0] : 'unknown');
        }
      }),
    );
  });

  it('says why', () => {
    fc.assert(
      fc.property(meshes, ({ target, parts, headless }) => {
        for (const { because } of of(target, parts, headless)) assert.notEqual(because.length, 0);
      }),
    );
  });
});
