import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mtlsConnections } from '../../src/checks/mtls-connections.ts';
import { manifest, meshConfig, namespace, peerAuthentication, service, workload } from '../helpers/manifests.ts';
import { outline, runCheck } from '../helpers/run-check.ts';

const ports = [{ name: 'http', containerPort: 8080 }];
const mesh = [
  meshConfig({}),
  namespace('shop', { 'istio-injection': 'enabled' }),
  workload('shop/api', { labels: { app: 'api' }, ports }),
  service('shop/api', { app: 'api' }, [{ name: 'http', port: 80, targetPort: 'http' }]),
];
const web = workload('shop/web', { labels: { app: 'web' } });
const strict = peerAuthentication('shop/default', 'STRICT');
const outsider = workload('legacy/job', { labels: { app: 'job' }, proxy: 'none' });
const bare = [
  workload('shop/bare', { labels: { app: 'bare' }, proxy: 'none', ports }),
  service('shop/bare', { app: 'bare' }, [{ name: 'http', port: 80, targetPort: 8080 }]),
];

function rule(spec: object): string {
  return manifest('networking.istio.io/v1', 'DestinationRule', 'shop/api', { spec: { host: 'api', ...spec } });
}

function tls(mode: string, host = 'api'): string {
  return rule({ host, trafficPolicy: { tls: { mode } } });
}

function authorization(spec: object): string {
  return manifest('security.istio.io/v1', 'AuthorizationPolicy', 'shop/who', { spec });
}

interface Case {
  readonly name: string;
  readonly more: readonly string[];
  /** The Service and port that the finding is about. */
  readonly to?: string;
  readonly expected: string;
}

const cases: readonly Case[] = [
  { name: 'sees auto mTLS', more: [strict], expected: 'ok secure shop/web' },
  {
    name: 'finds a rule that turns TLS off',
    more: [strict, tls('DISABLE')],
    expected: 'error plaintext-refused shop/web',
  },
  { name: 'finds plaintext that is accepted', more: [tls('DISABLE')], expected: 'warning plaintext shop/web' },
  {
    name: 'finds mTLS that is forced on a server that ends none',
    more: [peerAuthentication('shop/default', 'DISABLE'), tls('ISTIO_MUTUAL')],
    expected: 'error mtls-refused shop/web',
  },
  {
    name: 'does not know whether a server without a proxy serves TLS, whatever its port is called',
    more: [...bare, rule({ host: 'bare', trafficPolicy: { tls: { mode: 'SIMPLE', caCertificates: '/etc/ca.pem' } } })],
    to: 'bare:80',
    expected: 'unknown unclear shop/web',
  },
  {
    name: 'nor with a certificate that the client would not verify',
    more: [...bare, rule({ host: 'bare', trafficPolicy: { tls: { mode: 'SIMPLE', insecureSkipVerify: true } } })],
    to: 'bare:80',
    expected: 'unknown unclear shop/web',
  },
  {
    name: 'nor where its container says that it serves TLS',
    more: [
      workload('shop/vault', { labels: { app: 'v' }, proxy: 'none', ports: [{ name: 'https', containerPort: 8200 }] }),
      service('shop/vault', { app: 'v' }, [{ name: 'http', port: 80, targetPort: 8200 }]),
      tls('SIMPLE', 'vault'),
    ],
    to: 'vault:80',
    expected: 'unknown unclear shop/web',
  },
  {
    name: 'takes it to have no certificate of a public authority, where nothing says that it serves TLS',
    more: [...bare, tls('SIMPLE', 'bare')],
    to: 'bare:80',
    expected: 'error tls-refused shop/web',
  },
  {
    name: 'nor whether one behind a proxy does that lets TLS by',
    more: [service('shop/raw', { app: 'api' }, [{ name: 'tcp', port: 9000, targetPort: 9000 }]), tls('MUTUAL', 'raw')],
    to: 'raw:9000',
    expected: 'unknown unclear shop/web',
  },
  {
    name: 'finds TLS that a PERMISSIVE proxy takes for no HTTP',
    more: [tls('SIMPLE')],
    expected: 'error tls-refused shop/web',
  },
  { name: 'finds TLS of another kind', more: [strict, tls('SIMPLE')], expected: 'error tls-refused shop/web' },
  {
    name: 'finds a Sidecar that hides the server',
    more: [
      strict,
      manifest('networking.istio.io/v1', 'Sidecar', 'shop/default', {
        spec: { egress: [{ hosts: ['istio-system/*'] }], outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } },
      }),
    ],
    expected: 'error unreachable shop/web',
  },
  {
    name: 'finds who is denied',
    more: [strict, authorization({ action: 'DENY', rules: [{ from: [{ source: { namespaces: ['shop'] } }] }] })],
    expected: 'info denied shop/web',
  },
  {
    name: 'does not decide what each request decides',
    more: [strict, authorization({ rules: [{ to: [{ operation: { paths: ['/open'] } }] }] })],
    expected: 'unknown unclear shop/web',
  },
];

describe('mtls-connections', () => {
  for (const { name, more, to: place = 'api:80', expected } of cases) {
    it(name, async () => {
      const findings = await runCheck(mtlsConnections, [...mesh, web, ...more], { namespace: 'shop' });
      const own = findings.filter(({ subject, to }) => subject.name === 'web' && to === place);
      assert.deepEqual(outline(own), [expected]);
    });
  }

  it('offers to align a rule only where that takes nobody’s TLS, and for its own namespace', async () => {
    const disabled = peerAuthentication('shop/default', 'DISABLE');
    const offered = async (...more: readonly string[]) => {
      const findings = await runCheck(mtlsConnections, [...mesh, web, ...more], { namespace: 'shop' });
      return findings.some(({ fix }) => fix !== undefined);
    };
    const root = meshConfig({ rootNamespace: 'shop' });
    assert.deepEqual(
      [
        await offered(tls('SIMPLE')),
        await offered(strict, tls('DISABLE', '*.shop.svc.cluster.local')),
        await offered(...bare, tls('SIMPLE', 'bare')),
        await offered(disabled, tls('SIMPLE')),
        await offered(strict, tls('DISABLE', '*.local')),
        (
          await runCheck(mtlsConnections, [root, ...mesh.slice(1), web, strict, tls('DISABLE')], { namespace: 'shop' })
        ).some(({ fix }) => fix !== undefined),
      ],
      [true, true, false, false, false, false],
    );
  });

  it('finds callers without a proxy that STRICT shuts out, in the namespaces named', async () => {
    const manifests = [...mesh, strict, namespace('legacy'), outsider];
    const findings = await runCheck(mtlsConnections, manifests, { namespace: 'shop', from: ['legacy'] });
    assert.deepEqual(outline(findings), ['ok secure shop/api', 'warning outsider-refused legacy/job']);
  });

  it('knows that plaintext is all a server without a proxy takes', async () => {
    const findings = await runCheck(mtlsConnections, [meshConfig({}), ...bare, web], {
      namespace: 'shop',
      workload: 'bare',
    });
    assert.deepEqual(outline(findings), ['info outside shop/bare', 'info outside shop/web']);
  });

  it('says that nobody is expected where no Service leads', async () => {
    assert.deepEqual(outline(await runCheck(mtlsConnections, [meshConfig({}), web], { namespace: 'shop' })), [
      'info no-service shop',
    ]);
  });

  it('knows calls by their Service, however many of its workloads they fail at', async () => {
    const versions = ['v1', 'v2'].map((version) =>
      workload(`shop/reviews-${version}`, { labels: { app: 'reviews', version }, ports }),
    );
    const base = [
      ...mesh,
      web,
      ...versions,
      service('shop/reviews', { app: 'reviews' }, [{ name: 'http', port: 80, targetPort: 'http' }]),
      tls('DISABLE', 'reviews'),
    ];
    const refused = async (policy: string) =>
      (await runCheck(mtlsConnections, [...base, policy], { namespace: 'shop' }))
        .filter(({ code, subject }) => code === 'plaintext-refused' && subject.name === 'web')
        .map(({ to, toService }) => [to, toService]);
    assert.deepEqual(await refused(peerAuthentication('shop/v1', 'STRICT', { selector: { version: 'v1' } })), [
      ['reviews-v1:80', 'shop/reviews:80'],
    ]);
    assert.deepEqual(await refused(strict), [['reviews:80', 'shop/reviews:80']]);
  });

  it('names the rule and the policy', async () => {
    const findings = await runCheck(mtlsConnections, [...mesh, web, strict, tls('DISABLE')], { namespace: 'shop' });
    const reasons = findings.find(({ code }) => code === 'plaintext-refused')?.detail?.join(' ') ?? '';
    assert.match(reasons, /DestinationRule shop\/api/);
    assert.match(reasons, /PeerAuthentication shop\/default/);
  });
});
