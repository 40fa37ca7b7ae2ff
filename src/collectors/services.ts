import { selects } from '../mesh/selector.ts';
import { resources } from '../model/resources.ts';
import type { KubeObject } from '../model/sources.ts';
import type { Endpoint, Pod, Service, ServicePort } from '../model/workload.ts';
import { all, type Collection, defineCollector, listInScope } from './collector.ts';
import { at, child, count, type Field, flag, items, portLike, required, text, textMap, texts } from './fields.ts';

interface Slice {
  readonly service: string;
  readonly endpoints: readonly Endpoint[];
}

/** Services joined with their EndpointSlices. Files hold none of those, so there endpoints come from the pods. */
export const services = defineCollector({
  kind: 'services',
  reads: [resources.services, resources.endpointSlices],
  async collect(collection) {
    const [found, slices] = await Promise.all([
      listInScope(collection, resources.services, projectService),
      listInScope(collection, resources.endpointSlices, projectSlice),
    ]);
    const assumed = slices.value.length === 0 && collection.sources.cluster.kind === 'files';
    const endpointsOf = assumed ? await fromPods(collection) : fromSlices(slices.value);
    const value = found.value.map((service) => ({ ...service, endpoints: endpointsOf(service) }));
    const notes = assumed ? ['The files hold no EndpointSlices: endpoints are the pods that selectors match.'] : [];
    return { value, coverage: all(value.length, 'service', notes, found.unread) };
  },
});

type Bare = Omit<Service, 'endpoints'>;

function projectService(object: KubeObject): Bare {
  const createdAt = text(at(object, 'metadata', 'creationTimestamp'));
  const clusterIp = text(at(object, 'spec', 'clusterIP'));
  return {
    namespace: object.metadata.namespace ?? 'default',
    name: object.metadata.name,
    labels: textMap(at(object, 'metadata', 'labels')),
    annotations: pick(textMap(at(object, 'metadata', 'annotations')), ['networking.istio.io/exportTo']),
    type: text(at(object, 'spec', 'type')) ?? 'ClusterIP',
    headless: clusterIp === 'None',
    ...(createdAt !== undefined && { createdAt }),
    selector: textMap(at(object, 'spec', 'selector')),
    ports: items(at(object, 'spec', 'ports')).map(servicePort),
  };
}

function servicePort(field: Field): ServicePort {
  const name = text(child(field, 'name'));
  const appProtocol = text(child(field, 'appProtocol'));
  const port = required(child(field, 'port'), count(child(field, 'port')));
  return {
    ...(name !== undefined && { name }),
    port,
    protocol: text(child(field, 'protocol')) ?? 'TCP',
    ...(appProtocol !== undefined && { appProtocol }),
    targetPort: portLike(child(field, 'targetPort')) ?? port,
  };
}

function projectSlice(object: KubeObject): Slice | undefined {
  const service = text(at(object, 'metadata', 'labels', 'kubernetes.io/service-name'));
  if (service === undefined) return undefined;
  const ports = items(at(object, 'ports')).flatMap((field) => {
    const name = text(child(field, 'name'));
    const port = count(child(field, 'port'));
    return port === undefined ? [] : [{ ...(name !== undefined && name !== '' && { name }), port }];
  });
  const endpoints = items(at(object, 'endpoints')).flatMap((field) => endpointsOf(field, ports));
  return { service: `${object.metadata.namespace}/${service}`, endpoints };
}

function endpointsOf(field: Field, ports: Endpoint['ports']): readonly Endpoint[] {
  const kind = text(child(child(field, 'targetRef'), 'kind'));
  const name = text(child(child(field, 'targetRef'), 'name'));
  // An absent condition means ready.
  const ready = flag(child(child(field, 'conditions'), 'ready')) ?? true;
  return texts(child(field, 'addresses')).map((ip) => ({
    ip,
    ready,
    ...(kind === 'Pod' && name !== undefined && { pod: name }),
    ports,
  }));
}

function fromSlices(slices: readonly Slice[]): (service: Bare) => readonly Endpoint[] {
  const byService = Map.groupBy(slices, ({ service }) => service);
  return ({ namespace, name }) => (byService.get(`${namespace}/${name}`) ?? []).flatMap(({ endpoints }) => endpoints);
}

async function fromPods({ evidence }: Collection): Promise<(service: Bare) => readonly Endpoint[]> {
  const pods = (await evidence('workloads')).flatMap(({ pods: own }) => own);
  return (service) =>
    Object.keys(service.selector).length === 0
      ? []
      : pods
          .filter((pod) => pod.namespace === service.namespace && selects(service.selector, pod.labels))
          .map((pod) => ({
            ip: pod.ip ?? '',
            ready: pod.ready,
            pod: pod.name,
            ports: service.ports.flatMap((port) => podPort(port, pod)),
          }));
}

function podPort({ name, targetPort, protocol }: ServicePort, pod: Pod): Endpoint['ports'] {
  const port =
    typeof targetPort === 'number'
      ? targetPort
      : pod.ports.find((own) => own.name === targetPort && own.protocol === protocol)?.port;
  return port === undefined ? [] : [{ ...(name !== undefined && { name }), port }];
}

function pick(map: Readonly<Record<string, string>>, keys: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(map).filter(([key]) => keys.includes(key)));
}
