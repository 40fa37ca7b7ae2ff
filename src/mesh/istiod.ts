import type { Revision } from '../model/control-plane.ts';
import type { ServiceEntry } from '../model/service-entry.ts';
import type { AuthorizationPolicy, Sidecar, VirtualService } from '../model/traffic-config.ts';
import { byAge } from './age.ts';
import { withDelegates } from './delegate.ts';
import { type DestinationRules, indexDestinationRules } from './destination-rule.ts';
import { hiddenFrom } from './discovery.ts';
import type { MeshService } from './mesh-service.ts';
import { type Member, type MeshView, membersOf, podKey } from './mesh-view.ts';
import { indexPeerAuthentications, type PeerAuthentications } from './peer-authentication.ts';
import type { Protocol } from './protocol.ts';

/** What one istiod knows: its mesh configuration, and the objects and Services in the namespaces that it looks at. */
export interface Istiod {
  readonly revision: Revision;
  readonly clusterDomain: string;
  readonly services: ReadonlyMap<string, MeshService>;
  readonly podsByAddress: ReadonlyMap<string, Member>;
  /** By host. Where a Service has the host, it goes first. */
  readonly serviceEntries: ReadonlyMap<string, readonly ServiceEntry[]>;
  readonly peerAuthentications: PeerAuthentications;
  readonly destinationRules: DestinationRules;
  /** By namespace, in the order in which they are tried. */
  readonly sidecars: ReadonlyMap<string, readonly Sidecar[]>;
  readonly authorizationPolicies: ReadonlyMap<string, readonly AuthorizationPolicy[]>;
  /** Those for sidecars, oldest first. */
  readonly virtualServices: readonly VirtualService[];
  /** What a pod's port carries, by the oldest Service that leads there. */
  readonly inbound: ReadonlyMap<string, ReadonlyMap<number, Protocol>>;
}

export function istiodOf(revision: Revision, view: MeshView, allServices: readonly MeshService[]): Istiod {
  const clusterDomain = clusterDomainOf(revision);
  const heard = heardBy(revision, view);
  const services = heard(allServices);
  const { rootNamespace, defaultDestinationRuleExportTo: exportTo } = revision;
  const isForMesh = ({ gateways }: VirtualService) => gateways.length === 0 || gateways.includes('mesh');
  return {
    revision,
    clusterDomain,
    services: new Map(services.map((service) => [service.host, service])),
    podsByAddress: byAddress(view),
    serviceEntries: byHostName(heard(view.serviceEntries)),
    peerAuthentications: indexPeerAuthentications(heard(view.peerAuthentications), rootNamespace),
    destinationRules: indexDestinationRules(heard(view.destinationRules), { rootNamespace, clusterDomain, exportTo }),
    sidecars: byNamespace(heard(view.sidecars).toSorted(selectorFirst)),
    authorizationPolicies: byNamespace(heard(view.authorizationPolicies).toSorted(byAge)),
    virtualServices: withDelegates(heard(view.virtualServices), clusterDomain, revision.defaultVirtualServiceExportTo)
      .filter(isForMesh)
      .toSorted(byAge),
    inbound: inboundProtocols(services),
  };
}

export function clusterDomainOf({ clusterDomain = 'cluster.local' }: Revision): string {
  return clusterDomain;
}

/** Leaves out what is meant for another istiod, and namespaces that its discovery selectors do not pick. */
function heardBy(
  istiod: Revision,
  { namespaces }: MeshView,
): <T extends { readonly namespace: string; readonly revision?: string }>(objects: readonly T[]) => readonly T[] {
  const { name } = istiod;
  const hidden = hiddenFrom(istiod, namespaces);
  return (objects) => objects.filter(({ namespace, revision = name }) => revision === name && !hidden.has(namespace));
}

/** @see istio pilot/pkg/model/push_context.go: initSidecarScopes */
function selectorFirst(a: Sidecar, b: Sidecar): number {
  const rank = ({ workloadSelector }: Sidecar) => (workloadSelector === undefined ? 1 : 0);
  return rank(a) - rank(b) || byAge(a, b);
}

function byNamespace<T extends { readonly namespace: string }>(
  objects: readonly T[],
): ReadonlyMap<string, readonly T[]> {
  return Map.groupBy(objects, ({ namespace }) => namespace);
}

function byAddress({ workloads }: MeshView): ReadonlyMap<string, Member> {
  const members = [...membersOf(workloads).values()];
  return new Map(members.flatMap((member) => (member.pod.ip === undefined ? [] : [[member.pod.ip, member] as const])));
}

function byHostName(entries: readonly ServiceEntry[]): ReadonlyMap<string, readonly ServiceEntry[]> {
  const pairs = entries.flatMap((entry) => entry.hosts.map((host) => ({ host, entry })));
  const groups = Map.groupBy(pairs, ({ host }) => host);
  return new Map(Array.from(groups, ([host, group]) => [host, group.map(({ entry }) => entry)]));
}

/** @see istio pilot/pkg/networking/core/listener_inbound.go: getFilterChainsByServicePort */
function inboundProtocols(services: readonly MeshService[]): Istiod['inbound'] {
  const found = new Map<string, Map<number, Protocol>>();
  for (const { ports } of services.toSorted(byAge)) {
    for (const { protocol, endpoints } of ports) {
      for (const { pod, port } of endpoints) {
        const ofPod = found.get(podKey(pod)) ?? new Map<number, Protocol>();
        found.set(podKey(pod), ofPod);
        if (!ofPod.has(port)) ofPod.set(port, protocol);
      }
    }
  }
  return found;
}
