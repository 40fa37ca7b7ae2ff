import { resources } from '../model/resources.ts';
import type { KubeObject } from '../model/sources.ts';
import type { Sidecar } from '../model/traffic-config.ts';
import { defineCollector, listMeshWide } from './collector.ts';
import { at, child, count, type Field, isAbsent, items, oneOf, required, text, textMap, texts } from './fields.ts';
import { identityOf } from './identity.ts';

export const sidecars = defineCollector({
  kind: 'sidecars',
  reads: [resources.sidecars],
  collect: (collection) => listMeshWide(collection, resources.sidecars, project),
});

function project(object: KubeObject): Sidecar {
  const selector = at(object, 'spec', 'workloadSelector');
  return {
    kind: 'Sidecar',
    ...identityOf(object),
    ...(!isAbsent(selector) && { workloadSelector: textMap(child(selector, 'labels')) }),
    egress: items(at(object, 'spec', 'egress')).map(egress),
    ingress: items(at(object, 'spec', 'ingress')).map(ingress),
    ...outbound(at(object, 'spec', 'outboundTrafficPolicy')),
  };
}

function egress(field: Field): Sidecar['egress'][number] {
  const port = child(field, 'port');
  const bound = (text(child(field, 'bind')) ?? '') !== '' || text(child(field, 'captureMode')) === 'NONE';
  return { hosts: texts(child(field, 'hosts')), ...(!isAbsent(port) && { port: portOf(port) }), bound };
}

function ingress(field: Field): Sidecar['ingress'][number] {
  const defaultEndpoint = text(child(field, 'defaultEndpoint'));
  return {
    port: portOf(child(field, 'port')),
    ...(defaultEndpoint !== undefined && defaultEndpoint !== '' && { defaultEndpoint }),
    tls: !isAbsent(child(field, 'tls')),
  };
}

function portOf(port: Field): { readonly number: number; readonly protocol: string } {
  const number = child(port, 'number');
  return { number: required(number, count(number)), protocol: text(child(port, 'protocol')) ?? '' };
}

/** Present without a mode is REGISTRY_ONLY: the first value of Istio's enumeration. */
function outbound(policy: Field): Pick<Sidecar, 'outboundTrafficPolicy'> {
  if (isAbsent(policy)) return {};
  return { outboundTrafficPolicy: oneOf(child(policy, 'mode'), ['ALLOW_ANY', 'REGISTRY_ONLY']) ?? 'REGISTRY_ONLY' };
}
