import type { ControlPlane } from '../model/control-plane.ts';
import type { DestinationRule } from '../model/tls-config.ts';
import { fullHost, isWildcard } from './hosts.ts';
import { clusterDomainOf } from './istiod.ts';

/**
 * Whose calls a rule beside servers may bear on: those to Services of its namespace, those of the whole mesh, because
 * it stands in a root namespace, or, by a wildcard, those that callers of its namespace open to Services elsewhere.
 */
export type RuleReach = 'namespace' | 'mesh' | 'elsewhere';

export function reachOf(
  { host, namespace }: Pick<DestinationRule, 'host' | 'namespace'>,
  { revisions }: Pick<ControlPlane, 'revisions'>,
): RuleReach {
  if (revisions.some(({ rootNamespace }) => rootNamespace === namespace)) return 'mesh';
  if (!isWildcard(host)) return 'namespace';
  const domains = revisions.length === 0 ? ['cluster.local'] : revisions.map(clusterDomainOf);
  const isWithin = domains.every((domain) => fullHost(host, namespace, domain).endsWith(`.${namespace}.svc.${domain}`));
  return isWithin ? 'namespace' : 'elsewhere';
}
