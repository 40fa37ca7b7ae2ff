import type { ServiceEntry } from '../model/service-entry.ts';
import type { Sidecar, SidecarEgress, VirtualService } from '../model/traffic-config.ts';
import type { Labels } from '../model/workload.ts';
import { byAge } from './age.ts';
import { fullHost, isWithin, overlap } from './hosts.ts';
import type { Istiod } from './istiod.ts';
import type { MeshService } from './mesh-service.ts';
import { kept, oncePerPair } from './once.ts';
import { protocolNamed } from './protocol.ts';
import { selects } from './selector.ts';
import { isExportedTo } from './visibility.ts';

/** What the proxies of a namespace, or some of them, are told of. */
export interface Scope {
  readonly namespace: string;
  /** Absent: everything that is exported to the namespace. */
  readonly sidecar?: Sidecar;
  readonly listeners: readonly Listener[];
  /** What is not known may be called all the same, past the mesh. */
  readonly allowsAny: boolean;
}

interface Listener {
  /** Absent: every port without a listener of its own. */
  readonly port?: number;
  readonly hosts: readonly HostPattern[];
}

interface HostPattern {
  /** `*`: any. */
  readonly namespace: string;
  readonly host: string;
  readonly excludes: boolean;
}

interface Client {
  readonly namespace: string;
  readonly labels: Labels;
  /** Gateways and waypoints are told of everything, whatever any Sidecar says. */
  readonly isGateway: boolean;
}

/** @see istio pilot/pkg/model/push_context.go: doGetSidecarScope */
export function sidecarFor(client: Client, { sidecars, revision }: Pick<Istiod, 'sidecars' | 'revision'>) {
  if (client.isGateway) return undefined;
  const own = sidecars
    .get(client.namespace)
    ?.find(({ workloadSelector }) => workloadSelector === undefined || selects(workloadSelector, client.labels));
  return own ?? sidecars.get(revision.rootNamespace)?.find(({ workloadSelector }) => workloadSelector === undefined);
}

export function scopeOf(namespace: string, sidecar: Sidecar | undefined, { revision }: Istiod): Scope {
  const policy = sidecar?.outboundTrafficPolicy ?? revision.outboundTrafficPolicy;
  const egress = sidecar?.egress ?? [];
  return {
    namespace,
    ...(sidecar !== undefined && { sidecar }),
    listeners:
      egress.length === 0 ? [everything] : egress.filter(({ bound }) => !bound).map((one) => listener(one, namespace)),
    allowsAny: policy !== 'REGISTRY_ONLY',
  };
}

const everything: Listener = { hosts: [{ namespace: '*', host: '*', excludes: false }] };

function listener({ hosts, port }: SidecarEgress, namespace: string): Listener {
  return {
    ...(port !== undefined && port.protocol.toUpperCase() !== 'HTTP_PROXY' && { port: port.number }),
    hosts: hosts.map((host) => pattern(host, namespace)),
  };
}

function pattern(entry: string, own: string): HostPattern {
  const [place = '', host = ''] = entry.split('/');
  const excludes = place.startsWith('~');
  const namespace = excludes ? place.slice(1) || '*' : place;
  return { namespace: namespace === '.' ? own : namespace, host, excludes };
}

/**
 * Whether a proxy has the Service under its own name at this port. For HTTP, a listener of the port's own hides the
 * one for all ports.
 *
 * @see istio pilot/pkg/model/sidecar.go: selectServices, GetEgressListenerForRDS
 */
export function imports(scope: Scope, service: MeshService, port: number, istiod: Istiod): boolean {
  if (!isVisible(service, scope.namespace, istiod)) return false;
  if (scope.sidecar === undefined) return true;
  return listenersAt(scope, service, port).some(({ hosts }) =>
    lists(hosts, service.namespace, (h) => isWithin(service.host, h)),
  );
}

/**
 * Whether HTTP to this port finds no route. A port whose protocol is detected keeps its listener, but looks for the
 * host in the routes of the Sidecar's own listener at that port: a host that is not listed there is answered 404.
 *
 * @see istio pilot/pkg/model/sidecar.go: GetEgressListenerForRDS
 */
export function lacksRoutes({ listeners }: Scope, { host, namespace }: MeshService, port: number): boolean {
  const own = listeners.filter((one) => one.port === port);
  return own.length > 0 && !own.some(({ hosts }) => lists(hosts, namespace, (pattern) => isWithin(host, pattern)));
}

/** A ServiceEntry, and the one of its hosts that matters. */
export interface NamedEntry {
  readonly entry: ServiceEntry;
  readonly host: string;
}

/** The ServiceEntry that gives the host to the proxy, if any. */
export function entryFor(host: string, scope: Scope, istiod: Istiod): NamedEntry | undefined {
  const entry = istiod.serviceEntries.get(host)?.find((one) => importsEntry(one, host, scope, istiod));
  return entry && { entry, host };
}

/**
 * By port, the ServiceEntry that takes up all TCP there which has no listener of its own: without addresses it has
 * one for every address.
 *
 * @see istio pilot/pkg/networking/core/listener.go: buildSidecarOutboundListener
 */
export const captorsOf = oncePerPair((scope: Scope, istiod: Istiod): ReadonlyMap<number, NamedEntry> => {
  const all = Array.from(istiod.serviceEntries, ([host, entries]) => entries.map((entry) => ({ entry, host }))).flat();
  const captors = new Map<number, NamedEntry>();
  for (const { entry, host } of all.toSorted((a, b) => byAge(a.entry, b.entry))) {
    if (entry.addresses.length > 0 || !importsEntry(entry, host, scope, istiod)) continue;
    const ports = entry.ports.filter(({ protocol }) => protocolNamed(protocol) === 'tcp');
    for (const { number } of ports) if (!captors.has(number)) captors.set(number, { entry, host });
  }
  return captors;
});

function importsEntry(entry: ServiceEntry, host: string, scope: Scope, { revision }: Istiod): boolean {
  if (!isExportedTo(scope.namespace, entry, revision.defaultServiceExportTo)) return false;
  return scope.listeners.some(({ hosts }) => lists(hosts, entry.namespace, (pattern) => isWithin(host, pattern)));
}

/** The hosts that have a listener for HTTP at this port in the proxy: all of them share one. */
export function httpHostsAt(scope: Scope, port: number, istiod: Istiod): ReadonlySet<string> {
  return kept(httpHosts(scope, istiod), port, () => {
    const there = [...istiod.services.values()].filter(({ ports }) =>
      ports.some((one) => one.number === port && one.protocol === 'http'),
    );
    return new Set(there.filter((service) => imports(scope, service, port, istiod)).map(({ host }) => host));
  });
}

const httpHosts = oncePerPair((_scope: Scope, _istiod: Istiod) => new Map<number, ReadonlySet<string>>());

export function isVisible(service: MeshService, namespace: string, { revision, services }: Istiod): boolean {
  return services.get(service.host) === service && isExportedTo(namespace, service, revision.defaultServiceExportTo);
}

/** The VirtualServices that these listeners of a proxy have, its own namespace's private ones first. */
export function importedVirtualServices(
  scope: Scope,
  listeners: Scope['listeners'],
  { virtualServices, revision, clusterDomain }: Istiod,
): readonly VirtualService[] {
  const shown = virtualServices.filter((one) =>
    isExportedTo(scope.namespace, one, revision.defaultVirtualServiceExportTo),
  );
  const imported = shown.filter((one) => listeners.some(({ hosts }) => importsAny(hosts, one, clusterDomain)));
  return imported.toSorted((a, b) => publicity(a) - publicity(b));
}

function importsAny(
  patterns: readonly HostPattern[],
  { namespace, hosts }: VirtualService,
  clusterDomain: string,
): boolean {
  return hosts.some((host) =>
    lists(patterns, namespace, (pattern) => overlap(fullHost(host, namespace, clusterDomain), pattern)),
  );
}

/** @see istio pilot/pkg/model/virtualservice.go: SelectVirtualServices */
function publicity({ namespace, exportTo = [] }: VirtualService): number {
  if (exportTo.length === 0 || exportTo.includes('*')) return 2;
  return exportTo.includes('.') || exportTo.includes(namespace) ? 0 : 1;
}

function listenersAt({ listeners }: Scope, service: MeshService, port: number): readonly Listener[] {
  const exact = listeners.filter((one) => one.port === port);
  const http = service.ports.find(({ number }) => number === port)?.protocol === 'http';
  return http && exact.length > 0 ? exact : [...exact, ...listeners.filter((one) => one.port === undefined)];
}

function lists(patterns: readonly HostPattern[], namespace: string, matches: (host: string) => boolean): boolean {
  const hits = patterns.filter((one) => (one.namespace === '*' || one.namespace === namespace) && matches(one.host));
  return hits.length > 0 && !hits.some(({ excludes }) => excludes);
}
