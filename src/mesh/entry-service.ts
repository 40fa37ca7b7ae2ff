import type { ServiceEntry } from '../model/service-entry.ts';
import type { Istiod } from './istiod.ts';
import type { MeshEndpoint, MeshPort, MeshService } from './mesh-service.ts';
import { podKey } from './mesh-view.ts';
import { protocolNamed } from './protocol.ts';
import { selects } from './selector.ts';

type EntryPort = ServiceEntry['ports'][number];

/**
 * What a ServiceEntry makes of a host, as far as it leads to pods of this cluster.
 *
 * @returns undefined where it leads elsewhere, or nobody can say where
 */
export function entryServiceOf(entry: ServiceEntry, host: string, istiod: Istiod): MeshService | undefined {
  const ports = entry.ports.map((port) => entryPort(entry, port, host, istiod));
  if (ports.some((port) => port === undefined)) return undefined;
  return {
    host,
    namespace: entry.namespace,
    name: host,
    createdAt: entry.createdAt,
    exportTo: entry.exportTo ?? [],
    headless: false,
    keepsAddress: entry.resolution === 'NONE',
    external: entry.location === 'MESH_EXTERNAL',
    ports: ports.filter((port) => port !== undefined),
    workloads: [],
  };
}

function entryPort(entry: ServiceEntry, port: EntryPort, host: string, istiod: Istiod): MeshPort | undefined {
  const endpoints = endpointsOf(entry, port, host, istiod);
  if (endpoints === undefined) return undefined;
  const ready = endpoints.filter((endpoint) => endpoint.ready);
  return { number: port.number, protocol: protocolNamed(port.protocol) ?? 'auto', endpoints, ready };
}

function endpointsOf(
  entry: ServiceEntry,
  port: EntryPort,
  host: string,
  istiod: Istiod,
): readonly MeshEndpoint[] | undefined {
  switch (entry.resolution) {
    case 'NONE':
      // The dialled address stands: whose that is, the entry does not say.
      return [];
    case 'STATIC':
      return entry.workloadSelector === undefined ? listed(entry, port, istiod) : selected(entry, port, istiod);
    case 'DNS':
    case 'DNS_ROUND_ROBIN':
      return resolved(entry, port, host, istiod);
    case 'DYNAMIC_DNS':
      return undefined;
  }
}

/** Through the address of a Kubernetes Service; what the entry says of TLS counts, not what the pods do. */
function behind(
  service: MeshService,
  number: number,
  tlsMode: string | undefined,
): readonly MeshEndpoint[] | undefined {
  const port = service.ports.find((one) => one.number === number);
  return port?.endpoints.map(({ pod, workload, ready, port: at }) => ({
    pod,
    workload,
    ready,
    port: at,
    ...(tlsMode !== undefined && { tlsMode }),
  }));
}

function listed({ endpoints }: ServiceEntry, port: EntryPort, { podsByAddress }: Istiod) {
  const found = endpoints.map(({ address, labels, ports }) => {
    const member = podsByAddress.get(address);
    const tlsMode = labels['security.istio.io/tlsMode'];
    const at = ports[port.name] ?? port.targetPort ?? port.number;
    return member && { ...member, ready: member.pod.ready, port: at, ...(tlsMode !== undefined && { tlsMode }) };
  });
  return found.every((one) => one !== undefined) ? found : undefined;
}

/** WorkloadEntries that the selector may pick as well are not known here. */
function selected({ namespace, workloadSelector = {} }: ServiceEntry, port: EntryPort, { podsByAddress }: Istiod) {
  const members = new Map(Array.from(podsByAddress.values(), (member) => [podKey(member.pod), member]));
  return [...members.values()]
    .filter(({ pod }) => pod.namespace === namespace && selects(workloadSelector, pod.labels))
    .map((member) => {
      const tlsMode = member.pod.labels['security.istio.io/tlsMode'];
      const at = port.targetPort ?? port.number;
      return { ...member, ready: member.pod.ready, port: at, ...(tlsMode !== undefined && { tlsMode }) };
    });
}

/** Names that lead to Services of this cluster; without endpoints, the host itself is looked up. */
function resolved({ endpoints }: ServiceEntry, port: EntryPort, host: string, { services }: Istiod) {
  const names = endpoints.length > 0 ? endpoints : [{ address: host, labels: {}, ports: {} as Record<string, number> }];
  const found = names.map(({ address, labels, ports }) => {
    const service = services.get(address);
    const number = ports[port.name] ?? port.targetPort ?? port.number;
    return service && !service.headless && behind(service, number, labels['security.istio.io/tlsMode']);
  });
  return found.every((one) => one !== undefined && one !== false) ? found.flat() : undefined;
}
