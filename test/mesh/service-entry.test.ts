import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  call,
  destinationRule,
  httpRoute,
  type Parts,
  peerAuthentication,
  service,
  serviceEntry,
  sidecar,
  view,
  virtualService,
  workload,
} from './view.ts';

const host = 'server.beta.svc.cluster.local';
const client = workload('alpha/client');
const server = workload('beta/server', { ip: '10.0.0.8' });
const services = [service([server], ['http:80>8080', 'tcp:9000'])];
const scope = [sidecar('alpha/s', ['./*'], { outboundTrafficPolicy: 'REGISTRY_ONLY' })];
const strict = [peerAuthentication('beta/default', 'STRICT')];
const entry = (options: Parameters<typeof serviceEntry>[3] = {}, ports = ['HTTP:80']) => [
  serviceEntry('alpha/e', host, ports, options),
];
const pod = (labels = {}) => ({ address: '10.0.0.8', labels, ports: { http: 8080 } });
const proxied = { 'security.istio.io/tlsMode': 'istio' };
const internal = { location: 'MESH_INTERNAL', resolution: 'STATIC' } as const;

interface Case extends Parts {
  readonly name: string;
  readonly port?: number;
  readonly is: string;
}

const cases: readonly Case[] = [
  { name: 'without one, the Sidecar refuses', sidecars: scope, is: 'fails none' },
  { name: 'makes the host known, outside the mesh', sidecars: scope, serviceEntries: entry(), is: 'works plaintext' },
  { name: 'found by name', sidecars: scope, serviceEntries: entry({ resolution: 'DNS' }), is: 'works plaintext' },
  {
    name: 'outside the mesh is plaintext at STRICT too',
    sidecars: scope,
    serviceEntries: entry({ resolution: 'DNS' }),
    peerAuthentications: strict,
    is: 'fails plaintext',
  },
  {
    name: 'inside, an endpoint says whether it has a proxy',
    sidecars: scope,
    serviceEntries: entry({ ...internal, endpoints: [pod(proxied)] }),
    peerAuthentications: strict,
    is: 'works mtls',
  },
  {
    name: 'or does not',
    sidecars: scope,
    serviceEntries: entry({ ...internal, endpoints: [pod()] }),
    is: 'works plaintext',
  },
  {
    name: 'an endpoint that is no pod',
    sidecars: scope,
    serviceEntries: entry({ ...internal, endpoints: [{ ...pod(), address: '192.0.2.1' }] }),
    is: 'unknown unknown',
  },
  {
    name: 'pods by their labels are of its own namespace',
    sidecars: scope,
    serviceEntries: entry({ ...internal, workloadSelector: { app: 'server' } }),
    is: 'fails none',
  },
  { name: 'a port that it leaves out', port: 9000, sidecars: scope, serviceEntries: entry(), is: 'fails none' },
  {
    name: 'a rule of the client for the host',
    sidecars: scope,
    serviceEntries: entry({ resolution: 'DNS' }),
    destinationRules: [destinationRule('alpha/r', host, { tls: 'ISTIO_MUTUAL' })],
    peerAuthentications: strict,
    is: 'works mtls',
  },
  {
    name: 'TCP of another host takes all TCP of its port',
    port: 9000,
    sidecars: scope,
    serviceEntries: [serviceEntry('alpha/e', 'other.example', ['TCP:9000'])],
    is: 'works plaintext',
  },
  {
    name: 'HTTP of another host takes none',
    port: 9000,
    sidecars: scope,
    serviceEntries: [serviceEntry('alpha/e', 'other.example', ['HTTP:9000'])],
    is: 'fails none',
  },
  {
    name: 'not exported to the client',
    sidecars: scope,
    serviceEntries: [serviceEntry('beta/e', host, ['HTTP:80'], { exportTo: ['.'] })],
    is: 'fails none',
  },
  { name: 'a Service that is known goes first', serviceEntries: entry({ resolution: 'DNS' }), is: 'works mtls' },
  {
    name: 'a route that leads out of the cluster',
    serviceEntries: [serviceEntry('alpha/e', 'far.example', ['HTTP:80'], { resolution: 'DNS' })],
    virtualServices: [virtualService('alpha/v', [host], { http: [httpRoute('far.example')] })],
    is: 'unknown unknown',
  },
  {
    name: 'a route without resolution: the dialled address stands',
    serviceEntries: [serviceEntry('alpha/e', 'far.example', ['HTTP:80'])],
    virtualServices: [virtualService('alpha/v', [host], { http: [httpRoute('far.example')] })],
    is: 'works plaintext',
  },
  {
    name: 'a route that leads back by name',
    serviceEntries: [
      serviceEntry('alpha/e', 'near.example', ['HTTP:80'], {
        resolution: 'DNS',
        endpoints: [{ address: host, labels: {}, ports: {} }],
      }),
    ],
    virtualServices: [virtualService('alpha/v', [host], { http: [httpRoute('near.example')] })],
    is: 'works plaintext',
  },
];

describe('a ServiceEntry', () => {
  for (const { name, port = 80, is, ...parts } of cases) {
    it(name, () => {
      const { outcome, wire } = call(
        view({ workloads: [client, server], services, ...parts }),
        'alpha/client',
        'beta/server',
        port,
      );
      assert.equal(`${outcome} ${wire}`, is);
    });
  }
});
