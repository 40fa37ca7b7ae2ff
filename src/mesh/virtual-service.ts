import type { Labels } from '../model/evidence.ts';
import type { HttpRoute, RouteDestination, TcpRoute, TlsRoute, VirtualService } from '../model/traffic-config.ts';
import { type ByHost, byHost, fullHost, isWithin, listAt, mostSpecific, overlap } from './hosts.ts';
import { selects } from './selector.ts';

/** One way that a request may take. Several are possible where the request itself decides. */
export interface RouteOption {
  /** `answered`: by the client's own proxy. `unmatched`: no route takes the request, so it fails. */
  readonly kind: 'forwarded' | 'answered' | 'unmatched' | 'delegated';
  readonly destinations: readonly Destination[];
  /** The VirtualService that says so; absent where there is none for the host. */
  readonly by?: VirtualService;
  /** Parts of the request that decide whether it goes this way; empty: all that came this far do. */
  readonly when: readonly string[];
  /** Requests that the client's proxy fails on purpose, in percent. */
  readonly aborted: number;
}

export interface Destination {
  readonly host: string;
  readonly port: number;
  /** Whether `port` is only the port that was dialled. */
  readonly portAssumed: boolean;
  readonly subset?: string;
}

/** What is dialled, and by whom. */
export interface Call {
  readonly client: { readonly namespace: string; readonly labels: Labels };
  readonly host: string;
  readonly port: number;
  readonly clusterDomain: string;
}

/** The VirtualServices that one proxy has, in the order in which they count. */
export interface VirtualServices {
  readonly byHost: ByHost<VirtualService>;
  readonly streams: readonly VirtualService[];
}

export function indexVirtualServices(
  virtualServices: readonly VirtualService[],
  clusterDomain: string,
): VirtualServices {
  const index = byHost<VirtualService>();
  for (const one of virtualServices) {
    for (const host of hostsOf(one, clusterDomain)) listAt(index, host).push(one);
  }
  return { byHost: index, streams: virtualServices.filter(({ tcp, tls }) => tcp.length + tls.length > 0) };
}

/**
 * The ways that calls of a host may take, first match first. No VirtualService for the host, or none with a route for
 * this client: straight to the host.
 */
export function routesFor(
  call: Call,
  virtualServices: VirtualServices,
  carries: 'http' | 'tls' | 'tcp',
): readonly RouteOption[] {
  const options =
    carries === 'http' ? httpOptions(call, virtualServices) : streamOptions(call, virtualServices, carries);
  return options ?? [straight(call)];
}

/**
 * An exact host beats every wildcard, a longer wildcard a shorter one, an older VirtualService a younger one. They are
 * not merged: whatever the chosen one does not match is not found.
 *
 * @see istio pilot/pkg/networking/core/route/route.go: BuildSidecarVirtualHostWrapper
 */
function httpOptions(call: Call, { byHost: index }: VirtualServices): readonly RouteOption[] | undefined {
  for (const one of mostSpecific(index, call.host) ?? []) {
    const options = one.http.flatMap((route) => httpRoute(route, one, call));
    if (options.length > 0) return untilCertain(options, unmatched(one));
  }
  return undefined;
}

function httpRoute(route: HttpRoute, by: VirtualService, call: Call): readonly RouteOption[] {
  const option = {
    kind: kindOf(route),
    destinations: destinationsOf(route.route, by, call),
    by,
    aborted: route.abortPercent ?? 0,
  };
  if (route.match.length === 0) return [forwarded(option)];
  return route.match
    .filter(({ gateways, sourceLabels, sourceNamespace, port = call.port }) => {
      if (port !== call.port) return false;
      if (gateways.length > 0) return gateways.includes('mesh');
      return isFrom(call, sourceLabels, sourceNamespace);
    })
    .map(({ request }) => forwarded({ ...option, when: request }));
}

function kindOf({ answeredBy, delegate }: HttpRoute): RouteOption['kind'] {
  if (answeredBy !== undefined) return 'answered';
  return delegate === undefined ? 'forwarded' : 'delegated';
}

/**
 * TCP and TLS routes of every VirtualService that has the host are tried in order, wildcard or not.
 *
 * @see istio pilot/pkg/networking/core/tls.go
 */
function streamOptions(
  call: Call,
  { streams }: VirtualServices,
  carries: 'tls' | 'tcp',
): readonly RouteOption[] | undefined {
  const options = streams
    .filter((one) => hostsOf(one, call.clusterDomain).some((host) => overlap(host, call.host)))
    .flatMap((one) =>
      carries === 'tcp'
        ? one.tcp.flatMap((route) => tcpRoute(route, one, call))
        : one.tls.flatMap((route) => tlsRoute(route, one, call)),
    );
  const [first] = options;
  if (first?.by === undefined) return undefined;
  // What no TCP route takes goes straight to the host; TLS that no route takes is refused.
  return untilCertain(options, carries === 'tls' ? unmatched(first.by) : straight(call));
}

function tcpRoute({ match, route }: TcpRoute, by: VirtualService, call: Call): readonly RouteOption[] {
  if (route.length === 0) return [];
  const destinations = destinationsOf(route, by, call);
  if (match.length === 0) return [forwarded({ destinations, by })];
  return match
    .filter((one) => isStreamMatch(one, call))
    .map(({ destinationSubnets: { length } }) =>
      forwarded({ destinations, by, when: length > 0 ? ['destinationSubnets'] : [] }),
    );
}

/** The application is taken to ask for the host that it dials. */
function tlsRoute({ match, route }: TlsRoute, by: VirtualService, call: Call): readonly RouteOption[] {
  const destinations = destinationsOf(route, by, call);
  return match
    .filter((one) => isStreamMatch(one, call))
    .map(({ sniHosts }) => {
      const asksForIt = sniHosts.some((pattern) => isWithin(call.host, pattern));
      return forwarded({ destinations, by, when: asksForIt ? [] : ['sniHosts'] });
    });
}

function isStreamMatch(
  { gateways, sourceLabels, sourceNamespace, port }: TcpRoute['match'][number],
  call: Call,
): boolean {
  const isMesh = gateways.length === 0 || gateways.includes('mesh');
  return isMesh && (port ?? call.port) === call.port && isFrom(call, sourceLabels, sourceNamespace);
}

function isFrom({ client }: Call, labels: Labels, namespace: string | undefined): boolean {
  return selects(labels, client.labels) && (namespace ?? client.namespace) === client.namespace;
}

/** Nothing counts after a route that takes all that is left. */
function untilCertain(options: readonly RouteOption[], last: RouteOption): readonly RouteOption[] {
  const end = options.findIndex(({ when }) => when.length === 0);
  return end >= 0 ? options.slice(0, end + 1) : [...options, last];
}

/** A destination without weight among others gets nothing. */
function destinationsOf(routes: readonly RouteDestination[], by: VirtualService, call: Call): readonly Destination[] {
  return routes
    .filter(({ weight }) => weight > 0 || routes.length === 1)
    .map(({ host, port, subset }) => ({
      host: fullHost(host, by.namespace, call.clusterDomain),
      port: port ?? call.port,
      portAssumed: port === undefined,
      ...(subset !== undefined && { subset }),
    }));
}

function hostsOf({ hosts, namespace }: VirtualService, clusterDomain: string): readonly string[] {
  return hosts.map((host) => fullHost(host, namespace, clusterDomain).toLowerCase());
}

function straight({ host, port }: Call): RouteOption {
  return forwarded({ destinations: [{ host, port, portAssumed: false }] });
}

function unmatched(by: VirtualService): RouteOption {
  return forwarded({ kind: 'unmatched', by });
}

function forwarded(option: Partial<RouteOption>): RouteOption {
  return { kind: 'forwarded', destinations: [], when: [], aborted: 0, ...option };
}
