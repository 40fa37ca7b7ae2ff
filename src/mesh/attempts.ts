import { describeRef } from '../model/finding.ts';
import { capturesOutbound } from './capture.ts';
import type { Client } from './client.ts';
import { type Cluster, clusterFor, sentTo } from './client-tls.ts';
import { candidateRules, ruleFor } from './destination-rule.ts';
import type { Istiod } from './istiod.ts';
import type { MeshEndpoint, MeshPort, MeshService } from './mesh-service.ts';
import { kept, oncePerPair } from './once.ts';
import type { Protocol } from './protocol.ts';
import { selects } from './selector.ts';
import { imports, isVisible } from './sidecar-scope.ts';
import { subsetOf } from './traffic-policy.ts';
import type { Sent } from './transport.ts';
import { type Destination, type RouteOption, routesFor } from './virtual-service.ts';

/** One thing that a call may come to on the client's side. */
export type Attempt =
  | {
      readonly kind: 'arrives';
      readonly endpoint: MeshEndpoint;
      readonly sent: Sent;
      /** What the application sends. */
      readonly carries: 'http' | 'tcp';
      readonly declared: Protocol;
      readonly cluster?: Cluster;
      readonly because: readonly string[];
    }
  /** Nothing leaves the client. */
  | { readonly kind: 'stopped'; readonly because: readonly string[] }
  /** Nothing can be said of it. */
  | { readonly kind: 'unclear'; readonly because: readonly string[] };

type Carries = 'http' | 'tls' | 'tcp';

/** Everything that may happen to a call of this port: several attempts where load balancing or the request decide. */
export function attemptsOf(client: Client, service: MeshService, port: MeshPort): readonly Attempt[] {
  switch (capturesOutbound(client.pod, port.number)) {
    case 'no':
      return direct(service, port, ['the client has no proxy']);
    case 'depends':
      return [
        ...direct(service, port, ['the address may be one that its proxy does not capture']),
        ...proxied(client, service, port),
      ];
    case 'yes':
      return proxied(client, service, port);
  }
}

/** Straight to the pods, in plaintext. */
function direct(service: MeshService, port: MeshPort, because: readonly string[]): readonly Attempt[] {
  const open = (endpoint: MeshEndpoint): Opening => ({ endpoint, sent: 'plaintext', because });
  return carriedBy(port.protocol).flatMap((carries) =>
    arrivals(service, port, service.headless, port.ready, carries, open),
  );
}

function proxied(client: Client, service: MeshService, port: MeshPort): readonly Attempt[] {
  const { scope } = client.knows;
  if (!imports(scope, service, port.number, client.istiod)) return unknownToProxy(client, service, port);
  return carriedBy(port.protocol).flatMap((carries) => {
    const call = { client, host: service.host, port: port.number, clusterDomain: client.istiod.clusterDomain };
    return routesFor(call, client.knows.virtualServices, carries).flatMap((option) =>
      routed(client, option, port, carries),
    );
  });
}

/** A proxy that detects the protocol may be given either. */
function carriedBy(protocol: Protocol): readonly Carries[] {
  if (protocol === 'auto') return ['http', 'tcp'];
  return protocol === 'http' || protocol === 'tls' ? [protocol] : ['tcp'];
}

function unknownToProxy({ knows: { scope } }: Client, service: MeshService, port: MeshPort): readonly Attempt[] {
  const why =
    scope.sidecar === undefined
      ? `${service.host} is not exported to ${scope.namespace}`
      : `${describeRef(scope.sidecar)} does not import ${service.host}`;
  if (scope.allowsAny) return direct(service, port, [`${why}: the call passes the mesh by, in plaintext`]);
  return [stopped(`${why}, and its outboundTrafficPolicy is REGISTRY_ONLY`)];
}

function routed(client: Client, option: RouteOption, dialled: MeshPort, carries: Carries): readonly Attempt[] {
  const by = option.by === undefined ? 'its route' : describeRef(option.by);
  if (option.kind === 'answered') return [stopped(`${by} answers for the server`)];
  if (option.kind === 'unmatched') return [stopped(`${by} has no route for it`)];
  if (option.kind === 'delegated') return [{ kind: 'unclear', because: [`${by} delegates the route`] }];
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
  return kept(attemptsOn(cluster, dialled), carries, () => balanced(istiod, cluster, dialled, carries));
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

type Opening = Pick<Extract<Attempt, { kind: 'arrives' }>, 'endpoint' | 'sent' | 'because' | 'cluster'>;

/** Who looks up a headless Service gets the pods' addresses, and dials the Service's port there. */
function arrivals(
  { host }: MeshService,
  { number, protocol: declared }: MeshPort,
  atServicePort: boolean,
  endpoints: readonly MeshEndpoint[],
  carries: Carries,
  open: (endpoint: MeshEndpoint) => Opening,
): readonly Attempt[] {
  if (endpoints.length === 0) return [stopped(`${host} has no ready endpoint at port ${number}`)];
  return endpoints.map((endpoint) => {
    if (atServicePort && endpoint.port !== number) return missed(endpoint, number);
    return { kind: 'arrives', carries: carries === 'http' ? 'http' : 'tcp', declared, ...open(endpoint) };
  });
}

function missed({ pod, port }: MeshEndpoint, dialled: number): Attempt {
  return stopped(
    `headless: calls go to port ${dialled} of pod ${pod.namespace}/${pod.name}, but the server listens on ${port}`,
  );
}

function stopped(why: string): Attempt {
  return { kind: 'stopped', because: [why] };
}
