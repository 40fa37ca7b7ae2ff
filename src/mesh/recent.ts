import type { Target } from '../model/target.ts';
import { contains } from '../model/target.ts';
import type { PeerAuthentication } from '../model/tls-config.ts';
import type { AuthorizationPolicy, Identity, VirtualService } from '../model/traffic-config.ts';
import type { Workload } from '../model/workload.ts';
import { fullHost, overlap } from './hosts.ts';
import { clusterDomainOf } from './istiod.ts';
import type { MeshView } from './mesh-view.ts';
import { isNamespaceWide } from './peer-authentication.ts';
import { selects } from './selector.ts';

/** An object that was written a short while before the evidence was taken. */
export interface Recent {
  readonly object: Changed;
  readonly secondsAgo: number;
}

type Changed = Pick<Identity, 'namespace' | 'name' | 'createdAt' | 'changedAt'> & { readonly kind: string };

/** Proxies drain connections for 45 seconds after a change, and a change may take a while to reach them. */
export const settlingSeconds = 60;

/** Objects that bear on the target and have changed so lately that not every proxy may go by them. */
export function recentChanges(view: MeshView, target: Target, takenAt: string): readonly Recent[] {
  const now = Date.parse(takenAt);
  const isLate = (one: Changed) => secondsSince(one, now) < settlingSeconds;
  const { peerAuthentications, authorizationPolicies, destinationRules, virtualServices, serviceEntries } = view;
  const near = nearbyOf(view, target);
  const found: readonly Changed[] = [
    ...peerAuthentications.filter((one) => isLate(one) && demands(one, peerAuthentications, near)),
    ...authorizationPolicies.filter((one) => isLate(one) && guards(one, near)),
    ...destinationRules.filter((one) => isLate(one) && near.places.has(one.namespace) && leads(one, [one.host], near)),
    ...virtualServices.filter((one) => isLate(one) && isForMesh(one) && leads(one, one.hosts, near)),
    ...serviceEntries.filter((one) => isLate(one) && leads(one, one.hosts, near)),
    ...view.sidecars.filter((one) => isLate(one) && near.places.has(one.namespace)),
  ];
  return found.map((object) => ({ object, secondsAgo: secondsSince(object, now) }));
}

/** An object that does not say how old it is, as in a file, is old. */
function secondsSince({ createdAt, changedAt = createdAt }: Changed, now: number): number {
  const changed = Date.parse(changedAt);
  return Number.isNaN(changed) ? Number.POSITIVE_INFINITY : Math.max(0, Math.round((now - changed) / 1_000));
}

interface Nearby {
  readonly roots: ReadonlySet<string>;
  /** Namespaces of servers and callers, and the root namespaces. */
  readonly places: ReadonlySet<string>;
  readonly servers: readonly Workload[];
  readonly hosts: readonly string[];
  readonly clusterDomain: string;
}

function nearbyOf({ controlPlane: { revisions }, workloads, services }: MeshView, target: Target): Nearby {
  const [first] = revisions;
  const clusterDomain = first === undefined ? 'cluster.local' : clusterDomainOf(first);
  const roots = new Set(revisions.map(({ rootNamespace }) => rootNamespace));
  const { namespace } = target;
  return {
    roots,
    places: new Set([...roots, ...workloads.map((one) => one.namespace)]),
    servers: workloads.filter((one) => contains(target, one)),
    hosts: services
      .filter((one) => namespace === undefined || one.namespace === namespace)
      .map((one) => fullHost(one.name, one.namespace, clusterDomain)),
    clusterDomain,
  };
}

/** The mesh's policy is for namespaces that do not decide for themselves; with a selector it counts nowhere. */
function demands(policy: PeerAuthentication, all: readonly PeerAuthentication[], near: Nearby): boolean {
  if (!near.roots.has(policy.namespace)) return guards(policy, near);
  if (!isNamespaceWide(policy)) return false;
  const decided = new Set(all.filter((one) => isNamespaceWide(one) && one.mode).map(({ namespace }) => namespace));
  return near.servers.some(({ namespace }) => namespace === policy.namespace || !decided.has(namespace));
}

/** Policies of the root namespace are for every namespace. */
function guards(
  { namespace, selector }: PeerAuthentication | AuthorizationPolicy,
  { servers, roots }: Nearby,
): boolean {
  return servers
    .filter((one) => roots.has(namespace) || one.namespace === namespace)
    .some(({ labels, pods }) => selects(selector, labels) || pods.some((pod) => selects(selector, pod.labels)));
}

function leads({ namespace }: Changed, names: readonly string[], { hosts, clusterDomain }: Nearby): boolean {
  const full = names.map((name) => fullHost(name, namespace, clusterDomain));
  return hosts.some((host) => full.some((one) => overlap(host, one)));
}

function isForMesh({ gateways }: VirtualService): boolean {
  return gateways.length === 0 || gateways.includes('mesh');
}
