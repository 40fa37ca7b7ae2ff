import { filesFrom } from '../../src/clients/files/files-cluster.ts';
import { type Cluster, type ListOptions, type ResourceType, SourceError } from '../../src/model/sources.ts';

/** A cluster made of manifests. */
export function clusterOf(...manifests: readonly string[]): Cluster {
  return filesFrom([{ file: 'test.yaml', text: manifests.join('---\n') }]);
}

/** The same cluster, seen by someone who lacks some rights: `refuse` says which lists and gets are forbidden. */
export function withoutRight(
  cluster: Cluster,
  refuse: (resource: ResourceType, namespace: string | undefined) => boolean,
): Cluster {
  const guard = (resource: ResourceType, { namespace }: ListOptions) => {
    if (!refuse(resource, namespace)) return;
    throw new SourceError('forbidden', `I may not list ${resource.plural} in ${namespace ?? 'all namespaces'}.`, {
      next: 'Ask for the right.',
    });
  };
  return {
    ...cluster,
    kind: 'live',
    async list(resource, options, project) {
      guard(resource, options);
      return cluster.list(resource, options, project);
    },
    async get(resource, name, options) {
      guard(resource, options);
      return cluster.get(resource, name, options);
    },
  };
}
