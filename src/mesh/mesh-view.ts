import type { ControlPlane, Namespaces } from '../model/control-plane.ts';
import type { ServiceEntry } from '../model/service-entry.ts';
import type { DestinationRule, PeerAuthentication } from '../model/tls-config.ts';
import type { AuthorizationPolicy, Sidecar, VirtualService } from '../model/traffic-config.ts';
import type { Pod, Service, Workload } from '../model/workload.ts';

/** Everything that decides who reaches whom, of the whole cluster: a client may be anywhere. */
export interface MeshView {
  readonly controlPlane: ControlPlane;
  readonly namespaces: Namespaces;
  readonly workloads: readonly Workload[];
  readonly services: readonly Service[];
  readonly peerAuthentications: readonly PeerAuthentication[];
  readonly destinationRules: readonly DestinationRule[];
  readonly sidecars: readonly Sidecar[];
  readonly authorizationPolicies: readonly AuthorizationPolicy[];
  readonly virtualServices: readonly VirtualService[];
  readonly serviceEntries: readonly ServiceEntry[];
}

/** A pod and the workload that it belongs to. */
export interface Member {
  readonly pod: Pod;
  readonly workload: Workload;
}

export function podKey({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}

/** What a pod's certificate says. */
export function spiffeId({ namespace, serviceAccount }: Pod, trustDomain: string): string {
  return `spiffe://${trustDomain}/ns/${namespace}/sa/${serviceAccount}`;
}

export function membersOf(workloads: readonly Workload[]): ReadonlyMap<string, Member> {
  return new Map(workloads.flatMap((workload) => workload.pods.map((pod) => [podKey(pod), { pod, workload }])));
}
