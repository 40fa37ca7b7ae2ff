import { stringify } from 'yaml';

type Status = 'True' | 'False';
type Labels = Readonly<Record<string, string>>;

interface Parts {
  /** Text of `config.yaml`; `null`: the ConfigMap has no such key. Absent: there is no ConfigMap. */
  readonly config?: string | null;
  readonly labels?: Labels;
  readonly version?: string;
  readonly upgrading?: Status;
  /** Of the ClusterMonitoring resource. */
  readonly mode?: string;
  readonly managed?: true;
  readonly degraded?: readonly [Status, string];
  readonly available?: Status;
  readonly progressing?: Status;
  /** Conditions of the operator that it does not show. */
  readonly silent?: readonly string[];
  readonly topology?: string;
  readonly nodes?: number;
}

/** An OpenShift as its monitoring shows it, healthy unless a test says otherwise. */
export function openShift(parts: Parts = {}): readonly string[] {
  const { config, labels = {}, version = '4.19.3', upgrading = 'False', mode, managed, nodes = 3 } = parts;
  const { topology = 'HighlyAvailable' } = parts;
  const conditions = [condition('Progressing', upgrading)];
  const topologies = { controlPlaneTopology: topology, infrastructureTopology: topology };
  const name = 'openshift-monitoring/cluster-monitoring-config';
  return [
    manifest('config.openshift.io/v1', 'ClusterVersion', 'version', { status: { desired: { version }, conditions } }),
    manifest('config.openshift.io/v1', 'Infrastructure', 'cluster', { status: topologies }),
    clusterOperator(parts),
    rollout('Deployment', 'openshift-monitoring/thanos-querier'),
    prometheus('openshift-monitoring/k8s'),
    ...Array.from({ length: nodes }, (_, index) => manifest('v1', 'Node', `node-${index}`, {})),
    ...(config === undefined
      ? []
      : [manifest('v1', 'ConfigMap', name, { labels, data: config === null ? {} : { 'config.yaml': config } })]),
    ...(managed === true ? [manifest('v1', 'ConfigMap', 'openshift-monitoring/managed-namespaces', {})] : []),
    ...(mode === undefined
      ? []
      : [
          manifest('config.openshift.io/v1alpha1', 'ClusterMonitoring', 'cluster', { spec: { userDefined: { mode } } }),
        ]),
  ];
}

/** What turning it on brings about. */
export function userWorkload({
  available = 'True',
  ready = 2,
  observed = 1,
}: {
  readonly available?: Status;
  readonly ready?: number;
  readonly observed?: number;
} = {}): readonly string[] {
  return [
    prometheus('openshift-user-workload-monitoring/user-workload', available, observed),
    rollout('StatefulSet', 'openshift-user-workload-monitoring/prometheus-user-workload', ready),
    rollout('StatefulSet', 'openshift-user-workload-monitoring/thanos-ruler-user-workload'),
  ];
}

export function prometheus(id: string, available: Status = 'True', observedGeneration = 1): string {
  const conditions = [condition('Available', available), condition('Reconciled', 'True')];
  const status = { conditions: conditions.map((one) => ({ ...one, observedGeneration })) };
  return manifest('monitoring.coreos.com/v1', 'Prometheus', id, { generation: 1, status });
}

export function rollout(
  kind: 'Deployment' | 'StatefulSet',
  id: string,
  readyReplicas = 2,
  args: readonly string[] = [],
): string {
  const status = { observedGeneration: 1, updatedReplicas: 2, readyReplicas };
  const template = { spec: { containers: [{ name: 'main', args }] } };
  return manifest('apps/v1', kind, id, { generation: 1, spec: { replicas: 2, template }, status });
}

function clusterOperator({
  degraded = ['False', 'PrometheusDataPersistenceNotConfigured'],
  available = 'True',
  progressing = 'False',
  silent = [],
}: Parts): string {
  const conditions = [
    condition('Available', available, available === 'True' ? 'RollOutDone' : degraded[1]),
    condition('Degraded', ...degraded),
    condition('Progressing', progressing),
  ];
  const shown = conditions.filter(({ type }) => !silent.includes(type));
  return manifest('config.openshift.io/v1', 'ClusterOperator', 'monitoring', { status: { conditions: shown } });
}

interface Content {
  readonly labels?: Labels;
  readonly generation?: number;
  readonly spec?: object;
  readonly data?: object;
  readonly status?: object;
}

function manifest(apiVersion: string, kind: string, id: string, { labels, generation, ...content }: Content): string {
  const [name, namespace] = id.split('/').toReversed();
  return stringify({ apiVersion, kind, metadata: { name, namespace, labels, generation }, ...content });
}

function condition(type: string, status: Status, reason = '') {
  return { type, status, reason };
}
