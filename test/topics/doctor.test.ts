import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answer } from '../../src/jobs/answer.ts';
import type { Report } from '../../src/model/report.ts';
import { evidenceNeeded } from '../../src/topics/evidence.ts';
import { topics } from '../../src/topics/index.ts';
import { clusterOf, withoutRight } from '../helpers/cluster.ts';
import { meshConfig, namespace, peerAuthentication, service, workload } from '../helpers/manifests.ts';

const shop = [
  meshConfig({}),
  namespace('shop', { 'istio-injection': 'enabled' }),
  service('shop/api', { app: 'api' }, [{ name: 'http', port: 80, targetPort: 8080 }]),
  peerAuthentication('shop/default', 'STRICT'),
  workload('shop/api', { labels: { app: 'api' } }),
  workload('shop/web', { labels: { app: 'web' } }),
];
const openShift = `
apiVersion: config.openshift.io/v1
kind: ClusterVersion
metadata: { name: version }
spec: { clusterID: x }
status: { desired: { version: 4.18.1 } }
`;

async function ask(topic: string, manifests: readonly string[]): Promise<Report> {
  const target = { cluster: 'prod', namespace: 'shop' };
  return (await answer({ topic, target }, { cluster: clusterOf(...manifests) })).report;
}

const idsOf = ({ findings }: Report) => findings.map(({ check, code, subject }) => `${check}/${code} ${subject.name}`);
const isMonitoring = (id: string) => id.startsWith('user-workload-monitoring/');

describe('doctor', () => {
  const doctor = topics.find(({ id }) => id === 'doctor');
  assert.ok(doctor);

  it('asks every check of every topic, and each once', () => {
    const ids = doctor.checks.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    assert.deepEqual(
      ids.toSorted(),
      [...new Set(topics.flatMap(({ checks }) => checks.map(({ id }) => id)))].toSorted(),
    );
  });

  it('collects what every topic needs', () => {
    const kinds = new Set(evidenceNeeded(doctor));
    for (const topic of topics) for (const kind of evidenceNeeded(topic)) assert.ok(kinds.has(kind), kind);
  });

  it('finds what the topics of a namespace find, and shows their tables', async () => {
    const broken = [...shop, workload('shop/job', { labels: { app: 'job' }, proxy: 'none' })];
    const [whole, mtls] = [await ask('doctor', broken), await ask('mtls', broken)];
    assert.deepEqual(idsOf(whole), idsOf(mtls));
    assert.deepEqual(whole.connections, mtls.connections);
    assert.deepEqual(whole.demands, mtls.demands);
    assert.equal(whole.headline, mtls.headline);
  });

  it('says nothing of OpenShift where there is none', async () => {
    const report = await ask('doctor', shop);
    assert.equal(report.verdict, 'ok');
    assert.ok(!idsOf(report).some(isMonitoring));
    assert.ok(!report.coverage.some(({ kind }) => kind === 'userWorkloadMonitoring'));
  });

  it('looks at the whole cluster too where it has what a topic is about', async () => {
    const report = await ask('doctor', [...shop, openShift]);
    assert.ok(idsOf(report).some(isMonitoring));
    assert.ok(report.coverage.some(({ kind }) => kind === 'userWorkloadMonitoring'));
  });

  it('shows no table where what it needs is missing, and says what is', async () => {
    const cluster = withoutRight(clusterOf(...shop), ({ plural }) => plural === 'peerauthentications');
    const target = { cluster: 'prod', namespace: 'shop' };
    const { report } = await answer({ topic: 'doctor', target }, { cluster });
    assert.equal(report.verdict, 'unknown');
    assert.equal(report.connections, undefined);
  });
});
