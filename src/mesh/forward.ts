import { describeRef } from '../model/finding.ts';
import { takesTunnels } from './ambient.ts';
import { type Attempt, arrivals, type Carries, elsewhere, type Opening, stopped } from './attempt.ts';
import type { Client } from './client.ts';
import { type Cluster, clusterFor, sentTo } from './client-tls.ts';
import { candidateRules, ruleFor } from './destination-rule.ts';
import type { Istiod } from './istiod.ts';
import type { MeshEndpoint, MeshPort, MeshService } from './mesh-service.ts';
import { kept, oncePerPair } from './once.ts';
import type { Destination, RouteOption } from './route-option.ts';
import { selects } from './selector.ts';
import { entryFor, isVisible } from './sidecar-scope.ts';
import { subsetOf } from './traffic-policy.ts';

/** What comes of one way that a call may go. */
export function routed(client: Client, option: RouteOption, dialled: MeshPort, carries: Carries): readonly Attempt[] {
  const by = option.by === undefined ? 'its route' : describeRef(option.by);
  if (option.kind === 'answered') return [stopped(`${by} answers for the server`)];
  if (option.kind === 'unmatched') return [stopped(`${by} has no route for it`)];
  if (option.kind === 'delegated')
    return [{ kind: 'unclear', because: [`${by} and its delegate both look at the same part of a request`] }];
  if (option.aborted >= 100) return [stopped(`${by} fails every request on purpose`)];
  const forwarded = option.destinations.flatMap((destination) => forward(client, destination, by, dialled, carries));
  if (option.aborted === 0) return forwarded;
  return [...forwarded, stopped(`${by} fails ${option.aborted} % of the requests on purpose`)];
}

function forward(
  client: Client,
  destination: Destination,
  by: string,
  dialled: MeshPort,
  carries: Carries,
): readonly Attempt[] {
  const { host, subset } = destination;
  const { istiod, namespace } = client;
  const service = istiod.services.get(host);
  if (service === undefined || !isVisible(service, namespace, istiod)) {
    const entry = entryFor(host, client.knows.scope, istiod);
    if (entry !== undefined) return [elsewhere(host, entry)];
    return [stopped(`${by} sends it to ${host}, which ${namespace} does not know`)];
  }
  const port = portOf(service, destination, carries);
  if (port === undefined)
    return [stopped(`${by} sends it to port ${destination.port} of ${host}, which has no such port`)];
  const rule = ruleFor(candidateRules(istiod.destinationRules, namespace, service), client);
  if (subset !== undefined && (rule === undefined || subsetOf(rule, subset) === undefined)) {
    return [stopped(`${by} sends it to subset ${subset} of ${host}, which no DestinationRule of this client has`)];
  }
  const target = { service, port, ...(subset !== undefined && { subset }), ...(rule !== undefined && { rule }) };
  const cluster = clusterFor(target, client.pod.dataPlane.mode === 'gateway', istiod);
  const attempts = kept(attemptsOn(cluster, dialled), carries, () => balanced(istiod, cluster, dialled, carries));
  return takesTunnels(client.pod) ? attempts.map(tunnelledIfTaken) : attempts;
}

/** A sidecar that knows ambient tunnels to it whatever its DestinationRule says. */
function tunnelledIfTaken(attempt: Attempt): Attempt {
  if (attempt.kind !== 'arrives' || attempt.endpoint.pod.dataPlane.mode !== 'ambient') return attempt;
  return { ...attempt, sent: 'tunnel', because: ['both sides know HBONE, so the client’s proxy tunnels it'] };
}

/** Without a port of its own, a TCP route takes the only one there is; an HTTP route always the one that was dialled. */
function portOf({ ports }: MeshService, { port, portAssumed }: Destination, carries: Carries): MeshPort | undefined {
  return portAssumed && carries !== 'http' && ports.length === 1
    ? ports[0]
    : ports.find(({ number }) => number === port);
}

/** Shared by all clients that use the cluster. */
const attemptsOn = oncePerPair((_cluster: Cluster, _dialled: MeshPort) => new Map<Carries, readonly Attempt[]>());

function balanced(istiod: Istiod, cluster: Cluster, dialled: MeshPort, carries: Carries): readonly Attempt[] {
  const { service, port, subset, rule, originalAddress } = cluster;
  const labels = subset === undefined || originalAddress || !rule ? {} : (subsetOf(rule, subset)?.labels ?? {});
  const endpoints = port.ready.filter(({ pod }) => selects(labels, pod.labels));
  if (endpoints.length === 0 && subset !== undefined) {
    return [stopped(`no ready pod is in subset ${subset} of ${service.host}`)];
  }
  const open = (endpoint: MeshEndpoint): Opening => ({ endpoint, cluster, ...sentTo(endpoint, cluster, istiod) });
  return arrivals(service, dialled, service.headless && originalAddress, endpoints, carries, open);
}
