import type { Connection } from '../model/report.ts';
import type { DestinationRule } from '../model/tls-config.ts';
import { restsOn } from './because.ts';
import type { MeshView } from './mesh-view.ts';
import { tlsPlaces } from './tls-place.ts';

/**
 * The DestinationRule whose TLS settings make these calls fail, where it is beside their server: from there it can be
 * told what else it is for.
 */
export function ruleAtFault(
  failing: readonly Connection[],
  { destinationRules }: Pick<MeshView, 'destinationRules'>,
): DestinationRule | undefined {
  return destinationRules.find(
    (rule) =>
      tlsPlaces(rule).length > 0 &&
      failing.some((one) => one.server.namespace === rule.namespace && restsOn(one, rule)),
  );
}
