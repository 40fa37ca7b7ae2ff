import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  authorizationPolicy,
  call,
  destinationRule,
  httpRoute,
  type Parts,
  peerAuthentication,
  service,
  view,
  virtualService,
  workload,
} from './view.ts';

const tunnel = { 'networking.istio.io/tunnel': 'http' };
const workloads = [
  workload('alpha/ambient', { proxy: 'ambient' }),
  workload('alpha/sidecar'),
  workload('alpha/hbone', { labels: tunnel }),
  workload('alpha/naked', { proxy: 'none' }),
  workload('beta/ambient', { proxy: 'ambient' }),
  workload('beta/sidecar'),
  workload('beta/hbone', { labels: tunnel }),
  workload('beta/naked', { proxy: 'none' }),
];
const services = workloads.slice(4).map((one) => service([one]));
const clients = ['alpha/ambient', 'alpha/sidecar', 'alpha/hbone', 'alpha/naked'];

interface Case extends Parts {
  readonly name: string;
  readonly to: string;
  /** For an ambient client, a sidecar, a sidecar that knows HBONE, and none. */
  readonly is: readonly string[];
}

const mtls = 'works mtls';
const plain = 'works plaintext';
const strict = [peerAuthentication('beta/default', 'STRICT')];
const disable = [peerAuthentication('beta/default', 'DISABLE')];
const forced = [destinationRule('beta/r', '*.beta.svc.cluster.local', { tls: 'ISTIO_MUTUAL' })];
const onlyHbone = [
  authorizationPolicy('beta/a', 'ALLOW', [
    { from: [{ principals: ['cluster.local/ns/alpha/sa/ambient'] }], to: [], when: [] },
  ]),
];
const byPath = [authorizationPolicy('beta/a', 'DENY', [{ from: [], to: [{ paths: ['/x'] }], when: [] }])];

const cases: readonly Case[] = [
  { name: 'ambient server', to: 'beta/ambient', is: [mtls, plain, mtls, plain] },
  {
    name: 'ambient server at STRICT',
    to: 'beta/ambient',
    peerAuthentications: strict,
    is: [mtls, 'fails plaintext', mtls, 'fails plaintext'],
  },
  {
    name: 'DISABLE is PERMISSIVE to ztunnel',
    to: 'beta/ambient',
    peerAuthentications: disable,
    is: [mtls, plain, mtls, plain],
  },
  {
    name: 'the mTLS of a sidecar is not for ztunnel',
    to: 'beta/ambient',
    destinationRules: forced,
    is: [mtls, 'fails mtls', mtls, plain],
  },
  {
    name: 'who has an identity',
    to: 'beta/ambient',
    authorizationPolicies: onlyHbone,
    is: [mtls, 'fails plaintext', 'fails mtls', 'fails plaintext'],
  },
  {
    name: 'ztunnel knows no HTTP: the whole port is denied',
    to: 'beta/ambient',
    authorizationPolicies: byPath,
    is: ['fails mtls', 'fails plaintext', 'fails mtls', 'fails plaintext'],
  },
  { name: 'server with a sidecar', to: 'beta/sidecar', is: [plain, mtls, mtls, plain] },
  {
    name: 'server with a sidecar at STRICT',
    to: 'beta/sidecar',
    peerAuthentications: strict,
    is: ['fails plaintext', mtls, mtls, 'fails plaintext'],
  },
  {
    name: 'server whose sidecar knows HBONE, at STRICT',
    to: 'beta/hbone',
    peerAuthentications: strict,
    is: [mtls, mtls, mtls, 'fails plaintext'],
  },
  { name: 'server without a proxy', to: 'beta/naked', is: [plain, plain, plain, plain] },
];

describe('ambient', () => {
  for (const { name, to, is, ...parts } of cases) {
    it(name, () => {
      const mesh = view({ workloads, services, ...parts });
      const found = clients.map((client) => call(mesh, client, to)).map(({ outcome, wire }) => `${outcome} ${wire}`);
      assert.deepEqual(found, is);
    });
  }

  it('is not foretold past a waypoint that steers or guards', () => {
    const [, , , , server] = workloads;
    if (server === undefined) throw new Error('no server');
    const behind = [{ ...service([server]), labels: { 'istio.io/use-waypoint': 'waypoint' } }];
    const outcome = (parts: Parts) =>
      call(view({ workloads, services: behind, ...parts }), 'alpha/ambient', 'beta/ambient').outcome;
    assert.equal(outcome({}), 'works');
    const route = { http: [httpRoute('ambient')] };
    assert.equal(outcome({ virtualServices: [virtualService('beta/v', ['ambient'], route)] }), 'unknown');
    const targetRefs = ['Service/ambient'];
    assert.equal(
      outcome({ authorizationPolicies: [authorizationPolicy('beta/a', 'DENY', [], { targetRefs })] }),
      'unknown',
    );
  });
});
