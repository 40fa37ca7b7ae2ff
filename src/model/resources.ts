import type { ResourceType } from './sources.ts';

function resource(
  group: string,
  plural: string,
  kind: string,
  versions: readonly string[],
  namespaced = true,
): ResourceType {
  return { group, plural, kind, versions, namespaced };
}

function openshift(plural: string, kind: string, version: string): ResourceType {
  return resource('config.openshift.io', plural, kind, [version], false);
}

const istioVersions = ['v1', 'v1beta1', 'v1alpha3'];

/** Every resource that is read or changed. The reader's ClusterRole is generated from what collectors read of it. */
export const resources = {
  namespaces: resource('', 'namespaces', 'Namespace', ['v1'], false),
  nodes: resource('', 'nodes', 'Node', ['v1'], false),
  pods: resource('', 'pods', 'Pod', ['v1']),
  services: resource('', 'services', 'Service', ['v1']),
  configMaps: resource('', 'configmaps', 'ConfigMap', ['v1']),
  replicationControllers: resource('', 'replicationcontrollers', 'ReplicationController', ['v1']),
  deployments: resource('apps', 'deployments', 'Deployment', ['v1']),
  replicaSets: resource('apps', 'replicasets', 'ReplicaSet', ['v1']),
  statefulSets: resource('apps', 'statefulsets', 'StatefulSet', ['v1']),
  daemonSets: resource('apps', 'daemonsets', 'DaemonSet', ['v1']),
  deploymentConfigs: resource('apps.openshift.io', 'deploymentconfigs', 'DeploymentConfig', ['v1']),
  jobs: resource('batch', 'jobs', 'Job', ['v1']),
  cronJobs: resource('batch', 'cronjobs', 'CronJob', ['v1', 'v1beta1']),
  endpointSlices: resource('discovery.k8s.io', 'endpointslices', 'EndpointSlice', ['v1', 'v1beta1']),
  mutatingWebhooks: resource(
    'admissionregistration.k8s.io',
    'mutatingwebhookconfigurations',
    'MutatingWebhookConfiguration',
    ['v1'],
    false,
  ),
  peerAuthentications: resource('security.istio.io', 'peerauthentications', 'PeerAuthentication', ['v1', 'v1beta1']),
  authorizationPolicies: resource('security.istio.io', 'authorizationpolicies', 'AuthorizationPolicy', [
    'v1',
    'v1beta1',
  ]),
  destinationRules: resource('networking.istio.io', 'destinationrules', 'DestinationRule', istioVersions),
  virtualServices: resource('networking.istio.io', 'virtualservices', 'VirtualService', istioVersions),
  sidecars: resource('networking.istio.io', 'sidecars', 'Sidecar', istioVersions),
  serviceEntries: resource('networking.istio.io', 'serviceentries', 'ServiceEntry', istioVersions),
  clusterMonitorings: openshift('clustermonitorings', 'ClusterMonitoring', 'v1alpha1'),
  clusterOperators: openshift('clusteroperators', 'ClusterOperator', 'v1'),
  clusterVersions: openshift('clusterversions', 'ClusterVersion', 'v1'),
  infrastructures: openshift('infrastructures', 'Infrastructure', 'v1'),
  prometheuses: resource('monitoring.coreos.com', 'prometheuses', 'Prometheus', ['v1']),
} as const satisfies Record<string, ResourceType>;
