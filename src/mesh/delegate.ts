import type { HttpMatch, HttpRoute, VirtualService } from '../model/traffic-config.ts';
import { fullHost } from './hosts.ts';
import { selects } from './selector.ts';
import { isExportedTo } from './visibility.ts';

/**
 * VirtualServices with the routes of their delegates in place. A delegate has no hosts, so by itself it steers nothing;
 * one that is not there, or not exported to the root's namespace, leaves its route out.
 *
 * @see istio pilot/pkg/model/virtualservice_controller.go: mergeVirtualServices
 */
export function withDelegates(
  virtualServices: readonly VirtualService[],
  clusterDomain: string,
  meshDefault: readonly string[] = [],
): readonly VirtualService[] {
  const delegates = virtualServices.filter(({ hosts }) => hosts.length === 0);
  const delegateOf = (root: VirtualService, { namespace = root.namespace, name }: NonNullable<HttpRoute['delegate']>) =>
    delegates.find((one) => {
      return one.name === name && one.namespace === namespace && isExportedTo(root.namespace, one, meshDefault);
    });
  return virtualServices
    .filter(({ hosts }) => hosts.length > 0)
    .map((root) => ({
      ...root,
      http: root.http.flatMap((route) => {
        if (route.delegate === undefined) return [route];
        const delegate = delegateOf(root, route.delegate);
        return delegate === undefined ? [] : inlined(route, delegate, clusterDomain);
      }),
    }));
}

function inlined(root: HttpRoute, { namespace, http }: VirtualService, clusterDomain: string): readonly HttpRoute[] {
  return http.flatMap((route) => {
    const match = mergeMatches(root.match, route.match);
    if (match === 'conflict') return [];
    // Whether two demands on the same part of a request go together is not judged.
    if (match === 'unclear') return [root];
    const destinations = route.route.map((to) => ({ ...to, host: fullHost(to.host, namespace, clusterDomain) }));
    const aborted = route.abortPercent ?? root.abortPercent;
    return [{ ...route, match, route: destinations, ...(aborted !== undefined && { abortPercent: aborted }) }];
  });
}

type Matches = HttpRoute['match'];

function mergeMatches(root: Matches, sub: Matches): Matches | 'conflict' | 'unclear' {
  if (root.length === 0) return sub;
  if (sub.length === 0) return root;
  const merged = sub.map((inner) =>
    root.filter((outer) => !conflicts(outer, inner)).map((outer) => ({ outer, inner })),
  );
  if (merged.some((pairs) => pairs.length === 0)) return 'conflict';
  const pairs = merged.flat();
  const sameField = pairs.some(({ outer, inner }) => inner.request.some((field) => outer.request.includes(field)));
  return sameField ? 'unclear' : pairs.map(({ outer, inner }) => merge(outer, inner));
}

/** A delegate may narrow what the root matches; a namespace of callers it must repeat. @see istio hasConflict */
function conflicts(root: HttpMatch, sub: HttpMatch): boolean {
  if (root.port !== undefined && sub.port !== undefined && root.port !== sub.port) return true;
  if (root.sourceNamespace !== undefined && root.sourceNamespace !== sub.sourceNamespace) return true;
  if (root.gateways.length > 0 && sub.gateways.some((gateway) => !root.gateways.includes(gateway))) return true;
  return !selects(sub.sourceLabels, { ...sub.sourceLabels, ...root.sourceLabels });
}

function merge(root: HttpMatch, sub: HttpMatch): HttpMatch {
  return {
    ...root,
    ...sub,
    gateways: sub.gateways.length > 0 ? sub.gateways : root.gateways,
    sourceLabels: { ...root.sourceLabels, ...sub.sourceLabels },
    request: [...root.request, ...sub.request],
  };
}
