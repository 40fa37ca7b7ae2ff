import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { eventually, type Manifest, type TestCluster } from './cluster.ts';

/**
 * How it answers the switch: at once; in steps of seconds; by refusing the configuration; not at all.
 */
export type OperatorMode = 'prompt' | 'slow' | 'degraded' | 'silent';

export interface MonitoringOperator {
  setMode(mode: OperatorMode): void;
  /** Resolves once it has turned everything off. */
  off(): Promise<unknown>;
}

interface State {
  mode: OperatorMode;
  stopped: boolean;
  /** What it brought about last: how it was turned on, or that it is off. */
  done: OperatorMode | 'off' | 'nothing';
}

const platform = 'openshift-monitoring';
const users = 'openshift-user-workload-monitoring';

/**
 * Makes the cluster look like an OpenShift, and plays its monitoring operator: it follows `enableUserWorkload` and
 * brings about the objects and conditions that the real one does. All of it is gone after the test file.
 */
export async function startMonitoringOperator(cluster: TestCluster): Promise<MonitoringOperator> {
  const state: State = { mode: 'prompt', stopped: false, done: 'nothing' };
  const running: { loop?: Promise<void> } = {};
  // Before what `cluster` deletes: hooks run in the order in which they are made.
  after(async () => {
    state.stopped = true;
    await running.loop;
    await cluster.delete(...userObjects);
    await cluster.delete(...crds, ...namespaces);
  });
  await cluster.apply(...crds, ...namespaces);
  for (const { metadata } of crds)
    await cluster.kubectl('wait', '--for=condition=Established', `crd/${metadata.name}`, '--timeout=30s');
  await eventually(
    () =>
      cluster.apply(...platformObjects).then(
        () => true,
        () => false,
      ),
    Boolean,
  );
  running.loop = follow(cluster, state);
  return {
    setMode(mode) {
      state.mode = mode;
    },
    off: () =>
      eventually(
        async () => state.done,
        (done) => done === 'off',
      ),
  };
}

async function follow(cluster: TestCluster, state: State): Promise<void> {
  while (!state.stopped) {
    const isOn = await switchIn(cluster);
    // How it would turn it on matters only while it is on.
    const wanted = isOn ? state.mode : 'off';
    if (wanted !== state.done && state.mode !== 'silent') await reconcile(cluster, state, isOn);
    state.done = wanted;
    await sleep(250);
  }
}

async function reconcile(cluster: TestCluster, state: State, isOn: boolean) {
  if (isOn && state.mode === 'degraded') {
    await cluster.apply(clusterOperator({ Available: 'False', Degraded: 'True' }, 'InvalidConfiguration'));
    return;
  }
  await cluster.apply(clusterOperator({ Progressing: 'True' }, 'RollOutInProgress'));
  if (state.mode === 'slow') for (let step = 0; step < 12 && !state.stopped; step += 1) await sleep(250);
  await (isOn ? cluster.apply(...userObjects) : cluster.delete(...userObjects));
  await cluster.apply(clusterOperator({}, 'PrometheusDataPersistenceNotConfigured'));
}

async function switchIn(cluster: TestCluster): Promise<boolean> {
  const path = '{.data.config\\.yaml}';
  const name = 'cluster-monitoring-config';
  const text = await cluster.kubectl(
    '-n',
    platform,
    'get',
    'configmap',
    name,
    '--ignore-not-found',
    '-o',
    `jsonpath=${path}`,
  );
  return parse(text)?.enableUserWorkload === true;
}

function clusterOperator(changes: Readonly<Record<string, string>>, reason: string): Manifest {
  const states = { Available: 'True', Degraded: 'False', Progressing: 'False', ...changes };
  const conditions = Object.entries(states).map(([type, status]) => ({ type, status, reason }));
  return config('ClusterOperator', 'monitoring', { conditions });
}

function config(kind: string, name: string, status: object): Manifest {
  return { apiVersion: 'config.openshift.io/v1', kind, metadata: { name }, status };
}

/** A workload without pods is rolled out as soon as Kubernetes' own controllers have seen it. */
function empty(kind: string, namespace: string, name: string): Manifest {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'local/echo:1' }] } };
  const service = kind === 'StatefulSet' ? { serviceName: name } : {};
  const spec = { replicas: 0, selector: { matchLabels: labels }, template, ...service };
  return { apiVersion: 'apps/v1', kind, metadata: { namespace, name }, spec };
}

/** Kubernetes keeps what tests write as status, for these have no subresource of it. */
function crd(group: string, plural: string, kind: string, scope: 'Cluster' | 'Namespaced'): Manifest {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  const names = { plural, singular: kind.toLowerCase(), kind, listKind: `${kind}List` };
  const versions = [{ name: 'v1', served: true, storage: true, schema }];
  const annotations = { 'api-approved.kubernetes.io': 'unapproved, for tests' };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, annotations },
    spec: { group, names, scope, versions },
  };
}

const crds = [
  crd('config.openshift.io', 'clusterversions', 'ClusterVersion', 'Cluster'),
  crd('config.openshift.io', 'clusteroperators', 'ClusterOperator', 'Cluster'),
  crd('config.openshift.io', 'infrastructures', 'Infrastructure', 'Cluster'),
  crd('monitoring.coreos.com', 'prometheuses', 'Prometheus', 'Namespaced'),
];
const namespaces = [platform, users].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
const topology = { controlPlaneTopology: 'SingleReplica', infrastructureTopology: 'SingleReplica' };
const idle = [{ type: 'Progressing', status: 'False' }];
const platformObjects = [
  config('ClusterVersion', 'version', { desired: { version: '4.19.3' }, conditions: idle }),
  config('Infrastructure', 'cluster', topology),
  clusterOperator({}, 'PrometheusDataPersistenceNotConfigured'),
  empty('Deployment', platform, 'thanos-querier'),
];
const userObjects: readonly Manifest[] = [
  empty('StatefulSet', users, 'prometheus-user-workload'),
  empty('StatefulSet', users, 'thanos-ruler-user-workload'),
  {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'Prometheus',
    metadata: { namespace: users, name: 'user-workload' },
    spec: {},
    status: {
      conditions: ['Available', 'Reconciled'].map((type) => ({ type, status: 'True', observedGeneration: 1 })),
    },
  },
];
