import type { ClusterName, OutboundCluster } from '../model/proxy.ts';
import { configsIn, isMeshTls, isTls, type Json, listAt, textAt, valueAt } from './envoy-json.ts';

/**
 * The clusters for hosts of a namespace, those in use and those still warming: in one answer, so that none is missed
 * between the two. Without a namespace: of all.
 */
export function outboundPath(namespace: string | undefined): string {
  return `/config_dump?mask=dynamic_active_clusters,dynamic_warming_clusters&name_regex=${outboundNames(namespace)}`;
}

/** A regular expression for their names, as a part of a URL. */
export function outboundNames(namespace: string | undefined): string {
  const hosts = namespace === undefined ? '.*' : `[^|]*\\.${namespace}\\.svc\\..*`;
  return encodeURIComponent(`outbound\\|[0-9]+\\|[^|]*\\|${hosts}`).replaceAll('*', '%2A');
}

/** @throws SourceError */
export function outboundClusters(answer: string): {
  readonly outbound: readonly OutboundCluster[];
  readonly warming: readonly ClusterName[];
} {
  const configs = configsIn(answer);
  const clusters = (list: string) =>
    configs.flatMap((config) => listAt(config, list).map((entry) => valueAt(entry, 'cluster')));
  return {
    outbound: clusters('dynamic_active_clusters').flatMap((cluster) => {
      const name = nameOf(cluster);
      return name === undefined ? [] : [{ ...name, opens: opens(cluster), ...appliedRule(cluster) }];
    }),
    warming: clusters('dynamic_warming_clusters').flatMap((cluster) => nameOf(cluster) ?? []),
  };
}

/** What {@link nameOf} takes apart. @see istio pilot/pkg/model/push_context.go: BuildSubsetKey */
export function clusterName({ port, subset = '', host }: ClusterName): string {
  return `outbound|${port}|${subset}|${host}`;
}

function nameOf(cluster: unknown): ClusterName | undefined {
  const [direction, port, subset = '', host] = (textAt(cluster, 'name') ?? '').split('|');
  if (direction !== 'outbound' || host === undefined) return undefined;
  return { port: Number(port), ...(subset !== '' && { subset }), host };
}

/** @see istio pilot/pkg/networking/core/cluster_tls.go: applyUpstreamTLSSettings */
function opens(cluster: unknown): OutboundCluster['opens'] {
  const matches = listAt(cluster, 'transport_socket_matches');
  if (matches.some(({ name }) => name === 'tlsMode-istio')) return 'auto';
  const socket = valueAt(cluster, 'transport_socket') ?? lastResort(matches);
  if (!isTls(socket)) return 'plaintext';
  return isMeshTls(socket) ? 'mtls' : 'tls';
}

/** Beside tunnels (HBONE) stands what is done for everybody else. */
function lastResort(matches: readonly Json[]): unknown {
  return matches.find(({ name }) => name !== 'hbone')?.transport_socket;
}

/** `/apis/networking.istio.io/v1/namespaces/shop/destination-rule/web`. */
function appliedRule(cluster: unknown): Pick<OutboundCluster, 'rule'> {
  const config = textAt(cluster, 'metadata', 'filter_metadata', 'istio', 'config') ?? '';
  const [, namespace, name] = /\/namespaces\/([^/]+)\/destination-rule\/([^/]+)$/.exec(config) ?? [];
  return namespace === undefined || name === undefined ? {} : { rule: { namespace, name } };
}
