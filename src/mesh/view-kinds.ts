import type { MeshView } from './mesh-view.ts';

/** The evidence that a {@link MeshView} is made of. */
export const viewKinds = [
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
] as const satisfies readonly (keyof MeshView)[];
