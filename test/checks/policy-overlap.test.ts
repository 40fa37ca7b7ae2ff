import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { policyOverlap } from '../../src/checks/policy-overlap.ts';
import { peerAuthentication, service, workload } from '../helpers/manifests.ts';
import { outline, runCheck } from '../helpers/run-check.ts';

const web = workload('shop/web', { labels: { app: 'web' }, ports: [{ containerPort: 8080 }] });
const selector = { app: 'web' };
const [older, newer] = [{ created: '2025-01-01T00:00:00Z' }, { created: '2025-02-01T00:00:00Z' }];

const cases = [
  { name: 'says that there is no policy at all', policies: [], expected: ['info no-policy shop'] },
  {
    name: 'finds the younger of two policies for a namespace',
    policies: [peerAuthentication('shop/a', 'STRICT', newer), peerAuthentication('shop/b', 'DISABLE', older)],
    expected: ['ok effective shop/b', 'warning rival shop/a'],
  },
  {
    name: 'breaks a tie of age by name, as istiod does',
    policies: [peerAuthentication('shop/b', 'STRICT', older), peerAuthentication('shop/a', 'DISABLE', older)],
    expected: ['ok effective shop/a', 'warning rival shop/b'],
  },
  {
    name: 'finds the younger of two policies for one workload',
    policies: [
      peerAuthentication('shop/a', 'STRICT', { selector, ...newer }),
      peerAuthentication('shop/b', 'DISABLE', { selector, ...older }),
    ],
    expected: ['ok effective shop/b', 'warning rival shop/a'],
  },
  {
    name: 'does not call policies of different scopes rivals',
    policies: [
      peerAuthentication('istio-system/default', 'STRICT'),
      peerAuthentication('shop/default', 'STRICT', newer),
      peerAuthentication('shop/web', 'DISABLE', { selector, ...older }),
    ],
    expected: ['ok effective istio-system/default', 'ok effective shop/default', 'ok effective shop/web'],
  },
  {
    name: 'knows that selectors count nowhere in the root namespace',
    policies: [peerAuthentication('istio-system/web', 'STRICT', { selector })],
    expected: ['warning root-selector istio-system/web'],
  },
  {
    name: 'finds a selector that matches nothing',
    policies: [peerAuthentication('shop/wbe', 'STRICT', { selector: { app: 'wbe' } })],
    expected: ['warning selects-nothing shop/wbe'],
  },
  {
    name: 'finds port rules that no selector goes with',
    policies: [peerAuthentication('shop/default', 'STRICT', { ports: { 8080: 'DISABLE' } })],
    expected: ['warning ports-without-selector shop/default'],
  },
  {
    name: 'finds a rule for a port of the Service',
    policies: [
      service('shop/web', selector, [{ port: 80, targetPort: 8080 }]),
      peerAuthentication('shop/web', 'STRICT', { selector, ports: { 80: 'DISABLE' } }),
    ],
    expected: ['warning service-port shop/web'],
  },
  {
    name: 'accepts a rule for a container port',
    policies: [
      service('shop/web', selector, [{ port: 80, targetPort: 8080 }]),
      peerAuthentication('shop/web', 'STRICT', { selector, ports: { 8080: 'DISABLE' } }),
    ],
    expected: ['ok effective shop/web'],
  },
];

describe('policy-overlap', () => {
  for (const { name, policies, expected } of cases) {
    it(name, async () => {
      assert.deepEqual(outline(await runCheck(policyOverlap, [web, ...policies], { namespace: 'shop' })), expected);
    });
  }

  it('leaves policies of other namespaces alone', async () => {
    const manifests = [
      web,
      peerAuthentication('shop/default', 'STRICT'),
      peerAuthentication('other/x', 'STRICT', { selector }),
    ];
    assert.deepEqual(outline(await runCheck(policyOverlap, manifests, { namespace: 'shop' })), [
      'ok effective shop/default',
    ]);
  });

  it('names the older policy', async () => {
    const policies = [peerAuthentication('shop/a', 'STRICT', newer), peerAuthentication('shop/b', 'DISABLE', older)];
    const findings = await runCheck(policyOverlap, [web, ...policies], { namespace: 'shop' });
    const rival = findings.find(({ code }) => code === 'rival');
    assert.deepEqual(rival?.because, [{ kind: 'PeerAuthentication', namespace: 'shop', name: 'b' }]);
  });
});
