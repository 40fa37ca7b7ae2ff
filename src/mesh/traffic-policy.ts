import type { ClientTls, TrafficPolicy } from '../model/tls-config.ts';
import type { MergedRule } from './destination-rule.ts';

/** A traffic policy after port and subset have been looked up. */
export interface PortPolicy {
  readonly tls?: ClientTls;
  readonly loadBalancer?: string;
}

export function subsetOf({ subsets }: MergedRule, subset: string): MergedRule['subsets'][number] | undefined {
  return subsets.find(({ name }) => name === subset);
}

/**
 * The policy that a cluster is built from. An entry for the port replaces everything above it, also with what it
 * leaves out; a subset's policy is laid over the rule's, field by field.
 *
 * @see istio pilot/pkg/networking/util/util.go: GetPortLevelTrafficPolicy, MergeSubsetTrafficPolicy
 */
export function clusterPolicy(rule: MergedRule | undefined, port: number, subset?: string): PortPolicy {
  const top = atPort(rule?.trafficPolicy, port).policy;
  const ofSubset = rule && subset !== undefined ? subsetOf(rule, subset)?.trafficPolicy : undefined;
  if (ofSubset === undefined) return top;
  const { policy, hasEntry } = atPort(ofSubset, port);
  return hasEntry ? policy : { ...top, ...policy };
}

/**
 * The TLS mode that endpoints are marked by. Unlike in {@link clusterPolicy}, a port's entry without `tls` leaves the
 * mode above it standing. The two can disagree, and then both count.
 *
 * @see istio pilot/pkg/xds/endpoints/mtls_checker.go: tlsModeForDestinationRule
 */
export function endpointTlsMode(
  rule: MergedRule | undefined,
  port: number,
  subset?: string,
): ClientTls['mode'] | undefined {
  if (rule === undefined) return undefined;
  if (subset === undefined) return modeIn(rule.trafficPolicy, port);
  const found = subsetOf(rule, subset);
  return found && (modeIn(found.trafficPolicy, port) ?? modeIn(rule.trafficPolicy, port));
}

function atPort(policy: TrafficPolicy | undefined, port: number): { policy: PortPolicy; hasEntry: boolean } {
  if (policy === undefined) return { policy: {}, hasEntry: false };
  const entry = policy.ports.find((one) => one.port === port);
  const { tls, loadBalancer } = entry ?? policy;
  return {
    policy: { ...(tls !== undefined && { tls }), ...(loadBalancer !== undefined && { loadBalancer }) },
    hasEntry: entry !== undefined,
  };
}

function modeIn(policy: TrafficPolicy | undefined, port: number): ClientTls['mode'] | undefined {
  const entry = policy?.ports.find((one) => one.port === port && one.tls !== undefined);
  return (entry ?? policy)?.tls?.mode;
}
