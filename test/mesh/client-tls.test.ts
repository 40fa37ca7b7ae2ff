import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PeerAuthentication } from '../../src/model/tls-config.ts';
import type { Service } from '../../src/model/workload.ts';
import { call, destinationRule, type Parts, peerAuthentication, revision, service, view, workload } from './view.ts';

const host = 'server.beta.svc.cluster.local';
const client = workload('alpha/client');
const server = workload('beta/server', { labels: { version: 'v1' } });
const bare = workload('beta/bare', { proxy: 'none' });
const services = [service([server], ['http:80>8080', 'http-alt:8081', 'tcp:9000']), service([bare])];
const headless = [service([server], ['http:8080', 'tcp:9000'], { headless: true })];
const selector = { app: 'server' };
const namespace = (mode: PeerAuthentication['mode']) => peerAuthentication('beta/default', mode);
const own = (mode: PeerAuthentication['mode'], ports: Record<number, 'STRICT' | 'DISABLE'> = {}) =>
  peerAuthentication('beta/own', mode, { selector, ports });
const rule = (options: Parameters<typeof destinationRule>[2], of = host) => destinationRule('alpha/rule', of, options);

interface Case extends Parts {
  readonly name: string;
  readonly to?: string;
  readonly port?: number;
  readonly of?: readonly Service[];
  readonly is: string;
}

const auto: readonly Case[] = [
  { name: 'mTLS where nothing says otherwise', is: 'works mtls' },
  { name: 'mTLS at STRICT', peerAuthentications: [namespace('STRICT')], is: 'works mtls' },
  { name: 'plaintext to a namespace of DISABLE', peerAuthentications: [namespace('DISABLE')], is: 'works plaintext' },
  {
    name: 'namespace DISABLE and workload STRICT break it',
    peerAuthentications: [namespace('DISABLE'), own('STRICT')],
    is: 'fails plaintext',
  },
  {
    name: 'namespace DISABLE and workload PERMISSIVE',
    peerAuthentications: [namespace('DISABLE'), own('PERMISSIVE')],
    is: 'works plaintext',
  },
  { name: 'workload DISABLE is honoured per endpoint', peerAuthentications: [own('DISABLE')], is: 'works plaintext' },
  { name: 'a port’s DISABLE too', peerAuthentications: [own('STRICT', { 8080: 'DISABLE' })], is: 'works plaintext' },
  { name: 'but the key is the target port', peerAuthentications: [own('STRICT', { 80: 'DISABLE' })], is: 'works mtls' },
  {
    name: 'plaintext to a pod without a proxy, even at STRICT',
    to: 'beta/bare',
    peerAuthentications: [namespace('STRICT')],
    is: 'works plaintext',
  },
  { name: 'off in the whole mesh', revisions: [revision({ enableAutoMtls: false })], is: 'works plaintext' },
  {
    name: 'off in the whole mesh, at STRICT',
    revisions: [revision({ enableAutoMtls: false })],
    peerAuthentications: [namespace('STRICT')],
    is: 'fails plaintext',
  },
];

const explicit: readonly Case[] = [
  { name: 'DISABLE at PERMISSIVE', destinationRules: [rule({ tls: 'DISABLE' })], is: 'works plaintext' },
  {
    name: 'DISABLE at STRICT',
    destinationRules: [rule({ tls: 'DISABLE' })],
    peerAuthentications: [namespace('STRICT')],
    is: 'fails plaintext',
  },
  {
    name: 'ISTIO_MUTUAL at DISABLE',
    destinationRules: [rule({ tls: 'ISTIO_MUTUAL' })],
    peerAuthentications: [namespace('DISABLE')],
    is: 'fails mtls',
  },
  {
    name: 'ISTIO_MUTUAL to a pod without a proxy',
    to: 'beta/bare',
    destinationRules: [rule({ tls: 'ISTIO_MUTUAL' }, 'bare.beta.svc.cluster.local')],
    is: 'fails mtls',
  },
  { name: 'SIMPLE', destinationRules: [rule({ tls: 'SIMPLE' })], is: 'fails tls' },
  {
    name: 'SIMPLE that takes certificates of public authorities only, to a pod without a proxy',
    to: 'beta/bare',
    destinationRules: [rule({ tls: 'SIMPLE' }, 'bare.beta.svc.cluster.local')],
    is: 'fails tls',
  },
  {
    name: 'SIMPLE with authorities of its own, to a pod without a proxy',
    to: 'beta/bare',
    destinationRules: [rule({ tls: { mode: 'SIMPLE', caCertificates: '/ca' } }, 'bare.beta.svc.cluster.local')],
    is: 'unknown tls',
  },
  {
    name: 'SIMPLE that asks a pod without a proxy for the certificate of a name',
    to: 'beta/bare',
    destinationRules: [rule({ tls: { mode: 'SIMPLE', sni: 'vault.example.com' } }, 'bare.beta.svc.cluster.local')],
    is: 'unknown tls',
  },
  {
    name: 'SIMPLE that OpenShift Service Mesh 2 does not verify',
    to: 'beta/bare',
    revisions: [revision({ flavour: 'ossm2' })],
    destinationRules: [rule({ tls: 'SIMPLE' }, 'bare.beta.svc.cluster.local')],
    is: 'unknown tls',
  },
  {
    name: 'SIMPLE with a Secret in a rule for everybody opens no TLS',
    destinationRules: [rule({ tls: { mode: 'SIMPLE', credentialName: 'secret' } })],
    is: 'works plaintext',
  },
  {
    name: 'a rule without tls leaves auto mTLS on',
    destinationRules: [rule({ subsets: { v1: {} } })],
    is: 'works mtls',
  },
  {
    name: 'a port’s entry replaces what is above it',
    destinationRules: [rule({ tls: 'DISABLE', ports: { 80: 'ISTIO_MUTUAL' } })],
    is: 'works mtls',
  },
  {
    name: 'its number is the Service’s port',
    destinationRules: [rule({ tls: 'DISABLE', ports: { 8080: 'ISTIO_MUTUAL' } })],
    is: 'works plaintext',
  },
  {
    name: 'names that the server does not have',
    destinationRules: [rule({ tls: { mode: 'ISTIO_MUTUAL', subjectAltNames: ['spiffe://x'] } })],
    is: 'fails mtls',
  },
];

/** A port's entry without tls under a rule with: the cluster is auto, and that tls decides for each endpoint. */
const both: readonly Case[] = [
  {
    name: 'DISABLE above at PERMISSIVE',
    destinationRules: [rule({ tls: 'DISABLE', ports: { 80: null } })],
    is: 'works plaintext',
  },
  {
    name: 'DISABLE above at STRICT',
    destinationRules: [rule({ tls: 'DISABLE', ports: { 80: null } })],
    peerAuthentications: [namespace('STRICT')],
    is: 'fails plaintext',
  },
  { name: 'SIMPLE above', destinationRules: [rule({ tls: 'SIMPLE', ports: { 80: null } })], is: 'works plaintext' },
  {
    name: 'ISTIO_MUTUAL above, at a DISABLE port',
    destinationRules: [rule({ tls: 'ISTIO_MUTUAL', ports: { 80: null } })],
    peerAuthentications: [own('STRICT', { 8080: 'DISABLE' })],
    is: 'fails mtls',
  },
  {
    name: 'ISTIO_MUTUAL above, to a namespace of DISABLE',
    destinationRules: [rule({ tls: 'ISTIO_MUTUAL', ports: { 80: null } })],
    peerAuthentications: [namespace('DISABLE')],
    is: 'works plaintext',
  },
  {
    name: 'ISTIO_MUTUAL above, to a pod without a proxy',
    to: 'beta/bare',
    destinationRules: [rule({ tls: 'ISTIO_MUTUAL', ports: { 80: null } }, 'bare.beta.svc.cluster.local')],
    is: 'works plaintext',
  },
];

const original: readonly Case[] = [
  { name: 'headless: mTLS for all', of: headless, port: 8080, is: 'works mtls' },
  {
    name: 'headless: mTLS even where a port is DISABLE',
    of: headless,
    port: 8080,
    peerAuthentications: [own(undefined, { 8080: 'DISABLE' })],
    is: 'fails mtls',
  },
  {
    name: 'headless: one pod without a proxy turns it off',
    of: [service([server, bare], ['http:8080'], { headless: true })],
    port: 8080,
    is: 'works plaintext',
  },
  {
    name: 'headless: and breaks STRICT',
    of: [service([server, bare], ['http:8080'], { headless: true })],
    port: 8080,
    peerAuthentications: [namespace('STRICT')],
    is: 'fails plaintext',
  },
  {
    name: 'headless: calls go to the Service’s port',
    of: [service([server], ['http:80>8080'], { headless: true })],
    is: 'fails none',
  },
  {
    name: 'PASSTHROUGH: as headless',
    destinationRules: [rule({ loadBalancer: 'PASSTHROUGH' })],
    peerAuthentications: [own('DISABLE')],
    is: 'fails mtls',
  },
  {
    name: 'PASSTHROUGH with tls',
    destinationRules: [rule({ loadBalancer: 'PASSTHROUGH', tls: 'DISABLE' })],
    is: 'works plaintext',
  },
];

describe('what a client’s proxy sends', () => {
  for (const [title, cases] of Object.entries({ auto, explicit, both, original })) {
    describe(title, () => {
      for (const { name, to = 'beta/server', port = 80, of = services, is, ...parts } of cases) {
        it(name, () => {
          const { outcome, wire } = call(
            view({ workloads: [client, server, bare], services: of, ...parts }),
            'alpha/client',
            to,
            port,
          );
          assert.equal(`${outcome} ${wire}`, is);
        });
      }
    });
  }

  it('names the objects that decide', () => {
    const parts = {
      destinationRules: [rule({ tls: 'DISABLE' })],
      peerAuthentications: [peerAuthentication('istio-system/default', 'STRICT')],
    };
    const { because, demanded, sent } = call(
      view({ workloads: [client, server], services, ...parts }),
      'alpha/client',
      'beta/server',
    );
    assert.ok(
      because.some((sentence) => sentence.includes('DestinationRule alpha/rule')),
      because.join('\n'),
    );
    assert.ok(
      because.some((sentence) => sentence.includes('PeerAuthentication istio-system/default')),
      because.join('\n'),
    );
    assert.deepEqual([demanded, sent], ['STRICT', 'plaintext']);
  });
});
