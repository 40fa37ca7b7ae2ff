import { connections } from '../../src/mesh/connections.ts';
import type { MeshView } from '../../src/mesh/mesh-view.ts';
import type { Revision } from '../../src/model/control-plane.ts';
import type { Connection } from '../../src/model/report.ts';
import type { ServiceEntry } from '../../src/model/service-entry.ts';
import type { ClientTls, DestinationRule, MtlsMode, PeerAuthentication } from '../../src/model/tls-config.ts';
import type {
  AuthorizationPolicy,
  HttpRoute,
  RouteDestination,
  Sidecar,
  VirtualService,
} from '../../src/model/traffic-config.ts';
import type { DataPlane, Endpoint, Labels, Pod, Service, ServicePort, Workload } from '../../src/model/workload.ts';

/** Evidence as collectors would give it, in a few words. An `id` is `namespace/name`. */

let age = 0;

/** Objects are as old as the order in which a test makes them. */
function identity(id: string) {
  const [namespace = '', name = ''] = id.split('/');
  age += 1;
  return { namespace, name, createdAt: `2026-01-01T00:00:00Z+${String(age).padStart(6, '0')}` };
}

export type Plane = 'sidecar' | 'ambient' | 'gateway' | 'none';

interface PodOptions {
  readonly labels?: Labels;
  readonly annotations?: Labels;
  readonly proxy?: Plane;
  readonly ready?: boolean;
  readonly ip?: string;
  readonly revision?: string;
}

const planes: Readonly<Record<Plane, DataPlane>> = {
  sidecar: { mode: 'sidecar', native: true, image: 'proxyv2', ready: true },
  ambient: { mode: 'ambient' },
  gateway: { mode: 'gateway', ready: true },
  none: { mode: 'none' },
};

/** A workload of one pod, unless `pods` says what each of several is. */
export function workload(id: string, options: PodOptions & { readonly pods?: readonly PodOptions[] } = {}): Workload {
  const { namespace, name } = identity(id);
  const { pods = [{}], ...common } = options;
  const labels = { app: name, ...common.labels };
  return {
    kind: 'Deployment',
    namespace,
    name,
    labels,
    annotations: common.annotations ?? {},
    serviceAccount: name,
    replicas: pods.length,
    ports: [],
    hostNetwork: false,
    pods: pods.map((one, index) =>
      pod(`${id}-${index}`, name, { ...common, ...one, labels: { ...labels, ...one.labels } }),
    ),
  };
}

function pod(id: string, serviceAccount: string, options: PodOptions): Pod {
  const { namespace, name, createdAt } = identity(id);
  const { labels = {}, annotations = {}, proxy = 'sidecar', ready = true, ip = '10.0.0.1', revision } = options;
  return {
    name,
    namespace,
    labels: { ...labels, ...(proxy === 'sidecar' && { 'security.istio.io/tlsMode': 'istio' }) },
    annotations,
    createdAt,
    phase: 'Running',
    ready,
    terminating: false,
    hostNetwork: false,
    serviceAccount,
    ip,
    ports: [],
    dataPlane: planes[proxy],
    ...(revision !== undefined && { revision }),
  };
}

/** A Service of all pods of these workloads. A port is `name:port` or `name:port>targetPort`. */
export function service(
  of: readonly Workload[],
  ports: readonly string[] = ['http:80>8080'],
  options: { readonly id?: string; readonly headless?: boolean; readonly exportTo?: string } = {},
): Service {
  const [first] = of;
  const { namespace, name, createdAt } = identity(options.id ?? `${first?.namespace}/${first?.name}`);
  const parsed = ports.map(servicePort);
  return {
    namespace,
    name,
    createdAt,
    labels: {},
    annotations: options.exportTo === undefined ? {} : { 'networking.istio.io/exportTo': options.exportTo },
    type: 'ClusterIP',
    headless: options.headless ?? false,
    selector: {},
    ports: parsed,
    endpoints: of.flatMap(({ pods }) => pods.map((one) => endpoint(one, parsed))),
  };
}

function servicePort(text: string): ServicePort {
  const [, name = '', port, target] = /^(.*):(\d+)(?:>(\d+))?$/.exec(text) ?? [];
  return { name, port: Number(port), protocol: 'TCP', targetPort: Number(target ?? port) };
}

function endpoint({ name, ip = '', ready }: Pod, ports: readonly ServicePort[]): Endpoint {
  return { ip, ready, pod: name, ports: ports.map((one) => ({ name: one.name ?? '', port: Number(one.targetPort) })) };
}

export function peerAuthentication(
  id: string,
  mode: MtlsMode | undefined,
  options: { readonly selector?: Labels; readonly ports?: Readonly<Record<number, MtlsMode | null>> } = {},
): PeerAuthentication {
  const { selector = {}, ports = {} } = options;
  return {
    kind: 'PeerAuthentication',
    ...identity(id),
    selector,
    portModes: ports,
    ...(mode !== undefined && { mode }),
  };
}

type Tls = ClientTls['mode'];

interface RuleOptions {
  readonly tls?: Tls | ClientTls;
  /** `null`: the port's entry has no tls. */
  readonly ports?: Readonly<Record<number, Tls | null>>;
  readonly loadBalancer?: string;
  readonly exportTo?: readonly string[];
  readonly workloadSelector?: Labels;
  /** Name of the subset, and what is set for it; its labels are `version: name`. */
  readonly subsets?: Readonly<Record<string, Pick<RuleOptions, 'tls' | 'ports' | 'loadBalancer'>>>;
  readonly revision?: string;
}

export function destinationRule(id: string, host: string, options: RuleOptions = {}): DestinationRule {
  const { exportTo, workloadSelector, subsets = {}, revision } = options;
  return {
    kind: 'DestinationRule',
    ...identity(id),
    host,
    ...policyOf(options),
    ...(exportTo !== undefined && { exportTo }),
    ...(workloadSelector !== undefined && { workloadSelector }),
    subsets: Object.entries(subsets).map(([name, one]) => ({ name, labels: { version: name }, ...policyOf(one) })),
    ...(revision !== undefined && { revision }),
  };
}

function policyOf({ tls, ports, loadBalancer }: RuleOptions): Pick<DestinationRule, 'trafficPolicy'> {
  if (tls === undefined && ports === undefined && loadBalancer === undefined) return {};
  const entries = Object.entries(ports ?? {});
  return {
    trafficPolicy: {
      ...(tls !== undefined && { tls: typeof tls === 'string' ? { mode: tls } : tls }),
      ...(loadBalancer !== undefined && { loadBalancer }),
      ports: entries.map(([port, mode]) => ({ port: Number(port), ...(mode !== null && { tls: { mode } }) })),
    },
  };
}

export function sidecar(
  id: string,
  hosts: readonly string[],
  options: Partial<Pick<Sidecar, 'workloadSelector' | 'outboundTrafficPolicy' | 'ingress' | 'egress'>> = {},
): Sidecar {
  return { kind: 'Sidecar', ...identity(id), egress: [{ hosts, bound: false }], ingress: [], ...options };
}

export function authorizationPolicy(
  id: string,
  action: AuthorizationPolicy['action'],
  rules: AuthorizationPolicy['rules'],
  options: Partial<Pick<AuthorizationPolicy, 'selector' | 'targetRefs' | 'dryRun' | 'provider'>> = {},
): AuthorizationPolicy {
  return {
    kind: 'AuthorizationPolicy',
    ...identity(id),
    selector: {},
    targetRefs: [],
    dryRun: false,
    action,
    rules,
    ...options,
  };
}

/** Where a host is; ports as `PROTOCOL:port`. */
export function serviceEntry(
  id: string,
  host: string,
  ports: readonly string[],
  options: Partial<Pick<ServiceEntry, 'location' | 'resolution' | 'endpoints' | 'workloadSelector' | 'exportTo'>> = {},
): ServiceEntry {
  return {
    kind: 'ServiceEntry',
    ...identity(id),
    hosts: [host],
    addresses: [],
    ports: ports.map((text) => {
      const [protocol = '', number] = text.split(':');
      return { number: Number(number), name: protocol.toLowerCase(), protocol };
    }),
    location: 'MESH_EXTERNAL',
    resolution: 'NONE',
    endpoints: [],
    ...options,
  };
}

/** Which routes a host takes. */
export function virtualService(
  id: string,
  hosts: readonly string[],
  routes: Partial<Pick<VirtualService, 'http' | 'tcp' | 'tls' | 'gateways' | 'exportTo'>>,
): VirtualService {
  return { kind: 'VirtualService', ...identity(id), hosts, gateways: [], http: [], tcp: [], tls: [], ...routes };
}

/** An HTTP route to `host` or `host/subset`, for all requests unless `request` names fields. */
export function httpRoute(to: string, request: readonly string[] = [], more: Partial<HttpRoute> = {}): HttpRoute {
  const match = request.length > 0 ? [{ gateways: [], sourceLabels: {}, request }] : [];
  return { match, route: [destination(to)], ...more };
}

/** `host`, `host/subset` or `host:port`. */
export function destination(to: string, weight = 0): RouteDestination {
  const [, host = '', port, subset] = /^([^:/]+)(?::(\d+))?(?:\/(.+))?$/.exec(to) ?? [];
  return { host, weight, ...(port !== undefined && { port: Number(port) }), ...(subset !== undefined && { subset }) };
}

export function revision(more: Partial<Revision> = {}): Revision {
  return {
    name: 'default',
    namespace: 'istio-system',
    flavour: 'istio',
    meshConfig: { configMap: 'istio', assumed: false },
    rootNamespace: 'istio-system',
    enableAutoMtls: true,
    trustDomain: 'cluster.local',
    discoverySelectors: [],
    outboundTrafficPolicy: 'ALLOW_ANY',
    defaultDestinationRuleExportTo: [],
    deployments: [],
    ...more,
  };
}

export interface Parts extends Partial<MeshView> {
  readonly revisions?: readonly Revision[];
}

export function view(parts: Parts): MeshView {
  const { revisions = [revision()], ...given } = parts;
  return {
    controlPlane: { revisions, webhooks: [] },
    namespaces: { complete: true, items: [] },
    workloads: [],
    services: [],
    peerAuthentications: [],
    destinationRules: [],
    sidecars: [],
    authorizationPolicies: [],
    virtualServices: [],
    serviceEntries: [],
    ...given,
  };
}

/** All connections between different workloads, each as `client > server:port outcome wire`. */
export function outline(mesh: MeshView): readonly string[] {
  return all(mesh).map(({ client, server, port, outcome, wire }) => {
    return `${client.namespace}/${client.workload} > ${server.namespace}/${server.workload}:${port} ${outcome} ${wire}`;
  });
}

export function all(mesh: MeshView): readonly Connection[] {
  return connections(mesh, { clients: () => true, servers: () => true });
}

/** What becomes of one call. */
export function call(mesh: MeshView, client: string, server: string, port = 80): Connection {
  const found = all(mesh).filter((one) => {
    return port === one.port && client === nameOf(one.client) && server === nameOf(one.server);
  });
  const [only] = found;
  if (only === undefined || found.length > 1)
    throw new Error(`${found.length} connections from ${client} to ${server}:${port}`);
  return only;
}

function nameOf({ namespace, workload: name }: Connection['client']): string {
  return `${namespace}/${name}`;
}
