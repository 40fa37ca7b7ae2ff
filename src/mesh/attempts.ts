import { describeRef } from '../model/finding.ts';
import { sentByZtunnel, waypointDoubt } from './ambient.ts';
import { type Attempt, arrivals, carriedBy, elsewhere, type Opening, stopped } from './attempt.ts';
import { capturesOutbound } from './capture.ts';
import type { Client } from './client.ts';
import { entryServiceOf } from './entry-service.ts';
import { type Passing, routed } from './forward.ts';
import type { MeshEndpoint, MeshPort, MeshService } from './mesh-service.ts';
import type { Call } from './route-option.ts';
import { captorsOf, entryFor, httpHostsAt, imports, lacksRoutes, type NamedEntry } from './sidecar-scope.ts';
import { waitsToDetect } from './transport.ts';
import { routesFor, strayRoutesFor } from './virtual-service.ts';

/** Everything that may happen to a call of this port: several attempts where load balancing or the request decide. */
export function attemptsOf(client: Client, service: MeshService, port: MeshPort): readonly Attempt[] {
  if (client.pod.dataPlane.mode === 'ambient') return tunnelled(client, service, port);
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
function direct(
  service: MeshService,
  port: MeshPort,
  because: readonly string[],
  carried = carriedBy(port.protocol),
): readonly Attempt[] {
  const open = (endpoint: MeshEndpoint): Opening => ({ endpoint, sent: 'plaintext', because });
  return carried.flatMap((carries) => arrivals(service, port, port.ready, carries, open));
}

function tunnelled({ istiod }: Client, service: MeshService, port: MeshPort): readonly Attempt[] {
  const doubt = waypointDoubt(service, istiod);
  if (doubt !== undefined) return [{ kind: 'unclear', because: [doubt] }];
  const open = (endpoint: MeshEndpoint): Opening => ({ endpoint, ...sentByZtunnel(endpoint.pod) });
  return arrivals(service, port, port.ready, 'tcp', open);
}

function proxied(client: Client, service: MeshService, port: MeshPort): readonly Attempt[] {
  const { istiod, knows } = client;
  const known = imports(knows.scope, service, port.number, istiod);
  if (listensFirst(port, known, client)) return [stopped(waitsToDetect)];
  return carriedBy(port.protocol).flatMap((carries) => {
    const passing = { client, service, port, carries };
    if (known && carries === 'http' && lacksRoutes(knows.scope, service, port.number)) return [unrouted(passing)];
    return known ? steered(service.host, passing) : stray(passing);
  });
}

function unrouted({ client: { knows }, service: { host }, port: { number } }: Passing): Attempt {
  const by = knows.scope.sidecar === undefined ? 'the Sidecar' : describeRef(knows.scope.sidecar);
  return stopped(
    `${by} has a listener of its own at port ${number}, whose routes do not know ${host}: HTTP gets a 404`,
  );
}

function steered(host: string, passing: Passing): readonly Attempt[] {
  const { client, port, carries } = passing;
  return routesFor(callOf(host, passing), client.knows.virtualServicesAt(port.number), carries).flatMap((option) =>
    routed(option, passing),
  );
}

/** What the proxy does not know as a Service, something else may still take up: a ServiceEntry or a VirtualService. */
function stray(passing: Passing): readonly Attempt[] {
  const { client, service, port, carries } = passing;
  const { istiod, knows } = client;
  const shared = httpHostsAt(knows.scope, port.number, istiod);
  const named = entryFor(service.host, knows.scope, istiod);
  const captor = carries !== 'http' || shared.size === 0 ? captorsOf(knows.scope, istiod).get(port.number) : undefined;
  const entry = carries === 'http' ? (named ?? captor) : captor;
  const taken = entry && takenUp(entry, passing);
  if (taken !== undefined) return taken;
  const call = callOf(service.host, passing);
  const options = carries === 'http' ? strayRoutesFor(call, knows.virtualServicesAt(port.number), shared) : [];
  return options.length > 0 ? options.flatMap((option) => routed(option, passing)) : unknownToProxy(passing);
}

/** A ServiceEntry stands in for the Service: its ports and its word on TLS count. */
function takenUp({ entry, host }: NamedEntry, passing: Passing): readonly Attempt[] | undefined {
  const takenFor = entryServiceOf(entry, host, passing.client.istiod);
  if (takenFor === undefined) return [elsewhere(host, entry)];
  const there = takenFor.ports.some(({ number }) => number === passing.port.number);
  return there ? steered(host, { ...passing, takenFor }) : undefined;
}

function callOf(host: string, { client, port }: Passing): Call {
  return { client, host, port: port.number, clusterDomain: client.istiod.clusterDomain };
}

/** Where HTTP of other hosts shares the port, the client’s proxy detects what it does not know of. */
function listensFirst({ number, protocol }: MeshPort, known: boolean, { istiod, knows }: Client): boolean {
  if (known) return protocol === 'auto-banner';
  return protocol.endsWith('banner') && httpHostsAt(knows.scope, number, istiod).size > 0;
}

function unknownToProxy({ client, service, port, carries }: Passing): readonly Attempt[] {
  const { scope } = client.knows;
  const why =
    scope.sidecar === undefined
      ? `${service.host} is not exported to ${scope.namespace}`
      : `${describeRef(scope.sidecar)} does not import ${service.host}`;
  if (scope.allowsAny) return direct(service, port, [`${why}: the call passes the mesh by, in plaintext`], [carries]);
  return [stopped(`${why}, and its outboundTrafficPolicy is REGISTRY_ONLY`)];
}
