import type { LiveCluster } from '../../src/clients/kubernetes/live-cluster.ts';
import { resources } from '../../src/model/resources.ts';

/** A real pod with its sidecar, without what made it one of its kind. */
export interface PodShape {
  readonly annotations: object;
  readonly labels: object;
  readonly spec: object;
  readonly status: object;
}

/** What of a pod's spec only the scheduler and admission may have put there, or ties it to something. */
const notOurs = ['nodeName', 'serviceAccount', 'serviceAccountName', 'priority', 'preemptionPolicy', 'tolerations'];

/** The shape of Bookinfo's pods, so that lists are as long as those of a real mesh. */
export async function podShape(cluster: LiveCluster): Promise<PodShape> {
  const [pod] = await cluster.list(
    resources.pods,
    { namespace: 'bookinfo', labelSelector: 'app=reviews' },
    (object) =>
      object as unknown as { metadata: { annotations: object; labels: object }; spec: object; status: object },
  );
  if (pod === undefined) throw new Error('Bookinfo is not there to take pods after. Run npm run cluster -- bookinfo');
  const { metadata, spec, status } = pod;
  const kept = Object.entries(spec).filter(([key]) => !notOurs.includes(key));
  return {
    annotations: metadata.annotations,
    labels: without(metadata.labels, ['app', 'version', 'pod-template-hash']),
    spec: { ...Object.fromEntries(kept), schedulerName: 'none' },
    status: without(status, ['hostIP', 'hostIPs', 'podIP', 'podIPs']),
  };
}

function without(object: object, keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

interface PodWanted {
  readonly name: string;
  readonly owner: { readonly name: string; readonly uid: string };
}

/** The Deployment owns it itself: a ReplicaSet would see to its own pods. */
export function podOf({ annotations, labels, spec }: PodShape, { name, owner }: PodWanted): object {
  const controller = { apiVersion: 'apps/v1', kind: 'Deployment', ...owner, controller: true };
  return {
    metadata: { name, annotations, labels: { ...labels, app: owner.name }, ownerReferences: [controller] },
    spec,
  };
}

/** As its kubelet would have written it. */
export function statusOf({ status }: PodShape, index: number): object {
  return { status: { ...status, podIP: ipOf(index), podIPs: [{ ip: ipOf(index) }] } };
}

function ipOf(index: number): string {
  return `10.${200 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`;
}

interface WorkloadWanted {
  readonly namespace: string;
  readonly name: string;
  /** Namespaces of the same mesh. */
  readonly visibleIn: readonly string[];
  /** Every fourth workload has Istio configuration of its own. */
  readonly isFourth: boolean;
  readonly shape: PodShape;
  /** The numbers of its pods. */
  readonly pods: readonly number[];
}

/** Everything around the pods; `others` with the paths they are created at. */
export function objectsOf({ namespace, name, visibleIn, isFourth, shape, pods }: WorkloadWanted) {
  const apps = `/apis/apps/v1/namespaces/${namespace}`;
  const istio = (group: string, plural: string) => `/apis/${group}.istio.io/v1/namespaces/${namespace}/${plural}`;
  const exportTo = ['.'];
  const config: readonly (readonly [string, object])[] = [
    [
      istio('networking', 'destinationrules'),
      { metadata: { name }, spec: { host: name, exportTo, trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' } } } },
    ],
    [
      istio('networking', 'virtualservices'),
      { metadata: { name }, spec: { hosts: [name], exportTo, http: [{ route: [{ destination: { host: name } }] }] } },
    ],
    [
      istio('security', 'authorizationpolicies'),
      {
        metadata: { name },
        spec: {
          selector: { matchLabels: { app: name } },
          rules: [{ from: [{ source: { namespaces: ['bench-*'] } }] }],
        },
      },
    ],
    [
      istio('security', 'peerauthentications'),
      { metadata: { name }, spec: { selector: { matchLabels: { app: name } }, mtls: { mode: 'STRICT' } } },
    ],
  ];
  const others = [
    [`${apps}/replicasets`, { metadata: { name: `${name}-1` }, ...controllerOf(`${name}-1`, shape) }],
    [`/api/v1/namespaces/${namespace}/services`, serviceOf(name, visibleIn)],
    [`/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`, sliceOf(name, pods)],
    ...(isFourth ? config.map(([path, { ...object }]) => [path, { ...kindOf(path), ...object }] as const) : []),
  ] as readonly (readonly [string, object])[];
  return { deployment: { metadata: { name }, ...controllerOf(name, shape, { paused: true }) }, others };
}

const kinds: Readonly<Record<string, string>> = {
  destinationrules: 'DestinationRule',
  virtualservices: 'VirtualService',
  authorizationpolicies: 'AuthorizationPolicy',
  peerauthentications: 'PeerAuthentication',
};

function kindOf(path: string) {
  const [, , group, version, , , plural = ''] = path.split('/');
  return { apiVersion: `${group}/${version}`, kind: kinds[plural] };
}

/** Without replicas: it is there to be listed, and makes no pods. */
function controllerOf(app: string, { spec }: PodShape, more: object = {}) {
  const template = { metadata: { labels: { app } }, spec };
  return { spec: { replicas: 0, selector: { matchLabels: { app } }, template, ...more } };
}

/** Only this mesh sees it: the proxies that run are not troubled, and nor is the node's kube-proxy. */
function serviceOf(name: string, visibleIn: readonly string[]): object {
  return {
    metadata: {
      name,
      annotations: { 'networking.istio.io/exportTo': visibleIn.join(',') },
      labels: { 'service.kubernetes.io/service-proxy-name': 'none' },
    },
    spec: { selector: { app: name }, ports: [{ name: 'http', port: 9080, targetPort: 9080 }] },
  };
}

/** Kubernetes itself makes none for pods that are on no node. */
function sliceOf(name: string, pods: readonly number[]): object {
  return {
    metadata: {
      name,
      labels: {
        'kubernetes.io/service-name': name,
        'endpointslice.kubernetes.io/managed-by': 'meshbot-bench',
        'service.kubernetes.io/service-proxy-name': 'none',
      },
    },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 9080, protocol: 'TCP' }],
    endpoints: pods.map((pod) => ({
      addresses: [ipOf(pod)],
      conditions: { ready: true },
      targetRef: { kind: 'Pod', name: `${name}-${pod}` },
    })),
  };
}
