import type { Connection } from '../model/report.ts';
import type { DestinationRule } from '../model/tls-config.ts';
import { restsOn } from './because.ts';
import type { MeshView } from './mesh-view.ts';
import { reachOf } from './rule-reach.ts';
import { opensTls } from './tls-alignment.ts';
import { tlsPlaces } from './tls-place.ts';

/**
 * The DestinationRule whose TLS settings make these calls fail, where it is beside their server and for Services there
 * alone: then it can be told what else it is for.
 */
export function ruleAtFault(
  failing: readonly Connection[],
  { destinationRules, controlPlane }: Pick<MeshView, 'destinationRules' | 'controlPlane'>,
): DestinationRule | undefined {
  const alignable = failing.filter((one) => !opensTls(one) || endsMtls(one));
  return destinationRules.find(
    (rule) =>
      tlsPlaces(rule).length > 0 &&
      reachOf(rule, controlPlane) === 'namespace' &&
      alignable.some((one) => one.server.namespace === rule.namespace && restsOn(one, rule)),
  );
}

/** Without TLS of its own, a call is protected only where the server's proxy ends mTLS. */
function endsMtls({ demanded }: Connection): boolean {
  return demanded === 'STRICT' || demanded === 'PERMISSIVE';
}
