import type { ClusterEndpoints, OutboundCluster } from '../model/proxy.ts';
import { configsIn, type Json, listAt, textAt, valueAt } from './envoy-json.ts';
import { clusterName, outboundNames } from './envoy-outbound.ts';

/** The endpoints of the clusters that {@link outboundPath} asks for. A mask would not reach into them. */
export function endpointsPath(namespace: string | undefined): string {
  return `/config_dump?include_eds&resource=dynamic_endpoint_configs&name_regex=${outboundNames(namespace)}`;
}

/**
 * Adds to each cluster what its endpoints are marked with.
 *
 * @throws SourceError
 */
export function withEndpoints(clusters: readonly OutboundCluster[], answer: string): readonly OutboundCluster[] {
  const assignments = configsIn(answer).map((config) => valueAt(config, 'endpoint_config'));
  const known = new Map(assignments.map((one) => [textAt(one, 'cluster_name'), one]));
  return clusters.map((cluster) => {
    const assignment = known.get(clusterName(cluster));
    return assignment === undefined ? cluster : { ...cluster, endpoints: endpointsIn(assignment) };
  });
}

function endpointsIn(assignment: unknown): ClusterEndpoints {
  const all = listAt(assignment, 'endpoints').flatMap((locality) => listAt(locality, 'lb_endpoints'));
  const addresses = (marked: boolean) => all.filter((one) => isMarked(one) === marked).flatMap(addressOf);
  return { mtls: addresses(true), plaintext: addresses(false) };
}

/** @see istio pilot/pkg/networking/util/util.go: AppendLbEndpointMetadata */
function isMarked(endpoint: Json): boolean {
  const match = valueAt(endpoint, 'metadata', 'filter_metadata', 'envoy.transport_socket_match');
  return textAt(match, 'tlsMode') === 'istio';
}

/** None of an endpoint that is reached through a tunnel (HBONE): it stands for another listener of the same proxy. */
function addressOf(endpoint: Json): readonly string[] {
  const socket = valueAt(endpoint, 'endpoint', 'address', 'socket_address');
  const address = textAt(socket, 'address');
  return address === undefined ? [] : [endpointAddress(address, Number(valueAt(socket, 'port_value')))];
}

export function endpointAddress(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}
