import type { ClusterName, OutboundCluster, Proxies, RunningProxy } from '../model/proxy.ts';
import { contains, type Target } from '../model/target.ts';
import type { DestinationRule, MtlsMode, PeerAuthentication } from '../model/tls-config.ts';
import type { Pod, Workload } from '../model/workload.ts';
import { type Cluster, clusterFor } from './client-tls.ts';
import { candidateRules, type MergedRule, ruleFor } from './destination-rule.ts';
import { type EndpointDifference, endpointDifferences } from './endpoint-difference.ts';
import { revisionOf } from './injection.ts';
import { clusterDomainOf, type Istiod, istiodOf } from './istiod.ts';
import { meshServicesOf } from './mesh-service.ts';
import { type MeshView, membersOf, podKey } from './mesh-view.ts';
import { modeAt, mtlsOf } from './peer-authentication.ts';
import { subsetOf } from './traffic-policy.ts';

/** A running proxy held against the objects. */
export interface ComparedProxy {
  readonly proxy: RunningProxy;
  readonly workload: Workload;
  /** How many ports and clusters were compared. */
  readonly compared: number;
  readonly inbound: readonly InboundDifference[];
  /** Without those that are warming. */
  readonly outbound: readonly OutboundDifference[];
  /** In clusters that are themselves as foretold. */
  readonly endpoints: readonly EndpointsDifference[];
  /** Clusters of Services in question that still run the way they did before a change. */
  readonly warming: readonly ClusterName[];
}

export interface InboundDifference {
  /** Absent: every port without a filter chain of its own. */
  readonly port?: number;
  readonly runs: MtlsMode;
  readonly foretold: MtlsMode;
  readonly decidedBy?: PeerAuthentication;
}

export interface OutboundDifference {
  readonly cluster: OutboundCluster;
  /** `none`: the rules have no such subset. */
  readonly foretold: OutboundCluster['opens'] | 'none';
  /** The rules that the client should use. */
  readonly rules: readonly DestinationRule[];
}

/** The endpoints of one cluster that are marked otherwise than foretold. */
export interface EndpointsDifference {
  readonly cluster: OutboundCluster;
  readonly endpoints: readonly EndpointDifference[];
  readonly rules: readonly DestinationRule[];
}

/** Compares each proxy that was seen: what a server takes in, and how a client opens connections to the target. */
export function compareProxies(view: MeshView, proxies: Proxies, target: Target): readonly ComparedProxy[] {
  const members = membersOf(view.workloads);
  const istiodFor = istiodsOf(view);
  return proxies.seen.flatMap((proxy) => {
    const member = members.get(podKey({ namespace: proxy.namespace, name: proxy.pod }));
    const istiod = member && istiodFor(member.pod);
    if (member === undefined || istiod === undefined) return [];
    const { pod, workload } = member;
    const isAsked = ({ host }: ClusterName) =>
      istiod.services.get(host)?.workloads.some((one) => contains(target, one));
    const clusters = proxy.outbound.filter(isAsked);
    const warming = proxy.warming.filter(isAsked);
    const isSettled = (cluster: ClusterName) => !warming.some((one) => isSame(one, cluster));
    const inbound = contains(target, workload) ? modesOf(proxy) : [];
    const outbound = clusters.filter(isSettled).map((one) => foretell(one, pod, istiod));
    return {
      proxy,
      workload,
      compared: inbound.length + clusters.length,
      inbound: inbound.flatMap((one) => inboundDifference(one, pod, istiod)),
      outbound: outbound.flatMap(outboundDifference),
      endpoints: outbound.flatMap((one) => endpointsDifference(one, istiod)),
      warming,
    };
  });
}

function istiodsOf(view: MeshView): (pod: Pod) => Istiod | undefined {
  const { controlPlane } = view;
  const [fallback] = controlPlane.revisions;
  if (fallback === undefined) return () => undefined;
  const services = meshServicesOf(view, clusterDomainOf(fallback));
  const known = new Map(controlPlane.revisions.map((one) => [one, istiodOf(one, view, services)]));
  return ({ revision }) => known.get(revisionOf(revision, controlPlane) ?? fallback);
}

function isSame(a: ClusterName, b: ClusterName): boolean {
  return a.host === b.host && a.port === b.port && a.subset === b.subset;
}

type Mode = Pick<InboundDifference, 'port' | 'runs'>;

function modesOf({ inbound }: RunningProxy): readonly Mode[] {
  if (inbound === undefined) return [];
  const ports = Object.entries(inbound.ports).map(([port, runs]) => ({ port: Number(port), runs }));
  return inbound.others === undefined ? ports : [...ports, { runs: inbound.others }];
}

function inboundDifference(seen: Mode, pod: Pod, { peerAuthentications }: Istiod): readonly InboundDifference[] {
  const effective = mtlsOf(pod, peerAuthentications);
  // No port has this number: what holds for all the others.
  const { mode: foretold, decidedBy } = modeAt(effective, seen.port ?? 0);
  if (seen.runs === foretold) return [];
  return [{ ...seen, foretold, ...(decidedBy !== undefined && { decidedBy }) }];
}

/** A cluster beside what the objects make of it. */
interface Foretold {
  readonly cluster: OutboundCluster;
  readonly rule?: MergedRule | undefined;
  /** What it should be; `none`: the rules have no such subset. Absent where no Service is known by that name. */
  readonly meant?: Cluster | 'none';
}

function foretell(cluster: OutboundCluster, pod: Pod, istiod: Istiod): Foretold {
  const service = istiod.services.get(cluster.host);
  const port = service?.ports.find(({ number }) => number === cluster.port);
  if (service === undefined || port === undefined) return { cluster };
  const { subset } = cluster;
  const rule = ruleFor(candidateRules(istiod.destinationRules, pod.namespace, service), pod);
  if (subset !== undefined && (rule === undefined || subsetOf(rule, subset) === undefined)) {
    return { cluster, rule, meant: 'none' };
  }
  const target = { service, port, ...(subset !== undefined && { subset }), ...(rule !== undefined && { rule }) };
  return { cluster, rule, meant: clusterFor(target, false, istiod) };
}

function outboundDifference({ cluster, rule, meant }: Foretold): readonly OutboundDifference[] {
  if (meant === undefined) return [];
  const rules = rule?.from ?? [];
  const foretold = meant === 'none' ? meant : opensFor[meant.socket];
  return foretold === cluster.opens && isMadeFrom(cluster, rules) ? [] : [{ cluster, foretold, rules }];
}

function endpointsDifference({ cluster, rule, meant }: Foretold, istiod: Istiod): readonly EndpointsDifference[] {
  if (meant === undefined || meant === 'none' || cluster.endpoints === undefined) return [];
  if (cluster.opens !== 'auto' || meant.socket !== 'auto') return [];
  const endpoints = endpointDifferences(cluster.endpoints, meant, istiod);
  return endpoints.length === 0 ? [] : [{ cluster, endpoints, rules: rule?.from ?? [] }];
}

const opensFor = {
  auto: 'auto',
  plaintext: 'plaintext',
  mtls: 'mtls',
  tunnel: 'mtls',
  tls: 'tls',
  mutual: 'tls',
} as const;

/** Of rules that were merged, the cluster names one. */
function isMadeFrom({ rule }: OutboundCluster, rules: readonly DestinationRule[]): boolean {
  if (rule === undefined) return rules.length === 0;
  return rules.some(({ namespace, name }) => namespace === rule.namespace && name === rule.name);
}
