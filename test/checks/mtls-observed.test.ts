import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mtlsObserved } from '../../src/checks/mtls-observed.ts';
import { manifest, meshConfig, namespace, service, workload } from '../helpers/manifests.ts';
import { countedFor, observedOf, row } from '../helpers/observed.ts';
import { outline, runCheck } from '../helpers/run-check.ts';

const ports = [{ name: 'http', containerPort: 8080 }];
const mesh = [
  meshConfig({}),
  namespace('shop', { 'istio-injection': 'enabled' }),
  workload('shop/api', { labels: { app: 'api' }, ports }),
  workload('shop/web'),
  workload('shop/job', { proxy: 'none' }),
  service('shop/api', { app: 'api' }, [{ name: 'http', port: 80, targetPort: 8080 }]),
];
const scraped = ['shop/api-0', 'shop/web-0'];
const plaintextRule = manifest('networking.istio.io/v1', 'DestinationRule', 'shop/api', {
  spec: { host: 'api', trafficPolicy: { tls: { mode: 'DISABLE' } } },
});

const cases = [
  {
    name: 'mTLS from everybody',
    traffic: [row('shop/web → shop/api mtls 12')],
    expected: ['ok mtls-seen shop/api'],
  },
  {
    name: 'TCP connections',
    traffic: [row('shop/web → shop/api mtls 2', 'tcp')],
    expected: ['ok mtls-seen shop/api'],
  },
  {
    name: 'a caller without a proxy',
    traffic: [row('shop/web → shop/api mtls 12'), row('? → shop/api plaintext 3')],
    expected: ['warning plaintext-seen shop/api'],
  },
  {
    name: 'a caller that a rule makes send plaintext',
    objects: [plaintextRule],
    traffic: [row('shop/web → shop/api plaintext 3')],
    expected: ['warning plaintext-seen shop/api'],
  },
  {
    name: 'plaintext where mTLS is foretold',
    traffic: [row('shop/web → shop/api plaintext 3')],
    expected: ['warning contradicts shop/api', 'warning plaintext-seen shop/api'],
  },
  {
    name: 'mTLS where plaintext is foretold',
    objects: [plaintextRule],
    traffic: [row('shop/web → shop/api mtls 3')],
    expected: ['ok mtls-seen shop/api', 'warning contradicts shop/api'],
  },
  { name: 'no traffic', traffic: [], expected: ['info no-traffic shop/api'] },
  {
    name: 'traffic of other namespaces',
    traffic: [row('shop/web → far/api plaintext 3')],
    expected: ['info no-traffic shop/api'],
  },
];

describe('mtls-observed', () => {
  for (const { name, objects = [], traffic, expected } of cases) {
    it(`judges ${name}`, async () => {
      const observed = observedOf(traffic, { scraped });
      assert.deepEqual(
        outline(await runCheck(mtlsObserved, [...mesh, ...objects], { namespace: 'shop' }, { observed })),
        expected,
      );
    });
  }

  it('knows nothing of pods that are not scraped: what others of them saw is no proof', async () => {
    const two = [
      ...mesh.filter((one) => !one.includes('name: api-0')),
      workload('shop/api', { labels: { app: 'api' }, ports, pods: 2 }),
    ];
    const observed = observedOf([row('shop/web → shop/api mtls 12')], { scraped, blind: ['shop/api-1'] });
    const findings = await runCheck(mtlsObserved, two, { namespace: 'shop', workload: 'api' }, { observed });
    assert.deepEqual(outline(findings), ['info not-scraped shop/api']);
  });

  it('names the sender, and where metrics cannot, who it may be', async () => {
    const traffic = [row('shop/web → shop/api plaintext 3'), row('? → shop/api plaintext 1')];
    const observed = observedOf(traffic, { scraped });
    const findings = await runCheck(mtlsObserved, [...mesh, plaintextRule], { namespace: 'shop' }, { observed });
    const seen = findings.filter(({ code }) => code === 'plaintext-seen');
    assert.equal(seen[0]?.to, 'shop/web');
    assert.match(seen[0]?.detail?.join() ?? '', /3 requests in the last 15 min/);
    assert.match(seen[1]?.detail?.join() ?? '', /shop\/job/);
    assert.doesNotMatch(seen[1]?.detail?.join() ?? '', /shop\/web/);
  });

  it('says since when proxies count that were asked themselves, and claims no window', async () => {
    for (const traffic of [[], [row('shop/web → shop/api plaintext 3')], [row('shop/web → shop/api mtls 1')]]) {
      const observed = countedFor(120, observedOf(traffic, { scraped: ['shop/api-0'], blind: ['shop/web-0'] }));
      const said = JSON.stringify(await runCheck(mtlsObserved, mesh, { namespace: 'shop' }, { observed }));
      assert.match(said, /since its proxies started/);
      assert.match(said, /PROXY_METRICS/);
      assert.doesNotMatch(said, /last 15 min|NaN|undefined|window/);
    }
  });

  it('is left out where there are no metrics', async () => {
    assert.deepEqual(await runCheck(mtlsObserved, mesh, { namespace: 'shop' }), []);
  });
});
