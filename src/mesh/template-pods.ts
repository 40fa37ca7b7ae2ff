import type { Endpoint, Pod, Service, ServicePort, Workload } from '../model/workload.ts';
import { injectionOf } from './injection.ts';
import type { MeshView } from './mesh-view.ts';
import { selects } from './selector.ts';

/**
 * The pods that manifests would make. Files hold workloads and no pods: then one pod of each template stands for all,
 * injected as the API server would do it, and Services lead to those. Where there are pods, nothing is made up.
 */
export function withTemplatePods(view: MeshView): MeshView {
  if (view.workloads.some(({ pods }) => pods.length > 0)) return view;
  const workloads = view.workloads.map((workload) =>
    workload.replicas === 0 ? workload : { ...workload, pods: [templatePod(workload, view)] },
  );
  const pods = workloads.flatMap((workload) => workload.pods);
  const services = view.services.map((service) => ({ ...service, endpoints: endpointsOf(service, pods) }));
  return { ...view, workloads, services };
}

/**
 * Workloads without a pod at the moment, each with one that its template would make: a CronJob calls when its time
 * comes. No Service leads to such a pod, and its name is one that no pod can have.
 */
export function withPodsToCome(given: MeshView): MeshView {
  const view = withTemplatePods(given);
  const toCome = (one: Workload): Pod => ({ ...templatePod(one, view), name: `${one.name}-*` });
  const workloads = view.workloads.map((one) => (one.pods.length > 0 ? one : { ...one, pods: [toCome(one)] }));
  return { ...view, workloads };
}

function templatePod(workload: Workload, { namespaces, controlPlane }: MeshView): Pod {
  const { namespace, name, labels, annotations, hostNetwork, serviceAccount, ports } = workload;
  const place = namespaces.items.find((one) => one.name === namespace);
  const injection = injectionOf(workload, place, controlPlane);
  return {
    name,
    namespace,
    labels: injection.intent === 'sidecar' ? { 'security.istio.io/tlsMode': 'istio', ...labels } : labels,
    annotations,
    createdAt: '',
    phase: 'Running',
    ready: true,
    terminating: false,
    hostNetwork,
    serviceAccount,
    ports,
    dataPlane: dataPlaneOf(injection.intent),
    ...(injection.intent === 'sidecar' && { revision: injection.revision }),
  };
}

function dataPlaneOf(intent: ReturnType<typeof injectionOf>['intent']): Pod['dataPlane'] {
  if (intent === 'sidecar') return { mode: 'sidecar', native: true, image: '', ready: true };
  return { mode: intent === 'ambient' ? 'ambient' : 'none' };
}

function endpointsOf({ namespace, selector, ports }: Service, pods: readonly Pod[]): readonly Endpoint[] {
  if (Object.keys(selector).length === 0) return [];
  return pods
    .filter((pod) => pod.namespace === namespace && selects(selector, pod.labels))
    .map((pod) => ({ ip: '', ready: true, pod: pod.name, ports: ports.flatMap((port) => endpointPort(port, pod)) }));
}

/** A port by name leads where a container of the pod has it. */
function endpointPort({ name, targetPort }: ServicePort, { ports }: Pod): Endpoint['ports'] {
  const port = typeof targetPort === 'number' ? targetPort : ports.find((one) => one.name === targetPort)?.port;
  return port === undefined ? [] : [{ ...(name !== undefined && { name }), port }];
}
