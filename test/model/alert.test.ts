import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { placeOfAlert } from '../../src/model/alert.ts';

const known = ['bookinfo', 'payments', 'istio-system'];

const cases = [
  {
    name: 'labels written out',
    text: '*Alert:* High error rate\n • *alertname:* `IstioHigh5xx`\n • *namespace:* `bookinfo`\n • *pod:* `reviews-v1-7c9f8d6b5-abcde`',
    place: { namespace: 'bookinfo', workload: 'reviews-v1' },
  },
  {
    name: "Alertmanager's own title, which has values only",
    text: '[FIRING:1] KubeDeploymentReplicasMismatch payments (api warning kube-state-metrics)',
    place: { namespace: 'payments' },
  },
  {
    name: 'the destination, where an alert of the mesh names two ends',
    text: 'source_workload_namespace="web" destination_workload_namespace="payments" destination_workload="api" namespace="monitoring"',
    place: { namespace: 'payments', workload: 'api' },
  },
  {
    name: 'a StatefulSet by its pod',
    text: 'namespace=payments pod=db-0',
    place: { namespace: 'payments', workload: 'db' },
  },
  { name: 'two namespaces', text: '[FIRING:2] Down (bookinfo payments critical)', place: undefined },
  { name: 'two values of one label', text: 'namespace: bookinfo\nnamespace: payments', place: undefined },
  { name: 'no namespace at all', text: 'Lunch at payment-desk?', place: undefined },
];

describe('placeOfAlert', () => {
  for (const { name, text, place } of cases) {
    it(`understands ${name}`, () => {
      assert.deepEqual(placeOfAlert(text, known), place);
    });
  }
});
