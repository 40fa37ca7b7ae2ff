import type { VirtualService } from '../model/traffic-config.ts';
import { type ByHost, byHost, listAt } from './hosts.ts';
import { httpOptions } from './http-route.ts';
import { type Call, hostsOf, type RouteOption, straight } from './route-option.ts';
import { streamOptions } from './stream-route.ts';

/** The VirtualServices that one proxy has, in the order in which they count. */
export interface VirtualServices {
  readonly byHost: ByHost<VirtualService>;
  readonly streams: readonly VirtualService[];
}

export function indexVirtualServices(
  http: readonly VirtualService[],
  streams: readonly VirtualService[],
  clusterDomain: string,
): VirtualServices {
  const index = byHost<VirtualService>();
  for (const one of http) {
    for (const host of hostsOf(one, clusterDomain)) listAt(index, host).push(one);
  }
  return { byHost: index, streams: streams.filter(({ tcp, tls }) => tcp.length + tls.length > 0) };
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
    carries === 'http'
      ? httpOptions(call, virtualServices.byHost)
      : streamOptions(call, virtualServices.streams, carries);
  return options ?? [straight(call)];
}

/**
 * The ways of calls of a host that the proxy does not know as a Service: a VirtualService can give it to a port that
 * others share, be it through one of its other hosts or because port 80 takes every VirtualService.
 *
 * @see istio pilot/pkg/networking/core/httproute.go: BuildSidecarOutboundVirtualHosts
 */
export function strayRoutesFor(
  call: Call,
  virtualServices: VirtualServices,
  hostsAtPort: ReadonlySet<string>,
): readonly RouteOption[] {
  if (hostsAtPort.size === 0) return [];
  const options = httpOptions(call, virtualServices.byHost) ?? [];
  const by = options[0]?.by;
  const taken = by !== undefined && hostsOf(by, call.clusterDomain);
  return taken && (call.port === 80 || taken.some((host) => hostsAtPort.has(host))) ? options : [];
}
