import type { Labels, Pod, Workload } from '../model/workload.ts';
import type { Identity } from './authorization-attribute.ts';
import type { Istiod } from './istiod.ts';
import { likeness } from './pod-likeness.ts';
import { importedVirtualServices, type Scope, scopeOf, sidecarFor } from './sidecar-scope.ts';
import { indexVirtualServices, type VirtualServices } from './virtual-service.ts';

/** Pods of one workload that call alike, seen as one caller. */
export interface Client {
  readonly namespace: string;
  readonly labels: Labels;
  /** One pod that stands for all of them. */
  readonly pod: Pod;
  readonly addresses: readonly string[];
  readonly identity: Identity;
  readonly istiod: Istiod;
  readonly knows: Knowledge;
}

/** What a proxy was told by its istiod. */
export interface Knowledge {
  readonly scope: Scope;
  virtualServicesAt(port: number): VirtualServices;
}

/** The callers in a workload: one, unless its pods differ. Pods that run count; without any, all do. */
export function clientsOf(
  workload: Workload,
  istiodOf: (pod: Pod) => Istiod,
  knowledge: KnowledgeOf,
): readonly Client[] {
  const running = workload.pods.filter(({ phase, terminating }) => phase === 'Running' && !terminating);
  const groups = Map.groupBy(running.length > 0 ? running : workload.pods, likeness);
  return Array.from(groups.values(), (pods) => clientOf(pods, istiodOf, knowledge)).filter((one) => one !== undefined);
}

function clientOf(pods: readonly Pod[], istiodOf: (pod: Pod) => Istiod, knowledge: KnowledgeOf): Client | undefined {
  const [pod] = pods;
  if (pod === undefined) return undefined;
  const { namespace, labels, serviceAccount } = pod;
  const istiod = istiodOf(pod);
  const { trustDomain, trustDomainAliases = [] } = istiod.revision;
  return {
    namespace,
    labels,
    pod,
    addresses: pods.flatMap(({ ip }) => ip ?? []),
    identity: { trustDomain, namespace, serviceAccount, trustDomains: [trustDomain, ...trustDomainAliases] },
    istiod,
    knows: knowledge(pod, istiod),
  };
}

export type KnowledgeOf = (pod: Pod, istiod: Istiod) => Knowledge;

/** Looks up what a pod's proxy knows; worked out once for all those that share a Sidecar. */
export function knowledgeOf(): KnowledgeOf {
  const known = new Map<string, Knowledge>();
  return ({ namespace, labels, dataPlane }, istiod) => {
    const isGateway = dataPlane.mode === 'gateway';
    const sidecar = sidecarFor({ namespace, labels, isGateway }, istiod);
    const key = [istiod.revision.name, namespace, sidecar?.namespace, sidecar?.name, isGateway].join('/');
    const found = known.get(key) ?? learn(scopeOf(namespace, sidecar, istiod), isGateway, istiod);
    known.set(key, found);
    return found;
  };
}

/**
 * VirtualServices of the mesh are not for gateways: what theirs send to a Service, they send it straight. A port with a
 * listener of its own has for HTTP what that imports, and nothing else.
 */
function learn(scope: Scope, isGateway: boolean, istiod: Istiod): Knowledge {
  const index = (port?: number) => {
    const imported = (listeners: Scope['listeners']) =>
      isGateway ? [] : importedVirtualServices(scope, listeners, istiod);
    const http = imported(scope.listeners.filter((listener) => listener.port === port));
    return indexVirtualServices(http, imported(scope.listeners), istiod.clusterDomain);
  };
  const ports = new Set(scope.listeners.map(({ port }) => port).filter((port) => port !== undefined));
  const ofPort = new Map(Array.from(ports, (port) => [port, index(port)]));
  const others = index();
  return { scope, virtualServicesAt: (port) => ofPort.get(port) ?? others };
}
