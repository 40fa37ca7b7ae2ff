import { resources } from '../model/resources.ts';
import type { KubeObject } from '../model/sources.ts';
import type {
  HttpMatch,
  HttpRoute,
  RouteDestination,
  TcpRoute,
  TlsRoute,
  VirtualService,
} from '../model/traffic-config.ts';
import { defineCollector, listMeshWide } from './collector.ts';
import {
  at,
  child,
  count,
  entries,
  type Field,
  isAbsent,
  items,
  rational,
  required,
  text,
  textMap,
  texts,
} from './fields.ts';
import { identityOf } from './identity.ts';

export const virtualServices = defineCollector({
  kind: 'virtualServices',
  reads: [resources.virtualServices],
  collect: (collection) => listMeshWide(collection, resources.virtualServices, project),
});

function project(object: KubeObject): VirtualService {
  const exportTo = at(object, 'spec', 'exportTo');
  return {
    kind: 'VirtualService',
    ...identityOf(object),
    hosts: texts(at(object, 'spec', 'hosts')),
    gateways: texts(at(object, 'spec', 'gateways')),
    ...(!isAbsent(exportTo) && { exportTo: texts(exportTo) }),
    http: items(at(object, 'spec', 'http')).map(httpRoute),
    tls: items(at(object, 'spec', 'tls')).map(tlsRoute),
    tcp: items(at(object, 'spec', 'tcp')).map(tcpRoute),
  };
}

function httpRoute(field: Field): HttpRoute {
  const abort = child(child(field, 'fault'), 'abort');
  const answer = (['redirect', 'directResponse'] as const).find((name) => !isAbsent(child(field, name)));
  return {
    match: items(child(field, 'match')).map(httpMatch),
    route: items(child(field, 'route')).map(destination),
    ...(answer !== undefined && { answeredBy: answer }),
    ...delegateOf(child(field, 'delegate')),
    ...(!isAbsent(abort) && { abortPercent: rational(child(child(abort, 'percentage'), 'value')) ?? 0 }),
  };
}

function delegateOf(delegate: Field): Pick<HttpRoute, 'delegate'> {
  if (isAbsent(delegate)) return {};
  const namespace = text(child(delegate, 'namespace'));
  const name = required(child(delegate, 'name'), text(child(delegate, 'name')));
  return { delegate: { ...(namespace !== undefined && { namespace }), name } };
}

const staticFields = ['gateways', 'sourceLabels', 'sourceNamespace', 'port', 'name', 'statPrefix'];
const flags = ['ignoreUriCase'];

function httpMatch(field: Field): HttpMatch {
  const request = entries(field)
    .filter(
      ([key, value]) =>
        !staticFields.includes(key) && !flags.includes(key) && !isAbsent(value) && !matchesAll(key, value),
    )
    .map(([key]) => key);
  return { ...staticMatch(field), request };
}

/** `uri: {prefix: /}` and `uri: {regex: .*}` match every request; so does an empty mapping of headers. */
function matchesAll(key: string, value: Field): boolean {
  if (key === 'uri') return text(child(value, 'prefix')) === '/' || text(child(value, 'regex')) === '.*';
  return entries(value).length === 0;
}

function staticMatch(field: Field) {
  const sourceNamespace = text(child(field, 'sourceNamespace'));
  const port = count(child(field, 'port'));
  return {
    gateways: texts(child(field, 'gateways')),
    sourceLabels: textMap(child(field, 'sourceLabels')),
    ...(sourceNamespace !== undefined && { sourceNamespace }),
    ...(port !== undefined && { port }),
  };
}

function tlsRoute(field: Field): TlsRoute {
  const match = items(child(field, 'match')).map((entry) => ({
    ...staticMatch(entry),
    sniHosts: texts(child(entry, 'sniHosts')),
    destinationSubnets: texts(child(entry, 'destinationSubnets')),
  }));
  return { match, route: items(child(field, 'route')).map(destination) };
}

function tcpRoute(field: Field): TcpRoute {
  const match = items(child(field, 'match')).map((entry) => ({
    ...staticMatch(entry),
    destinationSubnets: texts(child(entry, 'destinationSubnets')),
  }));
  return { match, route: items(child(field, 'route')).map(destination) };
}

function destination(field: Field): RouteDestination {
  const to = child(field, 'destination');
  const port = count(child(child(to, 'port'), 'number'));
  const subset = text(child(to, 'subset'));
  return {
    host: required(child(to, 'host'), text(child(to, 'host'))),
    ...(port !== undefined && { port }),
    ...(subset !== undefined && subset !== '' && { subset }),
    weight: count(child(field, 'weight')) ?? 0,
  };
}
