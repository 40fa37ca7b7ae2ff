import type { VirtualService } from '../model/traffic-config.ts';
import { fullHost, isWildcard } from './hosts.ts';

/** Whatever the cluster's domain is called: only the second part of a name is read. */
const anyDomain = 'cluster.local';

/**
 * Namespaces outside the scope that its traffic may be sent to: where the VirtualServices of the scope, and those for
 * hosts in it, lead.
 */
export function routedNamespaces(
  virtualServices: readonly VirtualService[],
  scope: readonly string[],
): readonly string[] {
  const bearing = virtualServices.filter(
    ({ namespace, hosts }) =>
      scope.includes(namespace) ||
      hosts.some((host) => isWildcard(host) || scope.includes(namespaceOf(host, namespace) ?? '')),
  );
  const led = bearing.flatMap((virtualService) => destinationsOf(virtualService));
  return [...new Set(led)].filter((namespace) => !scope.includes(namespace)).toSorted();
}

function destinationsOf({ namespace, http, tls, tcp }: VirtualService): readonly string[] {
  const delegated = http.flatMap(({ delegate }) => delegate?.namespace ?? []);
  const hosts = [...http, ...tls, ...tcp].flatMap(({ route }) => route.map(({ host }) => host));
  return [...delegated, ...hosts.flatMap((host) => namespaceOf(host, namespace) ?? [])];
}

/** Of a host of the shape `name.namespace.svc.…`. */
function namespaceOf(host: string, own: string): string | undefined {
  const [, namespace, svc] = fullHost(host, own, anyDomain).split('.');
  return svc === 'svc' ? namespace : undefined;
}
