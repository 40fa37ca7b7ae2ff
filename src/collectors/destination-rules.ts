import { resources } from '../model/resources.ts';
import type { KubeObject } from '../model/sources.ts';
import type { ClientTls, DestinationRule, TrafficPolicy } from '../model/tls-config.ts';
import { defineCollector, listMeshWide } from './collector.ts';
import {
  at,
  child,
  count,
  type Field,
  flag,
  isAbsent,
  items,
  oneOf,
  required,
  text,
  textMap,
  texts,
} from './fields.ts';
import { identityOf } from './identity.ts';

export const destinationRules = defineCollector({
  kind: 'destinationRules',
  reads: [resources.destinationRules],
  collect: (collection) => listMeshWide(collection, resources.destinationRules, project),
});

function project(object: KubeObject): DestinationRule {
  const exportTo = at(object, 'spec', 'exportTo');
  const selector = at(object, 'spec', 'workloadSelector');
  const policy = at(object, 'spec', 'trafficPolicy');
  return {
    kind: 'DestinationRule',
    ...identityOf(object),
    host: required(at(object, 'spec', 'host'), text(at(object, 'spec', 'host'))),
    ...(!isAbsent(exportTo) && { exportTo: texts(exportTo) }),
    ...(!isAbsent(selector) && { workloadSelector: textMap(child(selector, 'matchLabels')) }),
    ...(!isAbsent(policy) && { trafficPolicy: trafficPolicy(policy) }),
    subsets: items(at(object, 'spec', 'subsets')).map((subset) => ({
      name: required(child(subset, 'name'), text(child(subset, 'name'))),
      labels: textMap(child(subset, 'labels')),
      ...(!isAbsent(child(subset, 'trafficPolicy')) && {
        trafficPolicy: trafficPolicy(child(subset, 'trafficPolicy')),
      }),
    })),
  };
}

function trafficPolicy(policy: Field): TrafficPolicy {
  return {
    ...tlsOf(policy),
    ...loadBalancerOf(policy),
    ports: items(child(policy, 'portLevelSettings')).map((entry) => {
      const port = child(child(entry, 'port'), 'number');
      return { port: required(port, count(port)), ...tlsOf(entry), ...loadBalancerOf(entry) };
    }),
  };
}

function loadBalancerOf(policy: Field): { readonly loadBalancer?: string } {
  const simple = text(child(child(policy, 'loadBalancer'), 'simple'));
  return simple === undefined ? {} : { loadBalancer: simple };
}

/** `tls` without a mode is DISABLE: it is the first value of Istio's enumeration. */
function tlsOf(policy: Field): { readonly tls?: ClientTls } {
  const tls = child(policy, 'tls');
  if (isAbsent(tls)) return {};
  const credentialName = text(child(tls, 'credentialName'));
  const caCertificates = text(child(tls, 'caCertificates')) ?? '';
  const sni = text(child(tls, 'sni')) ?? '';
  return {
    tls: {
      mode: oneOf(child(tls, 'mode'), ['DISABLE', 'SIMPLE', 'MUTUAL', 'ISTIO_MUTUAL']) ?? 'DISABLE',
      ...(credentialName !== undefined && { credentialName }),
      ...(caCertificates !== '' && { caCertificates }),
      ...(sni !== '' && { sni }),
      ...(flag(child(tls, 'insecureSkipVerify')) === true && { insecureSkipVerify: true }),
      subjectAltNames: texts(child(tls, 'subjectAltNames')),
    },
  };
}
