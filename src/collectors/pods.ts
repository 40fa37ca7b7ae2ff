import type { KubeObject, OwnerReference } from '../model/sources.ts';
import type { DataPlane, Pod } from '../model/workload.ts';
import { at, child, count, type Field, flag, items, required, text, textMap, texts } from './fields.ts';

/** A pod, and the controller that made it. */
export interface OwnedPod {
  readonly pod: Pod;
  readonly owner: OwnerReference | undefined;
}

const keptAnnotations = [
  'ambient.istio.io/redirection',
  'istio.io/rev',
  'sidecar.istio.io/inject',
  'sidecar.istio.io/interceptionMode',
  'sidecar.istio.io/status',
];
const keptPrefixes = ['traffic.sidecar.istio.io/', 'proxy.istio.io/', 'sidecar.istio.io/statsInclusion'];

/** Keeps what checks read of a pod; finished pods are dropped. */
export function projectPod(object: KubeObject): OwnedPod | undefined {
  const phase = text(at(object, 'status', 'phase')) ?? 'Unknown';
  if (phase === 'Succeeded' || phase === 'Failed') return undefined;
  const annotations = textMap(at(object, 'metadata', 'annotations'));
  const revision = revisionOf(annotations);
  const node = text(at(object, 'spec', 'nodeName'));
  const ip = text(at(object, 'status', 'podIP'));
  const pod: Pod = {
    name: object.metadata.name,
    namespace: object.metadata.namespace ?? 'default',
    labels: textMap(at(object, 'metadata', 'labels')),
    annotations: keptOf(annotations),
    createdAt: text(at(object, 'metadata', 'creationTimestamp')) ?? '',
    phase,
    ready: isReady(object),
    terminating: text(at(object, 'metadata', 'deletionTimestamp')) !== undefined,
    hostNetwork: flag(at(object, 'spec', 'hostNetwork')) ?? false,
    serviceAccount: text(at(object, 'spec', 'serviceAccountName')) ?? 'default',
    ...(node !== undefined && { node }),
    ...(ip !== undefined && { ip }),
    ports: containerPorts(at(object, 'spec')),
    dataPlane: dataPlaneOf(object, annotations),
    ...(revision !== undefined && { revision }),
  };
  return { pod, owner: controllerOf(object) };
}

export function keptOf(annotations: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(annotations).filter(
      ([key]) => keptAnnotations.includes(key) || keptPrefixes.some((prefix) => key.startsWith(prefix)),
    ),
  );
}

export function controllerOf({ metadata: { ownerReferences } }: KubeObject): OwnerReference | undefined {
  const owner = ownerReferences?.find(({ controller }) => controller === true);
  return owner && { kind: owner.kind, name: owner.name, uid: owner.uid, controller: true };
}

/** Ports of all containers but the proxy's own; native sidecars are among the init containers. */
export function containerPorts(podSpec: Field): Pod['ports'] {
  const containers = [...items(child(podSpec, 'containers')), ...items(child(podSpec, 'initContainers'))];
  return containers
    .filter((container) => text(child(container, 'name')) !== 'istio-proxy')
    .flatMap((container) => items(child(container, 'ports')))
    .map((port) => {
      const name = text(child(port, 'name'));
      return {
        ...(name !== undefined && { name }),
        port: required(child(port, 'containerPort'), count(child(port, 'containerPort'))),
        protocol: text(child(port, 'protocol')) ?? 'TCP',
      };
    });
}

/** Which revision's injector made the sidecar: the pod's annotation, else what the injector noted of itself. */
function revisionOf(annotations: Readonly<Record<string, string>>): string | undefined {
  const named = annotations['istio.io/rev'];
  if (named !== undefined) return named;
  const status = annotations['sidecar.istio.io/status'] ?? '';
  return /"revision":"([^"]+)"/.exec(status)?.[1];
}

function dataPlaneOf(pod: KubeObject, annotations: Readonly<Record<string, string>>): DataPlane {
  const proxies = (list: string) =>
    items(at(pod, 'spec', list)).filter((c) => text(child(c, 'name')) === 'istio-proxy');
  const [classic] = proxies('containers');
  const [native] = proxies('initContainers');
  const proxy = classic ?? native;
  if (proxy === undefined)
    return { mode: annotations['ambient.istio.io/redirection'] === 'enabled' ? 'ambient' : 'none' };
  const ready = proxyReady(pod, classic === undefined ? 'initContainerStatuses' : 'containerStatuses');
  if (texts(child(proxy, 'args')).some((arg) => arg === 'router' || arg === 'waypoint'))
    return { mode: 'gateway', ready };
  return { mode: 'sidecar', native: classic === undefined, image: text(child(proxy, 'image')) ?? '', ready };
}

/** A pod without any status stands in a file: it is taken as meant, that is ready. */
function isReady(pod: KubeObject): boolean {
  if (pod.status === undefined) return true;
  const conditions = items(at(pod, 'status', 'conditions'));
  return conditions.some((c) => text(child(c, 'type')) === 'Ready' && text(child(c, 'status')) === 'True');
}

function proxyReady(pod: KubeObject, statuses: string): boolean {
  if (pod.status === undefined) return true;
  const proxy = items(at(pod, 'status', statuses)).find((status) => text(child(status, 'name')) === 'istio-proxy');
  return proxy !== undefined && flag(child(proxy, 'ready')) === true;
}
