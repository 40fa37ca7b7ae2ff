import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stringify } from 'yaml';
import { collect } from '../../src/collectors/collect.ts';
import type { EvidenceKind, Snapshot } from '../../src/model/evidence.ts';
import type { Cluster } from '../../src/model/sources.ts';
import { clusterOf, withoutRight } from '../helpers/cluster.ts';
import { manifest, meshConfig, namespace, peerAuthentication, service, workload } from '../helpers/manifests.ts';

const everything: readonly EvidenceKind[] = [
  'authorizationPolicies',
  'controlPlane',
  'destinationRules',
  'namespaces',
  'peerAuthentications',
  'serviceEntries',
  'services',
  'sidecars',
  'virtualServices',
  'workloads',
];

const mesh = [
  meshConfig({}),
  namespace('shop', { 'istio-injection': 'enabled' }),
  namespace('other'),
  workload('shop/web', { labels: { app: 'web' }, ports: [{ name: 'http', containerPort: 8080 }], pods: 2 }),
  workload('other/web'),
  service('shop/web', { app: 'web' }, [{ port: 80, targetPort: 'http' }]),
  peerAuthentication('shop/default', 'STRICT'),
  peerAuthentication('other/default', 'DISABLE'),
];

describe('collect', () => {
  it('collects every kind', async () => {
    const { evidence } = await take(clusterOf(...mesh));
    assert.deepEqual(
      Object.values(evidence).map(({ status }) => status),
      everything.map(() => 'collected'),
    );
  });

  it('looks at workloads of the namespaces in question only', async () => {
    assert.deepEqual(names(await take(clusterOf(...mesh)), 'workloads'), ['shop/web']);
    const wider = await take(clusterOf(...mesh), { from: ['other'] });
    assert.deepEqual(names(wider, 'workloads'), ['other/web', 'shop/web']);
  });

  it('joins a workload with its pods', async () => {
    const found = collected(await take(clusterOf(...mesh)), 'workloads');
    assert.deepEqual(
      found[0]?.pods.map(({ name }) => name),
      ['web-0', 'web-1'],
    );
  });

  it('follows owners to the top: a pod of a ReplicaSet belongs to its Deployment', async () => {
    const found = collected(await take(clusterOf(...mesh, ...replicaSetOf('shop', 'api'))), 'workloads');
    assert.deepEqual(
      found.map(({ kind, name, pods }) => `${kind} ${name} ${pods.length}`),
      ['Deployment api 1', 'Deployment web 2'],
    );
  });

  it('names a workload by a controller that is not read', async () => {
    const rollout = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name: 'api', uid: 'r', controller: true };
    const replicaSet = manifest('apps/v1', 'ReplicaSet', 'shop/api-1', {
      ownerReferences: [rollout],
      spec: { template: {} },
    });
    const [, pod = ''] = replicaSetOf('shop', 'api');
    const found = collected(await take(clusterOf(...mesh, replicaSet, pod)), 'workloads');
    assert.deepEqual(
      found.map(({ kind, name }) => `${kind} ${name}`),
      ['Rollout api', 'Deployment web'],
    );
  });

  it('leaves out pods that have finished', async () => {
    const done = manifest('v1', 'Pod', 'shop/job', { spec: { containers: [] }, status: { phase: 'Succeeded' } });
    assert.deepEqual(names(await take(clusterOf(...mesh, done)), 'workloads'), ['shop/web']);
  });

  it('finds endpoints by selector where files hold no EndpointSlices, ports by name', async () => {
    const [web] = collected(await take(clusterOf(...mesh)), 'services');
    assert.deepEqual(
      web?.endpoints.map(({ pod, ports }) => [pod, ports[0]?.port]),
      [
        ['web-0', 8080],
        ['web-1', 8080],
      ],
    );
  });

  it('leaves out an istiod that is no mesh, and webhooks that were left behind', async () => {
    const gateway = meshConfig({}, { namespace: 'openshift-ingress', revision: 'openshift-gateway' });
    const webhook = stringify({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name: 'istio-sidecar-injector-old', labels: { 'istio.io/rev': 'old' } },
      webhooks: [
        {
          name: 'namespace.sidecar-injector.istio.io',
          clientConfig: { service: { namespace: 'istio-system', name: 'i' } },
        },
      ],
    });
    const live = withoutRight(clusterOf(...mesh, gateway, webhook), () => false);
    assert.deepEqual(
      collected(await take(live), 'controlPlane').revisions.map(({ name }) => name),
      ['default'],
    );
  });

  it('takes the domain of the cluster from istiod', async () => {
    const containers = [{ name: 'discovery', image: 'pilot', args: ['discovery', '--domain', 'corp.example'] }];
    const istiod = manifest('apps/v1', 'Deployment', 'istio-system/istiod', {
      labels: { app: 'istiod' },
      spec: { template: { spec: { containers } } },
    });
    const [revision] = collected(await take(clusterOf(istiod, ...mesh.slice(1))), 'controlPlane').revisions;
    assert.equal(revision?.clusterDomain, 'corp.example');
  });

  it('fails each kind alone, with the reason', async () => {
    const cluster = withoutRight(clusterOf(...mesh), ({ plural }) => plural === 'services');
    const { evidence } = await take(cluster);
    assert.deepEqual(missing(evidence), { services: 'forbidden' });
  });

  it('reads policies where it may, if not in all namespaces', async () => {
    const cluster = withoutRight(
      clusterOf(...mesh),
      ({ plural }, ns) => plural === 'peerauthentications' && ns === undefined,
    );
    const snapshot = await take(cluster);
    assert.deepEqual(names(snapshot, 'peerAuthentications'), ['shop/default']);
    const unread = (one: Snapshot) => {
      const { peerAuthentications } = one.evidence;
      return peerAuthentications?.status === 'collected' && (peerAuthentications.coverage.unread ?? []).length;
    };
    assert.deepEqual(
      [unread(snapshot), unread(await take(clusterOf(...mesh)))],
      [1, 0],
      'and says that it did not all',
    );
  });

  it('does not settle for the namespace where the root namespace is closed', async () => {
    const closed = (ns: string | undefined) => ns === undefined || ns === 'istio-system';
    const cluster = withoutRight(
      clusterOf(...mesh),
      ({ plural }, ns) => plural === 'peerauthentications' && closed(ns),
    );
    assert.deepEqual(missing((await take(cluster)).evidence), { peerAuthentications: 'forbidden' });
  });

  it('gets the namespaces in question where none may be listed', async () => {
    const cluster = withoutRight(clusterOf(...mesh), () => false);
    const unlisted: Cluster = withoutRight(cluster, () => false);
    const guarded = { ...unlisted, list: withoutRight(cluster, ({ plural }) => plural === 'namespaces').list };
    const value = collected(await take(guarded), 'namespaces');
    assert.deepEqual(value, { complete: false, items: [{ name: 'shop', labels: { 'istio-injection': 'enabled' } }] });
  });

  it('tells what became of each kind, and how long it took', async () => {
    const told: string[] = [];
    const cluster = withoutRight(clusterOf(...mesh), ({ plural }) => plural === 'services');
    await collect(
      ['services', 'workloads'],
      { cluster },
      { cluster: 'test', namespace: 'shop' },
      {
        signal: AbortSignal.timeout(5_000),
        onEvidence: (kind, outcome, seconds) => told.push(`${kind} ${outcome} ${seconds >= 0}`),
      },
    );
    assert.deepEqual(told.toSorted(), ['services forbidden true', 'workloads collected true']);
  });

  it('says what cannot be understood, and does not drop it', async () => {
    const odd = manifest('security.istio.io/v1', 'PeerAuthentication', 'shop/odd', { spec: { mtls: 'STRICT' } });
    const { evidence } = await take(clusterOf(...mesh, odd));
    assert.deepEqual(missing(evidence), { peerAuthentications: 'invalid' });
  });

  it('lets an error of our own through', async () => {
    const cluster: Cluster = {
      ...clusterOf(...mesh),
      list: () => Promise.reject(new TypeError('ours')),
    };
    await assert.rejects(take(cluster), TypeError);
  });
});

function take(cluster: Cluster, more: { from?: readonly string[] } = {}): Promise<Snapshot> {
  const target = { cluster: 'test', namespace: 'shop', ...more };
  return collect(everything, { cluster }, target, { signal: AbortSignal.timeout(5_000) });
}

function collected<K extends EvidenceKind>({ evidence }: Snapshot, kind: K) {
  const found = evidence[kind];
  assert.ok(found?.status === 'collected', `${kind} was not collected`);
  return found.value as Extract<NonNullable<Snapshot['evidence'][K]>, { status: 'collected' }>['value'];
}

function names(snapshot: Snapshot, kind: 'workloads' | 'peerAuthentications'): readonly string[] {
  return collected(snapshot, kind).map(({ namespace: ns, name }) => `${ns}/${name}`);
}

function missing(evidence: Snapshot['evidence']): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(evidence).flatMap(([kind, found]) => (found.status === 'missing' ? [[kind, found.reason]] : [])),
  );
}

function replicaSetOf(ns: string, name: string): readonly string[] {
  const owner = (kind: string, of: string) => [{ apiVersion: 'apps/v1', kind, name: of, uid: of, controller: true }];
  const set = manifest('apps/v1', 'ReplicaSet', `${ns}/${name}-1`, {
    ownerReferences: owner('Deployment', name),
    spec: { template: {} },
  });
  const pod = manifest('v1', 'Pod', `${ns}/${name}-1-x`, {
    ownerReferences: owner('ReplicaSet', `${name}-1`),
    spec: { containers: [] },
    status: { phase: 'Running' },
  });
  const deployment = manifest('apps/v1', 'Deployment', `${ns}/${name}`, { spec: { template: {} } });
  return [set, pod, deployment];
}
