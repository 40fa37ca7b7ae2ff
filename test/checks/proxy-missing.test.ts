import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stringify } from 'yaml';
import { proxyMissing } from '../../src/checks/proxy-missing.ts';
import { meshConfig, namespace, workload } from '../helpers/manifests.ts';
import { outline, runCheck } from '../helpers/run-check.ts';

const injected = namespace('shop', { 'istio-injection': 'enabled' });

const cases = [
  {
    name: 'finds a sidecar among the containers',
    manifests: [injected, workload('shop/web')],
    expected: ['ok in-mesh shop/web'],
  },
  {
    name: 'finds a native sidecar among the init containers',
    manifests: [injected, workload('shop/web', { proxy: 'native' })],
    expected: ['ok in-mesh shop/web'],
  },
  {
    name: 'finds pods made before the namespace was labelled',
    manifests: [injected, workload('shop/web', { bare: 1 })],
    expected: ['error missing shop/web', 'ok in-mesh shop/web'],
  },
  {
    name: 'understands a label that keeps a pod out',
    manifests: [injected, workload('shop/web', { proxy: 'none', labels: { 'sidecar.istio.io/inject': 'false' } })],
    expected: ['info opted-out shop/web'],
  },
  {
    name: 'understands an annotation that keeps a pod out',
    manifests: [injected, workload('shop/web', { proxy: 'none', annotations: { 'sidecar.istio.io/inject': 'false' } })],
    expected: ['info opted-out shop/web'],
  },
  {
    name: 'does not expect a sidecar on the network of the node',
    manifests: [injected, workload('shop/agent', { kind: 'DaemonSet', proxy: 'none', hostNetwork: true })],
    expected: ['info opted-out shop/agent'],
  },
  {
    name: 'expects nothing of a namespace without labels',
    manifests: [namespace('shop'), workload('shop/web', { proxy: 'none' })],
    expected: ['info not-meant shop/web'],
  },
  {
    name: 'finds an ambient pod that is not captured',
    manifests: [namespace('shop', { 'istio.io/dataplane-mode': 'ambient' }), workload('shop/web', { proxy: 'none' })],
    expected: ['error not-captured shop/web'],
  },
  {
    name: 'knows a captured pod',
    manifests: [
      namespace('shop', { 'istio.io/dataplane-mode': 'ambient' }),
      workload('shop/web', { proxy: 'ambient' }),
    ],
    expected: ['ok in-mesh shop/web'],
  },
  {
    name: 'finds a proxy that is not ready',
    manifests: [injected, workload('shop/web', { proxyReady: false })],
    expected: ['warning not-ready shop/web'],
  },
  {
    name: 'goes by the revision that the namespace names',
    manifests: [
      meshConfig({}, { revision: 'canary' }),
      namespace('shop', { 'istio.io/rev': 'canary' }),
      workload('shop/web', { proxy: 'none' }),
    ],
    expected: ['error missing shop/web'],
  },
  {
    name: 'does not expect injection by a revision that is not there',
    manifests: [
      meshConfig({}, { revision: 'canary' }),
      namespace('shop', { 'istio.io/rev': 'stable' }),
      workload('shop/web', { proxy: 'none' }),
    ],
    expected: ['info not-meant shop/web'],
  },
];

describe('proxy-missing', () => {
  for (const { name, manifests, expected } of cases) {
    it(name, async () => {
      assert.deepEqual(outline(await runCheck(proxyMissing, manifests, { namespace: 'shop' })), expected);
    });
  }

  it('goes by a tag where the webhooks say so', async () => {
    const manifests = [
      tagWebhook('prod', 'v1'),
      namespace('shop', { 'istio.io/rev': 'prod' }),
      meshConfig({}, { revision: 'v1' }),
      workload('shop/web', { proxy: 'none' }),
    ];
    assert.deepEqual(outline(await runCheck(proxyMissing, manifests, { namespace: 'shop' })), [
      'error missing shop/web',
    ]);
  });
});

function tagWebhook(tag: string, revision: string): string {
  const selector = { matchExpressions: [{ key: 'istio.io/rev', operator: 'In', values: [tag] }] };
  const object = { matchExpressions: [{ key: 'sidecar.istio.io/inject', operator: 'NotIn', values: ['false'] }] };
  return stringify({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: `istio-revision-tag-${tag}`, labels: { 'istio.io/rev': revision, 'istio.io/tag': tag } },
    webhooks: [
      {
        name: 'rev.namespace.sidecar-injector.istio.io',
        clientConfig: { service: { namespace: 'istio-system', name: `istiod-${revision}` } },
        namespaceSelector: selector,
        objectSelector: object,
      },
    ],
  });
}
