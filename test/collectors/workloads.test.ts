import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse, stringify } from 'yaml';
import { collect } from '../../src/collectors/collect.ts';
import type { KubeObject } from '../../src/model/sources.ts';
import { clusterOf } from '../helpers/cluster.ts';
import { manifest, workload } from '../helpers/manifests.ts';

/** Workloads as they are named, with the number of their pods: `Deployment shop/api 2`. */
async function named(...manifests: readonly string[]): Promise<readonly string[]> {
  const target = { cluster: 'test', namespace: 'shop' };
  const signal = AbortSignal.timeout(5_000);
  const { evidence } = await collect(['workloads'], { cluster: clusterOf(...manifests) }, target, { signal });
  assert.ok(evidence.workloads?.status === 'collected');
  return evidence.workloads.value.map(
    ({ kind, namespace, name, pods }) => `${kind} ${namespace}/${name} ${pods.length}`,
  );
}

/** The first object of the manifests, controlled by another. */
function ownedBy(kind: string, name: string, manifests: string): string {
  const [first = '', ...others] = manifests.split('---\n');
  const { metadata, ...rest } = parse(first) as KubeObject;
  const owner = { apiVersion: 'v1', kind, name, uid: name, controller: true };
  return [stringify({ ...rest, metadata: { ...metadata, ownerReferences: [owner] } }), ...others].join('---\n');
}

const template = { metadata: { labels: {} }, spec: { containers: [{ name: 'app' }] } };
const owned = (apiVersion: string, kind: string, name: string) =>
  manifest(apiVersion, kind, `shop/${name}`, { spec: { template } });
const podOf = (kind: string, name: string) =>
  ownedBy(
    kind,
    name,
    manifest('v1', 'Pod', 'shop/pod', { spec: { containers: [{ name: 'app' }] }, status: { phase: 'Running' } }),
  );

describe('the evidence of workloads', () => {
  it('calls pods by what people deploy', async () => {
    const set = ownedBy('Deployment', 'api', owned('apps/v1', 'ReplicaSet', 'api-1'));
    const job = ownedBy('CronJob', 'nightly', owned('batch/v1', 'Job', 'nightly-1'));
    const cron = manifest('batch/v1', 'CronJob', 'shop/nightly', { spec: { jobTemplate: { spec: { template } } } });
    const deployment = owned('apps/v1', 'Deployment', 'api');
    assert.deepEqual(await named(deployment, set, podOf('ReplicaSet', 'api-1')), ['Deployment shop/api 1']);
    assert.deepEqual(await named(cron, job, podOf('Job', 'nightly-1')), ['CronJob shop/nightly 1']);
  });

  it('stops where Istio does, below what an operator made it for', async () => {
    const of = (kind: 'Deployment' | 'StatefulSet' | 'DaemonSet', name: string) =>
      ownedBy('PostgresCluster', 'db', workload(`shop/${name}`, { kind }));
    assert.deepEqual(await named(of('StatefulSet', 'db-1'), of('StatefulSet', 'db-2'), of('Deployment', 'pool')), [
      'StatefulSet shop/db-1 1',
      'StatefulSet shop/db-2 1',
      'Deployment shop/pool 1',
    ]);
    assert.deepEqual(await named(of('DaemonSet', 'agent')), ['DaemonSet shop/agent 1']);
  });

  it('keeps what an operator made and has no pods now', async () => {
    assert.deepEqual(await named(ownedBy('PostgresCluster', 'db', owned('apps/v1', 'StatefulSet', 'db-1'))), [
      'StatefulSet shop/db-1 0',
    ]);
  });

  it('takes an owner that is not read for what people deploy', async () => {
    const set = ownedBy('Rollout', 'api', owned('apps/v1', 'ReplicaSet', 'api-1'));
    assert.deepEqual(await named(set, podOf('ReplicaSet', 'api-1')), ['Rollout shop/api 1']);
    assert.deepEqual(await named(podOf('StrimziPodSet', 'kafka')), ['StrimziPodSet shop/kafka 1']);
  });
});
