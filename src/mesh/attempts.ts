import { describeRef } from '../model/finding.ts';
import { sentByZtunnel, waypointDoubt } from './ambient.ts';
import { type Attempt, arrivals, type Carries, carriedBy, elsewhere, type Opening, stopped } from './attempt.ts';
import { capturesOutbound } from './capture.ts';
import type { Client } from './client.ts';
import { routed } from './forward.ts';
import type { MeshEndpoint, MeshPort, MeshService } from './mesh-service.ts';
import type { Call, RouteOption } from './route-option.ts';
import { entryFor, httpHostsAt, imports } from './sidecar-scope.ts';
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
  return carried.flatMap((carries) => arrivals(service, port, service.headless, port.ready, carries, open));
}

function tunnelled({ istiod }: Client, service: MeshService, port: MeshPort): readonly Attempt[] {
  const doubt = waypointDoubt(service, istiod);
  if (doubt !== undefined) return [{ kind: 'unclear', because: [doubt] }];
  const open = (endpoint: MeshEndpoint): Opening => ({ endpoint, ...sentByZtunnel(endpoint.pod) });
  return arrivals(service, port, service.headless, port.ready, 'tcp', open);
}

function proxied(client: Client, service: MeshService, port: MeshPort): readonly Attempt[] {
  const { istiod, knows } = client;
  const call = { client, host: service.host, port: port.number, clusterDomain: istiod.clusterDomain };
  const known = imports(knows.scope, service, port.number, istiod);
  const entry = known ? undefined : entryFor(service.host, knows.scope, istiod);
  if (entry !== undefined) return [elsewhere(service.host, entry)];
  if (listensFirst(port, known, client)) return [stopped(waitsToDetect)];
  return carriedBy(port.protocol).flatMap((carries) => {
    const options = known
      ? routesFor(call, knows.virtualServicesAt(call.port), carries)
      : strayRoutes(client, call, carries);
    if (options.length === 0) return unknownToProxy(client, service, port, carries);
    return options.flatMap((option) => routed(client, option, port, carries));
  });
}

/** Where HTTP of other hosts shares the port, the client’s proxy detects what it does not know of. */
function listensFirst({ number, protocol }: MeshPort, known: boolean, { istiod, knows }: Client): boolean {
  if (known) return protocol === 'auto-banner';
  return protocol.endsWith('banner') && httpHostsAt(knows.scope, number, istiod).size > 0;
}

function strayRoutes({ istiod, knows }: Client, call: Call, carries: Carries): readonly RouteOption[] {
  if (carries !== 'http') return [];
  return strayRoutesFor(call, knows.virtualServicesAt(call.port), httpHostsAt(knows.scope, call.port, istiod));
}

function unknownToProxy(
  { knows: { scope } }: Client,
  service: MeshService,
  port: MeshPort,
  carries: Carries,
): readonly Attempt[] {
  const why =
    scope.sidecar === undefined
      ? `${service.host} is not exported to ${scope.namespace}`
      : `${describeRef(scope.sidecar)} does not import ${service.host}`;
  if (scope.allowsAny) return direct(service, port, [`${why}: the call passes the mesh by, in plaintext`], [carries]);
  return [stopped(`${why}, and its outboundTrafficPolicy is REGISTRY_ONLY`)];
}
