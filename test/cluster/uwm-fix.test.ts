import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { enableUserWorkloadMonitoring } from '../../src/fixes/enable-user-workload-monitoring.ts';
import type { MessageHandle } from '../../src/sandbox/slack/index.ts';
import { type Manifest, useCluster } from './cluster.ts';
import { useFixCards } from './fix-cards.ts';
import { boundFix, mayReadFreeze } from './fixer-account.ts';
import { startMonitoringOperator } from './monitoring-operator.ts';
import { startPrometheus } from './prometheus.ts';
import { tunnelTo } from './tunnel.ts';

const cluster = await useCluster();
const platform = 'openshift-monitoring';
const name = 'cluster-monitoring-config';

/** A cluster's whole set-up of monitoring: what is in it must be there afterwards, to the letter. */
const eightKeys = `# Owned by the platform team: ask in #platform before you change anything.
prometheusK8s:
  retention: 11d   # the auditors want ten
  volumeClaimTemplate:
    spec:
      storageClassName: gp3-csi
      resources: {requests: {storage: 100Gi}}
  remoteWrite:
  - url: "https://metrics.example.com/api/v1/write"
alertmanagerMain:
  nodeSelector: {node-role.kubernetes.io/infra: ""}
kubeStateMetrics: {}
openshiftStateMetrics: {}
telemeterClient:
    telemeterServerURL: 'https://infogw.example.com'
prometheusOperator:
  logLevel: warn
thanosQuerier:

  # two empty lines belong here


  requestLogging: true
nodeExporter: {collectors: {tcpstat: {enabled: true}}}
`;

/** The way of user-workload monitoring from a click to the operator and back, on an OpenShift that is played. */
describe('enable-user-workload-monitoring on a real API server', {
  skip: !cluster.ours && 'makes the cluster look like an OpenShift',
}, async () => {
  const operator = await startMonitoringOperator(cluster);
  await cluster.apply(
    ...boundFix('enable-user-workload-monitoring', platform),
    ...mayReadFreeze(platform),
    configMap(eightKeys),
  );
  const cards = useFixCards(cluster, await tunnelTo(cluster, await startPrometheus(cluster, [])));
  afterEach(async () => {
    cards.setAhead(0);
    operator.setMode('prompt');
    await cluster.apply(configMap(eightKeys));
    await operator.off();
  });

  const configText = () =>
    cluster.kubectl('-n', platform, 'get', 'configmap', name, '-o', 'jsonpath={.data.config\\.yaml}');

  async function applied() {
    const card = await cards.propose('fix enable-user-workload-monitoring');
    await cards.offers(card, 'Approve', 60);
    await cards.click(card, 'Approve');
    return card;
  }

  /** It works for five minutes, of which nobody waits for one. */
  async function verified(card: MessageHandle): Promise<void> {
    await cards.says(card, /works so far/, 120);
    cards.setAhead(6);
    await cards.says(card, /Fixed/, 60);
  }

  it('adds one line, keeps every other byte, and takes just that back', () =>
    cards.withFixer(platform, async () => {
      const card = await applied();
      await verified(card);
      assert.equal(await configText(), `${eightKeys}enableUserWorkload: true\n`);
      await cards.undo(card);
      assert.equal(await configText(), eightKeys);
    }));

  it('waits for an operator that takes its time', () =>
    cards.withFixer(platform, async () => {
      operator.setMode('slow');
      const card = await applied();
      await cards.says(card, /applied/i, 60);
      await verified(card);
    }));

  it('is not taken for fixed where trouble shows late', () =>
    cards.withFixer(platform, async () => {
      const card = await applied();
      await cards.says(card, /works so far/, 120);
      operator.setMode('degraded');
      await cards.says(card, /Applied, but/, 60);
    }));

  it('says that the operator does not take the configuration, and puts it back', () =>
    cards.withFixer(platform, async () => {
      operator.setMode('degraded');
      const card = await applied();
      await cards.says(card, /Applied, but/, 120);
      operator.setMode('prompt');
      await cards.undo(card);
      assert.equal(await configText(), eightKeys);
    }));

  it('says so when the operator never answers', () => {
    const verify = { ...enableUserWorkloadMonitoring.verify, withinSeconds: 10 };
    const impatient = { ...enableUserWorkloadMonitoring, verify };
    const work = async () => {
      operator.setMode('silent');
      const card = await applied();
      await cards.says(card, /Applied, but/, 120);
      assert.equal(await configText(), `${eightKeys}enableUserWorkload: true\n`);
    };
    return cards.withFixer(platform, work, { fixes: [impatient] });
  });

  it('changes nothing where somebody else was quicker, and shows a new plan', () =>
    cards.withFixer(platform, async () => {
      const card = await cards.propose('fix enable-user-workload-monitoring');
      await cards.offers(card, 'Approve', 60);
      const other = `${eightKeys}# seen\n`;
      await cluster.apply(configMap(other));
      await cards.click(card, 'Approve');
      await cards.says(card, /changed|Closed/, 60);
      assert.equal(await configText(), other);
    }));
});

function configMap(text: string): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: platform, name },
    data: { 'config.yaml': text },
  };
}
