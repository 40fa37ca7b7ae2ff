import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  call,
  httpRoute,
  type Parts,
  peerAuthentication,
  revision,
  service,
  sidecar,
  view,
  virtualService,
  workload,
} from './view.ts';

const client = workload('alpha/client');
const gateway = workload('alpha/gateway', { proxy: 'gateway' });
const server = workload('beta/server');
const other = workload('beta/other');
const services = [service([server], ['http:80>8080', 'tcp:9000']), service([other])];
const passed = 'works plaintext';
const refused = 'fails none';
const inMesh = 'works mtls';

interface Case extends Parts {
  readonly name: string;
  readonly from?: string;
  readonly port?: number;
  readonly is: string;
}

const cases: readonly Case[] = [
  { name: 'without one, everything is known', is: inMesh },
  {
    name: 'a namespace that is not listed is passed by',
    sidecars: [sidecar('alpha/s', ['./*', 'istio-system/*'])],
    is: passed,
  },
  {
    name: 'and that breaks at STRICT',
    sidecars: [sidecar('alpha/s', ['./*'])],
    peerAuthentications: [peerAuthentication('beta/default', 'STRICT')],
    is: 'fails plaintext',
  },
  {
    name: 'or is refused',
    sidecars: [sidecar('alpha/s', ['./*'], { outboundTrafficPolicy: 'REGISTRY_ONLY' })],
    is: refused,
  },
  {
    name: 'TCP is refused too',
    port: 9000,
    sidecars: [sidecar('alpha/s', ['./*'], { outboundTrafficPolicy: 'REGISTRY_ONLY' })],
    is: refused,
  },
  {
    name: 'the mesh’s policy holds where it has none',
    revisions: [revision({ outboundTrafficPolicy: 'REGISTRY_ONLY' })],
    sidecars: [sidecar('alpha/s', ['./*'])],
    is: refused,
  },
  {
    name: 'its own replaces the mesh’s',
    revisions: [revision({ outboundTrafficPolicy: 'REGISTRY_ONLY' })],
    sidecars: [sidecar('alpha/s', ['./*'], { outboundTrafficPolicy: 'ALLOW_ANY' })],
    is: passed,
  },
  { name: 'the namespace is listed', sidecars: [sidecar('alpha/s', ['beta/*'])], is: inMesh },
  { name: 'the host is listed', sidecars: [sidecar('alpha/s', ['beta/server.beta.svc.cluster.local'])], is: inMesh },
  { name: 'another host is', sidecars: [sidecar('alpha/s', ['beta/other.beta.svc.cluster.local'])], is: passed },
  { name: 'any namespace', sidecars: [sidecar('alpha/s', ['*/server.beta.svc.cluster.local'])], is: inMesh },
  { name: 'a wildcard', sidecars: [sidecar('alpha/s', ['beta/*.beta.svc.cluster.local'])], is: inMesh },
  { name: 'short names match nothing', sidecars: [sidecar('alpha/s', ['beta/server'])], is: passed },
  { name: 'nothing at all', sidecars: [sidecar('alpha/s', ['~/*'])], is: passed },
  { name: 'all but', sidecars: [sidecar('alpha/s', ['*/*', '~beta/server.beta.svc.cluster.local'])], is: passed },
  { name: 'an empty egress is everything', sidecars: [sidecar('alpha/s', [], { egress: [] })], is: inMesh },
  {
    name: 'one with a selector goes first',
    sidecars: [
      sidecar('alpha/all', ['./*']),
      sidecar('alpha/own', ['beta/*'], { workloadSelector: { app: 'client' } }),
    ],
    is: inMesh,
  },
  {
    name: 'an empty selector too',
    sidecars: [sidecar('alpha/all', ['./*']), sidecar('alpha/own', ['beta/*'], { workloadSelector: {} })],
    is: inMesh,
  },
  {
    name: 'not one that selects others',
    sidecars: [sidecar('alpha/own', ['./*'], { workloadSelector: { app: 'other' } })],
    is: inMesh,
  },
  { name: 'the oldest of two', sidecars: [sidecar('alpha/a', ['beta/*']), sidecar('alpha/b', ['./*'])], is: inMesh },
  {
    name: 'the root namespace’s, where the namespace has none',
    sidecars: [sidecar('istio-system/default', ['./*'])],
    is: passed,
  },
  {
    name: 'not where it has',
    sidecars: [sidecar('istio-system/default', ['./*']), sidecar('alpha/s', ['beta/*'])],
    is: inMesh,
  },
  {
    name: 'a selector in the root namespace is for its own pods',
    sidecars: [sidecar('istio-system/x', ['./*'], { workloadSelector: {} })],
    is: inMesh,
  },
  { name: 'gateways know everything', from: 'alpha/gateway', sidecars: [sidecar('alpha/s', ['./*'])], is: inMesh },
  {
    name: 'a listener of its own port hides the others for HTTP',
    sidecars: [
      sidecar('alpha/s', [], {
        egress: [
          { hosts: ['./*'], port: { number: 80, protocol: 'HTTP' }, bound: false },
          { hosts: ['*/*'], bound: false },
        ],
      }),
    ],
    is: passed,
  },
  {
    name: 'but not for TCP',
    port: 9000,
    sidecars: [
      sidecar('alpha/s', [], {
        egress: [
          { hosts: ['./*'], port: { number: 9000, protocol: 'TCP' }, bound: false },
          { hosts: ['*/*'], bound: false },
        ],
      }),
    ],
    is: inMesh,
  },
  {
    name: 'a detected port answers HTTP with 404 where a listener of its own port does not list the host',
    port: 8080,
    services: [service([server], ['web:8080'])],
    sidecars: [
      sidecar('alpha/s', [], {
        egress: [
          { hosts: ['./*'], port: { number: 8080, protocol: 'HTTP' }, bound: false },
          { hosts: ['*/*'], bound: false },
        ],
      }),
    ],
    is: 'unknown unknown',
  },
  {
    name: 'a listener of its own port has its own VirtualServices',
    sidecars: [
      sidecar('alpha/s', [], {
        egress: [
          { hosts: ['beta/server.beta.svc.cluster.local'], port: { number: 80, protocol: 'HTTP' }, bound: false },
          { hosts: ['*/*'], bound: false },
        ],
      }),
    ],
    virtualServices: [virtualService('alpha/v', ['server.beta.svc.cluster.local'], { http: [httpRoute('gone')] })],
    is: inMesh,
  },
  {
    name: 'a VirtualService gives port 80 to a host that is not imported',
    sidecars: [sidecar('alpha/s', ['alpha/*', 'beta/other.beta.svc.cluster.local'])],
    virtualServices: [
      virtualService('alpha/v', ['server.beta.svc.cluster.local'], {
        http: [httpRoute('server.beta.svc.cluster.local')],
      }),
    ],
    is: inMesh,
  },
  {
    name: 'but only where another host has HTTP there',
    sidecars: [sidecar('alpha/s', ['alpha/*'])],
    virtualServices: [
      virtualService('alpha/v', ['server.beta.svc.cluster.local'], {
        http: [httpRoute('server.beta.svc.cluster.local')],
      }),
    ],
    is: passed,
  },
  {
    name: 'a Service that is not exported',
    services: [service([server], ['http:80>8080'], { exportTo: '.' })],
    is: passed,
  },
  {
    name: 'a namespace that istiod does not look at',
    revisions: [revision({ discoverySelectors: [{ matchLabels: { mesh: 'yes' } }] })],
    namespaces: {
      complete: true,
      items: [
        { name: 'beta', labels: {} },
        { name: 'alpha', labels: { mesh: 'yes' } },
      ],
    },
    is: passed,
  },
  {
    name: 'what a VirtualService leads to is known through it',
    sidecars: [sidecar('alpha/s', ['alpha/*', 'beta/server.beta.svc.cluster.local'])],
    virtualServices: [
      virtualService('alpha/v', ['server.beta.svc.cluster.local'], {
        http: [httpRoute('other.beta.svc.cluster.local')],
      }),
    ],
    is: inMesh,
  },
];

describe('what a Sidecar lets its workloads reach', () => {
  for (const { name, from = 'alpha/client', port = 80, is, ...parts } of cases) {
    it(name, () => {
      const mesh = view({ workloads: [client, gateway, server, other], services, ...parts });
      const { outcome, wire } = call(mesh, from, 'beta/server', port);
      assert.equal(`${outcome} ${wire}`, is);
    });
  }
});

describe('Sidecar.ingress', () => {
  const ingress = [{ port: { number: 9090, protocol: 'HTTP' }, defaultEndpoint: '127.0.0.1:9090', tls: false }];
  for (const [mode, expected] of [
    ['STRICT', 'works mtls'],
    ['PERMISSIVE', 'works mtls'],
  ] as const) {
    it(`leaves ports that it does not name guarded: ${mode}`, () => {
      const parts = {
        sidecars: [sidecar('beta/s', ['*/*'], { ingress })],
        peerAuthentications: [peerAuthentication('beta/default', mode)],
      };
      const { outcome, wire } = call(
        view({ workloads: [client, server], services, ...parts }),
        'alpha/client',
        'beta/server',
      );
      assert.equal(`${outcome} ${wire}`, expected);
    });
  }
});
