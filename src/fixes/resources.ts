import type { ResourceType } from '../model/sources.ts';

/** Resources that fixes change, as collectors read them. */
export const peerAuthentications: ResourceType = {
  group: 'security.istio.io',
  plural: 'peerauthentications',
  kind: 'PeerAuthentication',
  versions: ['v1', 'v1beta1'],
  namespaced: true,
};

export const destinationRules: ResourceType = {
  group: 'networking.istio.io',
  plural: 'destinationrules',
  kind: 'DestinationRule',
  versions: ['v1', 'v1beta1', 'v1alpha3'],
  namespaced: true,
};
