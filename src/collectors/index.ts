import type { EvidenceKind } from '../model/evidence.ts';
import { authorizationPolicies } from './authorization-policies.ts';
import type { Collector } from './collector.ts';
import { controlPlane } from './control-plane.ts';
import { destinationRules } from './destination-rules.ts';
import { namespaces } from './namespaces.ts';
import { observed } from './observed.ts';
import { peerAuthentications } from './peer-authentications.ts';
import { proxies } from './proxies.ts';
import { serviceEntries } from './service-entries.ts';
import { services } from './services.ts';
import { sidecars } from './sidecars.ts';
import { userWorkloadMonitoring } from './user-workload-monitoring.ts';
import { virtualServices } from './virtual-services.ts';
import { workloads } from './workloads.ts';

/** One collector for each kind of evidence. */
export const collectors: { readonly [K in EvidenceKind]: Collector<K> } = {
  authorizationPolicies,
  controlPlane,
  destinationRules,
  namespaces,
  observed,
  peerAuthentications,
  proxies,
  serviceEntries,
  services,
  sidecars,
  userWorkloadMonitoring,
  virtualServices,
  workloads,
};
