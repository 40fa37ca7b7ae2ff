import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { strictReadiness } from '../../src/checks/strict-readiness.ts';
import { manifest, meshConfig, namespace, peerAuthentication, service, workload } from '../helpers/manifests.ts';
import { countedFor, observedOf, row } from '../helpers/observed.ts';
import { outline, runCheck } from '../helpers/run-check.ts';

const ports = [{ name: 'http', containerPort: 8080 }];
const labels = { app: 'api' };
const mesh = [
  meshConfig({}),
  namespace('shop', { 'istio-injection': 'enabled' }),
  workload('shop/api', { labels, ports }),
  workload('shop/web'),
  service('shop/api', labels, [{ name: 'http', port: 80, targetPort: 8080 }]),
];
const bare = workload('shop/job', { proxy: 'none' });
const idle = [
  workload('shop/idle', { labels: { app: 'idle' }, ports }),
  service('shop/idle', { app: 'idle' }, [{ name: 'http', port: 80, targetPort: 8080 }]),
];
const plaintextRule = manifest('networking.istio.io/v1', 'DestinationRule', 'shop/api', {
  spec: { host: 'api', trafficPolicy: { tls: { mode: 'DISABLE' } } },
});
const byRequest = manifest('security.istio.io/v1', 'AuthorizationPolicy', 'shop/who', {
  spec: {
    selector: { matchLabels: labels },
    rules: [{ to: [{ operation: { paths: ['/open'] } }] }, { from: [{ source: { notPrincipals: ['x'] } }] }],
  },
});
const calm = [row('shop/web → shop/api mtls 12')];
const scraped = ['shop/api-0', 'shop/web-0', 'shop/idle-0'];

interface Case {
  readonly name: string;
  readonly objects?: readonly string[];
  readonly traffic?: ReturnType<typeof row>[];
  readonly expected: readonly string[];
}

const cases: readonly Case[] = [
  { name: 'ready where all send mTLS', expected: ['ok ready shop'] },
  {
    name: 'not ready where a caller has no proxy',
    objects: [bare],
    expected: ['error would-break shop/job'],
  },
  {
    name: 'not ready where a rule makes a caller send plaintext',
    objects: [plaintextRule],
    traffic: [row('shop/web → shop/api plaintext 3')],
    expected: ['error plaintext-senders shop/api', 'error would-break shop/api', 'error would-break shop/web'],
  },
  {
    name: 'not ready where somebody unknown sends plaintext',
    traffic: [...calm, row('? → shop/api plaintext 3')],
    expected: ['error plaintext-senders shop/api'],
  },
  {
    name: 'open where a sender of plaintext should send mTLS',
    traffic: [...calm, row('shop/web → shop/api plaintext 3')],
    expected: ['unknown cannot-tell shop/api'],
  },
  { name: 'open where nobody called', traffic: [], expected: ['unknown cannot-tell shop'] },
  {
    name: 'ready, with a word on what nobody called',
    objects: idle,
    expected: ['info quiet shop/idle', 'ok ready shop'],
  },
  {
    name: 'ready, with a word on a way in that nobody was seen to take',
    objects: [
      manifest('v1', 'Service', 'shop/public', {
        spec: { type: 'NodePort', clusterIP: '10.0.0.2', selector: labels, ports: [{ name: 'http', port: 80 }] },
      }),
    ],
    expected: ['info unseen shop/public', 'ok ready shop'],
  },
  {
    name: 'open where plaintext came to a workload that is gone',
    traffic: [...calm, row('? → shop/gone plaintext 3')],
    expected: ['unknown cannot-tell shop/gone'],
  },
  {
    name: 'ready where that one would have refused it already',
    objects: [peerAuthentication('shop/default', 'STRICT')],
    traffic: [...calm, row('? → shop/gone plaintext 3')],
    expected: ['ok ready shop'],
  },
  {
    name: 'ready where it demands mTLS already, whatever was seen before',
    objects: [peerAuthentication('shop/default', 'STRICT'), bare],
    traffic: [row('? → shop/api plaintext 3')],
    expected: ['ok ready shop'],
  },
  {
    name: 'not ready where DISABLE gives way',
    objects: [peerAuthentication('shop/default', 'DISABLE'), bare],
    expected: ['error would-break shop/job'],
  },
  {
    name: 'ready where who sends plaintext because of DISABLE would then send mTLS',
    objects: [peerAuthentication('shop/default', 'DISABLE')],
    traffic: [row('shop/web → shop/api plaintext 3')],
    expected: ['ok ready shop'],
  },
  {
    name: 'open where such a caller cannot be named',
    objects: [peerAuthentication('shop/default', 'DISABLE')],
    traffic: [row('? → shop/api plaintext 3')],
    expected: ['unknown cannot-tell shop/api'],
  },
  {
    name: 'ready where a policy of the workload stays PERMISSIVE',
    objects: [peerAuthentication('shop/api', 'PERMISSIVE', { selector: labels }), bare],
    traffic: [...calm, row('? → shop/api plaintext 3')],
    expected: ['ok ready shop'],
  },
  {
    name: 'open where plaintext may have come on a port that stays PERMISSIVE',
    objects: [peerAuthentication('shop/api', undefined, { selector: labels, ports: { 8080: 'PERMISSIVE' } })],
    traffic: [...calm, row('? → shop/api plaintext 3')],
    expected: ['unknown cannot-tell shop/api'],
  },
  {
    name: 'open no more than it is now where each request decides',
    objects: [byRequest],
    expected: ['ok ready shop'],
  },
];

describe('strict-readiness', () => {
  for (const { name, objects = [], traffic = calm, expected } of cases) {
    it(`is ${name}`, async () => {
      const observed = observedOf(traffic, { scraped });
      const findings = await runCheck(strictReadiness, [...mesh, ...objects], { namespace: 'shop' }, { observed });
      assert.deepEqual(outline(findings), expected);
    });
  }

  it('cannot tell where the metrics of a proxy do not come in', async () => {
    const observed = observedOf(calm, { scraped: ['shop/web-0'], blind: ['shop/api-0'] });
    const findings = await runCheck(strictReadiness, mesh, { namespace: 'shop' }, { observed });
    assert.deepEqual(outline(findings), ['unknown cannot-tell shop/api']);
  });

  it('cannot tell by proxies that began to count a short while ago, or do not say when', async () => {
    const observed = observedOf(calm, { scraped });
    for (const [upSeconds, expected] of [
      [3_600, 'ok ready shop'],
      [600, 'unknown cannot-tell shop/api'],
      [undefined, 'unknown cannot-tell shop/api'],
    ] as const) {
      const given = { observed: countedFor(upSeconds, observed) };
      const findings = await runCheck(strictReadiness, mesh, { namespace: 'shop' }, given);
      assert.ok(outline(findings).includes(expected), `${upSeconds}: ${outline(findings)}`);
      assert.equal(outline(findings).includes('ok ready shop'), expected === 'ok ready shop');
    }
  });

  it('cannot tell by pods that are younger than the window, unless one is not', async () => {
    const api = (born: string) => workload('shop/api', { labels, ports, born });
    const second = workload('shop/second', { labels, ports, born: '2026-01-01T11:00:00Z' });
    const [config = '', place = '', , web = '', leads = ''] = mesh;
    const observed = observedOf([...calm, row('shop/web → shop/second mtls 1')], {
      scraped: [...scraped, 'shop/second-0'],
    });
    const given = { observed, takenAt: '2026-01-01T12:00:00Z' };
    for (const [born, expected] of [
      ['2026-01-01T11:44:00Z', ['ok ready shop']],
      ['2026-01-01T11:46:00Z', ['unknown cannot-tell shop/api']],
    ] as const) {
      const findings = await runCheck(
        strictReadiness,
        [config, place, api(born), second, web, leads],
        { namespace: 'shop' },
        given,
      );
      assert.deepEqual(outline(findings), expected);
    }
  });

  it('asks nobody for age whom nobody can call', async () => {
    const observed = observedOf(calm, { scraped });
    const [config = '', place = '', served = '', , leads = ''] = mesh;
    const job = workload('shop/web', { born: '2026-01-01T11:59:00Z' });
    const given = { observed, takenAt: '2026-01-01T12:00:00Z' };
    const findings = await runCheck(strictReadiness, [config, place, served, job, leads], { namespace: 'shop' }, given);
    assert.deepEqual(outline(findings), ['ok ready shop']);
  });

  it('says no by what a young proxy saw, and does not claim a window', async () => {
    const observed = countedFor(60, observedOf([...calm, row('? → shop/api plaintext 3')], { scraped }));
    const findings = await runCheck(strictReadiness, mesh, { namespace: 'shop' }, { observed });
    assert.ok(outline(findings).includes('error plaintext-senders shop/api'));
    assert.doesNotMatch(JSON.stringify(findings), /last 15 min|NaN|undefined|window/);
  });

  it('cannot tell without metrics, and says so', async () => {
    const findings = await runCheck(strictReadiness, mesh, { namespace: 'shop' });
    assert.deepEqual(outline(findings), ['unknown evidence-missing strict-readiness']);
    assert.ok(findings[0]?.next);
  });

  it('names exceptions that stay', async () => {
    const exception = peerAuthentication('shop/api', undefined, { selector: labels, ports: { 8080: 'PERMISSIVE' } });
    const observed = observedOf(calm, { scraped });
    const findings = await runCheck(strictReadiness, [...mesh, exception, bare], { namespace: 'shop' }, { observed });
    assert.deepEqual(outline(findings), ['ok ready shop']);
    assert.deepEqual(
      findings[0]?.because.map(({ name }) => name),
      ['api'],
    );
  });
});
