import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clustersOfAlert, placeOfAlert } from '../../src/model/alert.ts';

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
  {
    name: 'labels in JSON',
    text: '```{"labels":{"alertname":"X","namespace":"bookinfo","pod":"reviews-v1-0"}}```',
    place: { namespace: 'bookinfo', workload: 'reviews-v1' },
  },
  {
    name: 'labels in JSON within JSON',
    text: '{\\"namespace\\":\\"bookinfo\\",\\"deployment\\":\\"reviews-v1\\"}',
    place: { namespace: 'bookinfo', workload: 'reviews-v1' },
  },
  {
    name: 'the service called, before whoever scraped it',
    text: 'destination_service_namespace="payments" namespace="istio-system"',
    place: { namespace: 'payments' },
  },
  {
    name: 'a link by what it shows',
    text: 'namespace: <https://console/ns/istio-system|bookinfo>',
    place: { namespace: 'bookinfo' },
  },
  {
    name: 'a word of prose',
    text: 'Problem in namespace: the cert of bookinfo and payments expires',
    place: undefined,
  },
  {
    name: 'a namespace that is new, rather than whoever scraped it',
    text: 'destination_workload_namespace="new" namespace="istio-system"',
    place: undefined,
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

describe('clustersOfAlert', () => {
  for (const { text, labelled = [], mentioned = [] } of [
    { text: 'cluster="eu" namespace="bookinfo"', labelled: ['eu'], mentioned: ['eu'] },
    { text: '{"cluster_name":"eu"}', labelled: ['eu'], mentioned: ['eu'] },
    { text: '*cluster:* `staging_1`', labelled: ['staging_1'] },
    { text: 'cluster: eu\ncluster: us', labelled: ['eu', 'us'], mentioned: ['eu', 'us'] },
    { text: '[FIRING:1] Down payments (us)', mentioned: ['us'] },
    { text: 'eu-1 is not eu_1, nor neu' },
  ] as const) {
    it(`reads ${text}`, () => assert.deepEqual(clustersOfAlert(text, ['eu', 'us']), { labelled, mentioned }));
  }
});
