import { describeRef } from '../model/finding.ts';
import { takesTunnels } from './ambient.ts';
import { type Attempt, arrivals, type Carries, elsewhere, type Opening, stopped } from './attempt.ts';
import type { Client } from './client.ts';
import { type Cluster, clusterFor, sentTo } from './client-tls.ts';
import { candidateRules, ruleFor } from './destination-rule.ts';
import { entryServiceOf } from './entry-service.ts';
import type { Istiod } from './istiod.ts';
import type { MeshEndpoint, MeshPort, MeshService } from './mesh-service.ts';
import { kept, oncePerPair } from './once.ts';
import type { Destination, RouteOption } from './route-option.ts';
import { selects } from './selector.ts';
import { entryFor, isVisible } from './sidecar-scope.ts';
import { subsetOf } from './traffic-policy.ts';

/** A call on its way through the client's proxy. */
export interface Passing {
  readonly client: Client;
  /** What was dialled. */
  readonly service: MeshService;
  readonly port: MeshPort;
  readonly carries: Carries;
  /** What the proxy takes the dialled host for, where that is not the Service. */
  readonly takenFor?: MeshService;
}

/** What comes of one way that a call may go. */
export function routed(option: RouteOption, passing: Passing): readonly Attempt[] {
  const by = option.by === undefined ? 'its route' : describeRef(option.by);
  if (option.kind === 'answered') return [stopped(`${by} answers for the server`)];
  if (option.kind === 'unmatched') return [stopped(`${by} has no route for it`)];
  if (option.kind === 'delegated') {
    return [{ kind: 'unclear', because: [`${by} and its delegate both look at the same part of a request`] }];
  }
  if (option.aborted >= 100) return [stopped(`${by} fails every request on purpose`)];
  const forwarded = option.destinations.flatMap((destination) => {
    const straight = passing.takenFor ?? passing.service;
    const found = option.by === undefined ? straight : serviceAt(destination.host, passing.client);
    return found === undefined ? lost(destination.host, by, passing.client) : forward(found, destination, by, passing);
  });
  if (option.aborted === 0) return forwarded;
  return [...forwarded, stopped(`${by} fails ${option.aborted} % of the requests on purpose`)];
}

function serviceAt(host: string, { istiod, namespace, knows }: Client): MeshService | undefined {
  const service = istiod.services.get(host);
  if (service !== undefined && isVisible(service, namespace, istiod)) return service;
  const named = entryFor(host, knows.scope, istiod);
  return named && entryServiceOf(named.entry, host, istiod);
}

function lost(host: string, by: string, { istiod, namespace, knows }: Client): readonly Attempt[] {
  const named = entryFor(host, knows.scope, istiod);
  if (named !== undefined) return [elsewhere(host, named.entry)];
  return [stopped(`${by} sends it to ${host}, which ${namespace} does not know`)];
}

function forward(service: MeshService, destination: Destination, by: string, passing: Passing): readonly Attempt[] {
  const { client, port: dialled, carries } = passing;
  const { host, subset } = destination;
  const port = portOf(service, destination, carries);
  if (port === undefined) {
    return [stopped(`${by} sends it to port ${destination.port} of ${host}, which has no such port`)];
  }
  const rule = ruleFor(candidateRules(client.istiod.destinationRules, client.namespace, service), client);
  if (subset !== undefined && (rule === undefined || subsetOf(rule, subset) === undefined)) {
    return [stopped(`${by} sends it to subset ${subset} of ${host}, which no DestinationRule of this client has`)];
  }
  const target = { service, port, ...(subset !== undefined && { subset }), ...(rule !== undefined && { rule }) };
  const cluster = clusterFor(target, client.pod.dataPlane.mode === 'gateway', client.istiod);
  const attempts = kept(attemptsOn(cluster, dialled), carries, () => balanced(cluster, passing, client.istiod));
  return takesTunnels(client.pod) ? attempts.map(tunnelledIfTaken) : attempts;
}

/** A sidecar that knows ambient tunnels to it whatever its DestinationRule says. */
function tunnelledIfTaken(attempt: Attempt): Attempt {
  if (attempt.kind !== 'arrives' || attempt.endpoint.pod.dataPlane.mode !== 'ambient') return attempt;
  return { ...attempt, sent: 'tunnel', because: ['both sides know HBONE, so the client’s proxy tunnels it'] };
}

/** Without a port of its own, a TCP route takes the only one there is; an HTTP route always the one that was dialled. */
function portOf({ ports }: MeshService, { port, portAssumed }: Destination, carries: Carries): MeshPort | undefined {
  const [only, ...others] = ports;
  if (portAssumed && carries !== 'http' && others.length === 0) return only;
  return ports.find(({ number }) => number === port);
}

/** Shared by all clients that use the cluster. */
const attemptsOn = oncePerPair((_cluster: Cluster, _dialled: MeshPort) => new Map<Carries, readonly Attempt[]>());

/** The proxy chooses among the endpoints, unless the cluster lets the dialled address stand, whatever the route says. */
function balanced(cluster: Cluster, passing: Passing, istiod: Istiod): readonly Attempt[] {
  const { service, port, subset, rule, originalAddress } = cluster;
  const open = (endpoint: MeshEndpoint): Opening => ({ endpoint, cluster, ...sentTo(endpoint, cluster, istiod) });
  if (originalAddress) return arrivals(passing.service, passing.port, passing.port.ready, passing.carries, open);
  const labels = (subset !== undefined && rule && subsetOf(rule, subset)?.labels) || {};
  const endpoints = port.ready.filter(({ pod }) => selects(labels, pod.labels));
  if (endpoints.length === 0) {
    const what = subset === undefined ? `port ${port.number}` : `subset ${subset}`;
    return [stopped(`no ready pod is behind ${what} of ${service.host}`)];
  }
  return endpoints.map((endpoint) => arrival(open(endpoint), passing));
}

function arrival(opening: Opening, { port, carries }: Passing): Attempt {
  return { kind: 'arrives', carries: carries === 'http' ? 'http' : 'tcp', declared: port.protocol, ...opening };
}
