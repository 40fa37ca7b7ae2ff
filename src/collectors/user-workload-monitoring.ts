import {
  monitoringConfigName,
  monitoringNamespace,
  type Part,
  type UserWorkloadMonitoring,
  userMonitoringNamespace,
} from '../model/monitoring.ts';
import { resources } from '../model/resources.ts';
import { type KubeObject, type Metrics, type ResourceType, SourceError } from '../model/sources.ts';
import { type Collection, defineCollector } from './collector.ts';
import { at, text } from './fields.ts';
import { readMonitoringConfig } from './monitoring-config.ts';
import {
  conditionsOf,
  projectOpenNode,
  projectPrometheus,
  projectQuerier,
  projectRollout,
  projectTopology,
  projectVersion,
} from './monitoring-state.ts';
import { objectPart, partOf } from './parts.ts';
import { whole } from './prometheus-counts.ts';

/** What turns OpenShift's monitoring of user projects on, and how far that is. Each part is missing alone. */
export const userWorkloadMonitoring = defineCollector({
  kind: 'userWorkloadMonitoring',
  reads: [
    resources.clusterMonitorings,
    resources.clusterOperators,
    resources.clusterVersions,
    resources.configMaps,
    resources.deployments,
    resources.infrastructures,
    resources.nodes,
    resources.prometheuses,
    resources.statefulSets,
  ],
  async collect(collection) {
    const value = await allParts({ ...settingsIn(collection), ...stateIn(collection) });
    const parts = countedParts(value, collection);
    const missing = parts.filter((part) => part.status === 'missing');
    const [first] = missing;
    if (first !== undefined && missing.length >= parts.length - 1) {
      throw new SourceError(first.reason, first.detail, first.next === undefined ? {} : { next: first.next });
    }
    const unknown = Object.values(value).filter((part) => part.status === 'missing');
    const notes = [...new Set(unknown.map(({ detail }) => detail))];
    const seen = parts.length - missing.length;
    return { value, coverage: { seen, of: parts.length, unit: 'monitoring fact', notes } };
  },
});

const platformPrometheus = `${monitoringNamespace}/k8s`;
const userPrometheus = `${userMonitoringNamespace}/user-workload`;

/** What only metrics know sharpens the answer: where none are read, it is left to the notes and lacks nothing. */
function countedParts(value: UserWorkloadMonitoring, { sources }: Collection): readonly Part<unknown>[] {
  const { tenants, stores, ...others } = value;
  return [...Object.values(others), ...(sources.metrics === undefined ? [] : [tenants, stores])];
}

type Running<T> = { readonly [K in keyof T]: Promise<T[K]> };
type UserStores = Extract<UserWorkloadMonitoring['stores'], { readonly status: 'seen' }>['value'];
type Settings = 'config' | 'clusterMonitoring' | 'version' | 'topology' | 'operator' | 'managedNamespaces';

async function allParts(running: Running<UserWorkloadMonitoring>): Promise<UserWorkloadMonitoring> {
  const found = Object.entries(running).map(async ([key, part]) => [key, await part] as const);
  return Object.fromEntries(await Promise.all(found)) as unknown as UserWorkloadMonitoring;
}

function settingsIn(collection: Collection): Running<Pick<UserWorkloadMonitoring, Settings>> {
  const { clusterMonitorings, clusterOperators, clusterVersions, configMaps, infrastructures } = resources;
  const certain = <T>(resource: ResourceType, name: string, project: (object: KubeObject) => T) =>
    objectPart(collection, { resource, name, isCertain: true }, project);
  const configMap = <T>(name: string, project: (object: KubeObject) => T) =>
    objectPart(collection, { resource: configMaps, name, namespace: monitoringNamespace }, project);
  return {
    config: configMap(monitoringConfigName, readMonitoringConfig),
    clusterMonitoring: objectPart(collection, { resource: clusterMonitorings, name: 'cluster' }, userDefinedMode),
    version: certain(clusterVersions, 'version', projectVersion),
    topology: certain(infrastructures, 'cluster', projectTopology),
    operator: certain(clusterOperators, 'monitoring', conditionsOf),
    managedNamespaces: configMap('managed-namespaces', () => true as const),
  };
}

function stateIn(collection: Collection): Running<Omit<UserWorkloadMonitoring, Settings>> {
  const { sources, signal } = collection;
  const list = <T>(resource: ResourceType, namespace: string | undefined, project: (object: KubeObject) => T) =>
    sources.cluster.list(resource, { signal, ...(namespace !== undefined && { namespace }) }, project);
  const querier = { resource: resources.deployments, namespace: monitoringNamespace };
  return {
    prometheuses: partOf(() => list(resources.prometheuses, undefined, projectPrometheus)),
    statefulSets: partOf(() => list(resources.statefulSets, userMonitoringNamespace, projectRollout)),
    querier: partOf(async () => {
      const all = await list(querier.resource, querier.namespace, projectQuerier);
      return all.find(({ name }) => name === 'thanos-querier');
    }),
    nodes: partOf(async () => (await sources.cluster.list(resources.nodes, { signal }, projectOpenNode)).length),
    tenants: partOf(() => tenantsIn(collection)),
    stores: partOf(() => storesIn(collection)),
  };
}

function userDefinedMode(object: KubeObject): string {
  return text(at(object, 'spec', 'userDefined', 'mode')) ?? '';
}

/** Whoever would lose metrics and alerts if it were turned off. */
async function tenantsIn({ sources, signal }: Collection): Promise<readonly string[]> {
  const series = await whole(metricsOf(sources), `count by (namespace) (up{prometheus="${userPrometheus}"})`, signal);
  return series.flatMap(({ labels: { namespace } }) => namespace ?? []).toSorted();
}

/** What the querier has of it: a Prometheus marks all that it gives. Who lacks the platform's serves another cluster. */
async function storesIn({ sources, signal }: Collection): Promise<UserStores | undefined> {
  const stores = (await metricsOf(sources).stores({ signal })) ?? [];
  const of = (id: string) => stores.filter(({ labels }) => labels.some(({ prometheus }) => prometheus === id));
  if (of(platformPrometheus).length === 0) return undefined;
  return of(userPrometheus).map(({ name, isUp }) => ({ name, isUp }));
}

function metricsOf({ metrics }: Collection['sources']): Metrics {
  if (metrics !== undefined) return metrics;
  const says =
    'No metrics were read, so nobody knows who uses user-workload monitoring, and whether the querier answers from it.';
  throw new SourceError('not-in-source', says, {
    next: 'Name the Thanos querier of the cluster: PROMETHEUS_URL for the worker, --prometheus on the command line.',
  });
}
