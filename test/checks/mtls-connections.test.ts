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

function tls(mode: string): string {
  return rule({ trafficPolicy: { tls: { mode } } });
}

function authorization(spec: object): string {
  return manifest('security.istio.io/v1', 'AuthorizationPolicy', 'shop/who', { spec });
}

const cases = [
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
  for (const { name, more, expected } of cases) {
    it(name, async () => {
      const findings = await runCheck(mtlsConnections, [...mesh, web, ...more], { namespace: 'shop' });
      assert.deepEqual(outline(findings.filter(({ subject }) => subject.name === 'web')), [expected]);
    });
  }

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

  it('names the rule and the policy', async () => {
    const findings = await runCheck(mtlsConnections, [...mesh, web, strict, tls('DISABLE')], { namespace: 'shop' });
    const reasons = findings.find(({ code }) => code === 'plaintext-refused')?.detail?.join(' ') ?? '';
    assert.match(reasons, /DestinationRule shop\/api/);
    assert.match(reasons, /PeerAuthentication shop\/default/);
  });
});
