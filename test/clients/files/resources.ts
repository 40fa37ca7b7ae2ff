import type { Cluster, ListOptions, ResourceType } from '../../../src/model/sources.ts';

function resource(
  group: string,
  plural: string,
  kind: string,
  versions: readonly string[],
  namespaced = true,
): ResourceType {
  return { group, plural, kind, versions, namespaced };
}

export const namespaces = resource('', 'namespaces', 'Namespace', ['v1'], false);
export const pods = resource('', 'pods', 'Pod', ['v1']);
export const secrets = resource('', 'secrets', 'Secret', ['v1']);
export const configMaps = resource('', 'configmaps', 'ConfigMap', ['v1']);
export const deployments = resource('apps', 'deployments', 'Deployment', ['v1']);
export const clusterRoles = resource('rbac.authorization.k8s.io', 'clusterroles', 'ClusterRole', ['v1'], false);
export const policies = resource('security.istio.io', 'peerauthentications', 'PeerAuthentication', ['v1', 'v1beta1']);
export const rules = resource('networking.istio.io', 'destinationrules', 'DestinationRule', ['v1', 'v1beta1']);
export const meshes = resource('maistra.io', 'servicemeshcontrolplanes', 'ServiceMeshControlPlane', ['v2']);

/** `namespace/name` of what a list gives. */
export async function names(
  cluster: Cluster,
  type: ResourceType,
  options: ListOptions = {},
): Promise<readonly string[]> {
  return cluster.list(type, options, ({ metadata: { namespace, name } }) =>
    namespace === undefined ? name : `${namespace}/${name}`,
  );
}
