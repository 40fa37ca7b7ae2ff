import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mtlsPolicy } from '../../src/checks/mtls-policy.ts';
import { meshConfig, peerAuthentication, workload } from '../helpers/manifests.ts';
import { outline, runCheck } from '../helpers/run-check.ts';

const details = workload('bookinfo/details-v1', { labels: { app: 'details' } });
const selector = { app: 'details' };

const cases = [
  {
    name: 'is PERMISSIVE where no policy says otherwise',
    policies: [],
    expected: ['warning permissive bookinfo/details-v1'],
  },
  {
    name: 'takes the mesh policy from the root namespace',
    policies: [peerAuthentication('istio-system/default', 'STRICT')],
    expected: ['ok strict bookinfo/details-v1'],
  },
  {
    name: 'takes the root namespace from the mesh configuration',
    policies: [
      meshConfig({ rootNamespace: 'mesh-root' }),
      peerAuthentication('istio-system/default', 'STRICT'),
      peerAuthentication('mesh-root/default', 'DISABLE'),
    ],
    expected: ['error disabled bookinfo/details-v1'],
  },
  {
    name: 'lets the namespace override the mesh',
    policies: [peerAuthentication('istio-system/default', 'STRICT'), peerAuthentication('bookinfo/default', 'DISABLE')],
    expected: ['error disabled bookinfo/details-v1'],
  },
  {
    name: 'lets the workload override the namespace',
    policies: [
      peerAuthentication('bookinfo/default', 'DISABLE'),
      peerAuthentication('bookinfo/details', 'STRICT', { selector }),
    ],
    expected: ['ok strict bookinfo/details-v1'],
  },
  {
    name: 'lets UNSET inherit',
    policies: [peerAuthentication('istio-system/default', 'STRICT'), peerAuthentication('bookinfo/default', 'UNSET')],
    expected: ['ok strict bookinfo/details-v1'],
  },
  {
    name: 'lets an absent mode inherit',
    policies: [
      peerAuthentication('istio-system/default', 'STRICT'),
      peerAuthentication('bookinfo/default', undefined, { selector }),
    ],
    expected: ['ok strict bookinfo/details-v1'],
  },
  {
    name: 'takes the oldest of two policies in one scope, even where it is UNSET',
    policies: [
      peerAuthentication('bookinfo/newer', 'DISABLE', { created: '2025-02-01T00:00:00Z' }),
      peerAuthentication('bookinfo/older', 'UNSET', { created: '2025-01-01T00:00:00Z' }),
      peerAuthentication('istio-system/default', 'STRICT'),
    ],
    expected: ['ok strict bookinfo/details-v1'],
  },
  {
    name: 'ignores a policy with a selector in the root namespace',
    policies: [peerAuthentication('istio-system/details', 'STRICT', { selector })],
    expected: ['warning permissive bookinfo/details-v1'],
  },
  {
    name: 'reports each port with a mode of its own',
    policies: [
      peerAuthentication('bookinfo/details', 'STRICT', { selector, ports: { 9080: 'DISABLE', 9090: 'UNSET' } }),
    ],
    expected: ['error disabled bookinfo/details-v1:9080', 'ok strict bookinfo/details-v1'],
  },
];

describe('mtls-policy', () => {
  for (const { name, policies, expected } of cases) {
    it(name, async () => {
      assert.deepEqual(
        outline(await runCheck(mtlsPolicy, [details, ...policies], { namespace: 'bookinfo' })),
        expected,
      );
    });
  }

  const planes = [
    { proxy: 'native', mode: 'STRICT', expected: ['ok strict bookinfo/web'] },
    { proxy: 'none', mode: 'STRICT', expected: ['warning unprotected bookinfo/web'] },
    { proxy: 'gateway', mode: 'STRICT', expected: ['info gateway bookinfo/web'] },
    { proxy: 'ambient', mode: 'STRICT', expected: ['ok strict bookinfo/web'] },
    { proxy: 'ambient', mode: 'DISABLE', expected: ['warning permissive bookinfo/web'] },
  ] as const;
  for (const { proxy, mode, expected } of planes) {
    it(`knows what ${mode} means for proxy ${proxy}`, async () => {
      const manifests = [workload('bookinfo/web', { proxy }), peerAuthentication('bookinfo/default', mode)];
      assert.deepEqual(outline(await runCheck(mtlsPolicy, manifests)), expected);
    });
  }

  it('does not let injected pods speak for those without a proxy', async () => {
    const manifests = [workload('bookinfo/web', { bare: 1 }), peerAuthentication('bookinfo/default', 'STRICT')];
    const findings = await runCheck(mtlsPolicy, manifests);
    assert.deepEqual(outline(findings), ['error partly-outside bookinfo/web', 'ok strict bookinfo/web']);
    assert.deepEqual(findings.find(({ code }) => code === 'partly-outside')?.detail, ['web-bare-0']);
  });

  it('judges a workload without pods by its template', async () => {
    const manifests = [workload('bookinfo/web', { pods: 0 }), peerAuthentication('bookinfo/default', 'STRICT')];
    assert.deepEqual(outline(await runCheck(mtlsPolicy, manifests)), ['ok strict bookinfo/web']);
  });

  it('asks the istiod that injected the pod', async () => {
    const manifests = [
      meshConfig({ rootNamespace: 'root-a' }, { namespace: 'istio-a', revision: 'a' }),
      meshConfig({ rootNamespace: 'root-b' }, { namespace: 'istio-b', revision: 'b' }),
      peerAuthentication('root-b/default', 'STRICT'),
      workload('bookinfo/old', { annotations: { 'istio.io/rev': 'a' } }),
      workload('bookinfo/new', { annotations: { 'istio.io/rev': 'b' } }),
    ];
    assert.deepEqual(outline(await runCheck(mtlsPolicy, manifests, { namespace: 'bookinfo' })), [
      'ok strict bookinfo/new',
      'warning permissive bookinfo/old',
    ]);
  });

  it('names the policy that decided', async () => {
    const [finding] = await runCheck(mtlsPolicy, [details, peerAuthentication('bookinfo/default', 'PERMISSIVE')]);
    assert.deepEqual(finding?.because, [{ kind: 'PeerAuthentication', namespace: 'bookinfo', name: 'default' }]);
  });

  it('is unknown, not ok, where nothing is in the target', async () => {
    const findings = await runCheck(mtlsPolicy, [details], { namespace: 'bokinfo' });
    assert.deepEqual(outline(findings), ['unknown nothing-to-check mtls-policy']);
  });

  it('is unknown where a policy cannot be understood', async () => {
    const findings = await runCheck(mtlsPolicy, [details, peerAuthentication('bookinfo/default', 'STICT')]);
    assert.deepEqual(outline(findings), ['unknown evidence-missing mtls-policy']);
  });
});
