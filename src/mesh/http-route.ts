import type { HttpRoute, VirtualService } from '../model/traffic-config.ts';
import { type ByHost, mostSpecific } from './hosts.ts';
import {
  type Call,
  destinationsOf,
  forwarded,
  isFrom,
  type RouteOption,
  unmatched,
  untilCertain,
} from './route-option.ts';

/**
 * An exact host beats every wildcard, a longer wildcard a shorter one, an older VirtualService a younger one. They are
 * not merged: whatever the chosen one does not match is not found.
 *
 * @see istio pilot/pkg/networking/core/route/route.go: BuildSidecarVirtualHostWrapper
 */
export function httpOptions(call: Call, index: ByHost<VirtualService>): readonly RouteOption[] | undefined {
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
