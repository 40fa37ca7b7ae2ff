import { resources } from '../model/resources.ts';
import type { ServiceEntry } from '../model/service-entry.ts';
import type { KubeObject } from '../model/sources.ts';
import { defineCollector, listMeshWide } from './collector.ts';
import {
  at,
  child,
  count,
  entries,
  type Field,
  isAbsent,
  items,
  oneOf,
  required,
  text,
  textMap,
  texts,
} from './fields.ts';
import { identityOf } from './identity.ts';

export const serviceEntries = defineCollector({
  kind: 'serviceEntries',
  reads: [resources.serviceEntries],
  collect: (collection) => listMeshWide(collection, resources.serviceEntries, project),
});

function project(object: KubeObject): ServiceEntry {
  const exportTo = at(object, 'spec', 'exportTo');
  const selector = at(object, 'spec', 'workloadSelector');
  return {
    kind: 'ServiceEntry',
    ...identityOf(object),
    hosts: texts(at(object, 'spec', 'hosts')),
    addresses: texts(at(object, 'spec', 'addresses')),
    ports: items(at(object, 'spec', 'ports')).map(port),
    location: oneOf(at(object, 'spec', 'location'), ['MESH_EXTERNAL', 'MESH_INTERNAL']) ?? 'MESH_EXTERNAL',
    resolution:
      oneOf(at(object, 'spec', 'resolution'), ['NONE', 'STATIC', 'DNS', 'DNS_ROUND_ROBIN', 'DYNAMIC_DNS']) ?? 'NONE',
    endpoints: items(at(object, 'spec', 'endpoints')).map(endpoint),
    ...(!isAbsent(selector) && { workloadSelector: textMap(child(selector, 'labels')) }),
    ...(!isAbsent(exportTo) && { exportTo: texts(exportTo) }),
  };
}

function port(field: Field): ServiceEntry['ports'][number] {
  const targetPort = count(child(field, 'targetPort'));
  return {
    number: required(child(field, 'number'), count(child(field, 'number'))),
    name: text(child(field, 'name')) ?? '',
    protocol: text(child(field, 'protocol')) ?? '',
    ...(targetPort !== undefined && { targetPort }),
  };
}

function endpoint(field: Field): ServiceEntry['endpoints'][number] {
  const ports = entries(child(field, 'ports')).map(([name, value]) => [name, required(value, count(value))] as const);
  return {
    address: text(child(field, 'address')) ?? '',
    labels: textMap(child(field, 'labels')),
    ports: Object.fromEntries(ports),
  };
}
