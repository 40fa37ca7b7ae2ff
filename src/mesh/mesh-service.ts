import type { Service, ServicePort, Workload } from '../model/workload.ts';
import { serviceHost } from './hosts.ts';
import { type Member, type MeshView, membersOf, podKey } from './mesh-view.ts';
import { likeness } from './pod-likeness.ts';
import { type Protocol, protocolOf } from './protocol.ts';
import { selects } from './selector.ts';

/** A Service as clients see it: a host with ports, and pods behind them. */
export interface MeshService {
  readonly host: string;
  readonly namespace: string;
  readonly name: string;
  readonly createdAt: string;
  /** Empty: the mesh's default. */
  readonly exportTo: readonly string[];
  /** Clients get the pods' own addresses, and connect to the Service's port there. */
  readonly headless: boolean;
  /** The proxy balances nothing: the address that the application dialled stands. */
  readonly keepsAddress: boolean;
  /** Outside the mesh, by its own word: auto mTLS never applies. */
  readonly external?: boolean;
  readonly ports: readonly MeshPort[];
  /** The waypoint that ambient clients pass on the way to it. */
  readonly waypoint?: string;
  /** Behind it now, or meant to be by their labels. */
  readonly workloads: readonly Workload[];
}

export interface MeshPort {
  readonly number: number;
  readonly protocol: Protocol;
  /** Ready or not; addresses without a pod are left out. */
  readonly endpoints: readonly MeshEndpoint[];
  /** The ready ones, one for all those that the mesh cannot tell apart. */
  readonly ready: readonly MeshEndpoint[];
}

export interface MeshEndpoint extends Member {
  readonly ready: boolean;
  /** Where the connection arrives. */
  readonly port: number;
  /** The label security.istio.io/tlsMode, as istiod sees it; absent: no proxy. */
  readonly tlsMode?: string;
}

export function meshServicesOf(
  { services, workloads, namespaces }: Pick<MeshView, 'services' | 'workloads' | 'namespaces'>,
  clusterDomain: string,
): readonly MeshService[] {
  const members = membersOf(workloads);
  const labelsOf = new Map(namespaces.items.map(({ name, labels }) => [name, labels]));
  const nearby = Map.groupBy(workloads, ({ namespace }) => namespace);
  return services.map((service) => {
    const ports = service.ports.map((port) => meshPort(service, port, members));
    const { namespace, name, headless, createdAt = '' } = service;
    const waypoint = service.labels[useWaypoint] ?? labelsOf.get(namespace)?.[useWaypoint] ?? 'none';
    return {
      host: serviceHost(name, namespace, clusterDomain),
      namespace,
      name,
      createdAt,
      exportTo: exportTo(service),
      headless,
      keepsAddress: headless,
      ports,
      ...(waypoint !== 'none' && { waypoint }),
      workloads: workloadsOf(service, ports, nearby.get(namespace) ?? []),
    };
  });
}

const useWaypoint = 'istio.io/use-waypoint';

function meshPort(service: Service, port: ServicePort, members: ReadonlyMap<string, Member>): MeshPort {
  const endpoints = endpointsAt(service, port.name, members);
  return {
    number: port.port,
    protocol: protocolOf(port),
    endpoints,
    ready: distinct(endpoints.filter(({ ready }) => ready)),
  };
}

function exportTo({ annotations }: Service): readonly string[] {
  const list = annotations['networking.istio.io/exportTo'] ?? '';
  return list
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);
}

function workloadsOf({ selector }: Service, ports: readonly MeshPort[], nearby: readonly Workload[]) {
  const meant = Object.keys(selector).length === 0 ? [] : nearby.filter(({ labels }) => selects(selector, labels));
  const behind = ports.flatMap(({ endpoints }) => endpoints.map(({ workload }) => workload));
  return [...new Set([...meant, ...behind])];
}

function endpointsAt(
  { namespace, endpoints }: Service,
  portName: string | undefined,
  members: ReadonlyMap<string, Member>,
): readonly MeshEndpoint[] {
  return endpoints.flatMap(({ pod, ready, ports }) => {
    const member = pod === undefined ? undefined : members.get(podKey({ namespace, name: pod }));
    const port = ports.find((one) => (one.name ?? '') === (portName ?? ''))?.port;
    if (member === undefined || port === undefined) return [];
    const tlsMode = member.pod.labels['security.istio.io/tlsMode'];
    return [{ ...member, ready, port, ...(tlsMode !== undefined && { tlsMode }) }];
  });
}

function distinct(endpoints: readonly MeshEndpoint[]): readonly MeshEndpoint[] {
  if (endpoints.length < 2) return endpoints;
  const groups = Map.groupBy(endpoints, ({ pod, workload, port }) =>
    [workload.kind, workload.name, port, likeness(pod)].join(),
  );
  return Array.from(groups.values(), ([first]) => first).filter((one) => one !== undefined);
}
