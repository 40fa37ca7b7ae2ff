import { stringify } from 'yaml';

type Labels = Readonly<Record<string, string>>;

interface WorkloadOptions {
  readonly kind?: 'Deployment' | 'StatefulSet' | 'DaemonSet';
  readonly labels?: Labels;
  readonly annotations?: Labels;
  readonly proxy?: 'classic' | 'native' | 'ambient' | 'gateway' | 'none';
  readonly proxyReady?: boolean;
  readonly hostNetwork?: boolean;
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
  /** Of its pods, where the test looks at addresses. */
  readonly ip?: string;
  /** When its pods were made (RFC 3339). */
  readonly born?: string;
  /** How many pods, and how many more without a proxy. */
  readonly pods?: number;
  readonly bare?: number;
}

/** A workload with its pods, as YAML; `id` is `namespace/name`. Only what checks read is in it. */
export function workload(id: string, options: WorkloadOptions = {}): string {
  const { kind = 'Deployment', labels = {}, annotations = {}, ports = [], hostNetwork, pods = 1, bare = 0 } = options;
  const template = {
    metadata: { labels, annotations },
    spec: { containers: [{ name: 'app', ports }], ...(hostNetwork && { hostNetwork }) },
  };
  const proxied = Array.from({ length: pods }, (_, index) => pod(`${id}-${index}`, id, { ...options, kind }));
  const unproxied = Array.from({ length: bare }, (_, index) =>
    pod(`${id}-bare-${index}`, id, { ...options, kind, proxy: 'none' }),
  );
  return [manifest('apps/v1', kind, id, { spec: { replicas: pods + bare, template } }), ...proxied, ...unproxied].join(
    '---\n',
  );
}

function pod(id: string, owner: string, options: WorkloadOptions): string {
  const {
    kind,
    labels = {},
    annotations = {},
    proxy = 'classic',
    proxyReady = true,
    hostNetwork,
    ports = [],
    ip,
    born,
  } = options;
  const istio = { name: 'istio-proxy', image: 'proxyv2', args: ['proxy', proxy === 'gateway' ? 'router' : 'sidecar'] };
  const inside = proxy === 'classic' || proxy === 'gateway';
  const injected = inside || proxy === 'native' ? { 'security.istio.io/tlsMode': 'istio' } : {};
  const state = [{ name: 'istio-proxy', ready: proxyReady }];
  return manifest('v1', 'Pod', id, {
    ...(born !== undefined && { created: born }),
    labels: { ...labels, ...injected },
    annotations: { ...annotations, ...(proxy === 'ambient' && { 'ambient.istio.io/redirection': 'enabled' }) },
    ownerReferences: [{ apiVersion: 'apps/v1', kind, name: owner.split('/')[1], uid: owner, controller: true }],
    spec: {
      containers: [...(proxy === 'gateway' ? [] : [{ name: 'app', ports }]), ...(inside ? [istio] : [])],
      ...(proxy === 'native' && { initContainers: [{ ...istio, restartPolicy: 'Always' }] }),
      ...(hostNetwork && { hostNetwork }),
    },
    status: {
      phase: 'Running',
      ...(ip !== undefined && { podIP: ip }),
      conditions: [{ type: 'Ready', status: proxyReady ? 'True' : 'False' }],
      ...(proxy === 'native' ? { initContainerStatuses: state } : { containerStatuses: inside ? state : [] }),
    },
  });
}

export function namespace(name: string, labels: Labels = {}): string {
  return stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
}

interface PolicyOptions {
  readonly selector?: Labels;
  readonly ports?: Readonly<Record<number, string>>;
  readonly created?: string;
}

export function peerAuthentication(
  id: string,
  mode: string | undefined,
  { selector, ports = {}, created }: PolicyOptions = {},
): string {
  const portLevelMtls = Object.fromEntries(Object.entries(ports).map(([port, portMode]) => [port, { mode: portMode }]));
  return manifest('security.istio.io/v1', 'PeerAuthentication', id, {
    ...(created !== undefined && { created }),
    spec: {
      ...(selector && { selector: { matchLabels: selector } }),
      ...(mode !== undefined && { mtls: { mode } }),
      portLevelMtls,
    },
  });
}

export function service(
  id: string,
  selector: Labels,
  ports: readonly { port: number; targetPort: number | string; name?: string }[],
): string {
  return manifest('v1', 'Service', id, { spec: { selector, clusterIP: '10.0.0.1', ports } });
}

export function meshConfig(mesh: object, { namespace: ns = 'istio-system', revision = 'default' } = {}): string {
  const name = revision === 'default' ? 'istio' : `istio-${revision}`;
  const labels = { app: 'istiod', 'istio.io/rev': revision };
  const spec = { template: { spec: { containers: [{ name: 'discovery', image: 'pilot' }] } } };
  return [
    stringify({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: ns, name },
      data: { mesh: stringify(mesh) },
    }),
    manifest('apps/v1', 'Deployment', `${ns}/istiod-${revision}`, { labels, spec }),
  ].join('---\n');
}

interface ManifestOptions {
  readonly created?: string;
  readonly labels?: Labels;
  readonly annotations?: Labels;
  readonly ownerReferences?: readonly object[];
  readonly spec: object;
  readonly status?: object;
}

export function manifest(apiVersion: string, kind: string, id: string, options: ManifestOptions): string {
  const [ns, name] = id.split('/');
  const { created, spec, status, ...metadata } = options;
  return stringify({
    apiVersion,
    kind,
    metadata: { namespace: ns, name, creationTimestamp: created, ...metadata },
    spec,
    status,
  });
}
