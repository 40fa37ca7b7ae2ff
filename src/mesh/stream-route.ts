import type { TcpRoute, TlsRoute, VirtualService } from '../model/traffic-config.ts';
import { isWithin, overlap } from './hosts.ts';
import {
  type Call,
  destinationsOf,
  forwarded,
  hostsOf,
  isFrom,
  type RouteOption,
  straight,
  unmatched,
  untilCertain,
} from './route-option.ts';

/**
 * TCP and TLS routes of every VirtualService that has the host are tried in order, wildcard or not.
 *
 * @see istio pilot/pkg/networking/core/tls.go
 */
export function streamOptions(
  call: Call,
  streams: readonly VirtualService[],
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
