import type { EvidenceKind } from '../model/evidence.ts';
import { resources } from '../model/resources.ts';
import type { ResourceType } from '../model/sources.ts';
import { collectors } from './index.ts';

/** A right that collectors need: one verb on one resource. */
export interface Right {
  readonly verb: 'get' | 'list';
  readonly resource: ResourceType;
  /** Only objects of these names. */
  readonly names?: readonly string[];
  /** The evidence that is missing without it. */
  readonly evidence: readonly EvidenceKind[];
}

/** What is read by name. ConfigMaps may hold anything, so only those are read which are known to hold what is needed. */
const named: ReadonlyMap<ResourceType, readonly string[]> = new Map<ResourceType, readonly string[]>([
  [resources.configMaps, ['cluster-monitoring-config', 'istio', 'managed-namespaces']],
  [resources.clusterMonitorings, ['cluster']],
  [resources.clusterOperators, ['monitoring']],
  [resources.clusterVersions, ['version']],
  [resources.infrastructures, ['cluster']],
]);

/** What plans change is read one by one, as it is at that moment. Other such objects are among `named`. */
export const planReads: readonly ResourceType[] = [resources.destinationRules, resources.peerAuthentications];

/** Every right that reading a mesh takes, sorted by group and resource. Secrets are never among them. */
export function rightsNeeded(): readonly Right[] {
  return Object.values(resources)
    .toSorted((a, b) => compare(a.group, b.group) || compare(a.plural, b.plural))
    .map((resource) => rightTo(resource))
    .filter(({ evidence }) => evidence.length > 0);
}

function rightTo(resource: ResourceType): Right {
  const evidence = Object.values(collectors)
    .filter(({ reads }) => reads.includes(resource))
    .map(({ kind }) => kind);
  const names = named.get(resource);
  return names === undefined ? { verb: 'list', resource, evidence } : { verb: 'get', resource, names, evidence };
}

/** A rule of a ClusterRole. */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** The rules of the reader's ClusterRole: one for each API group, and one for each resource that is read by name. */
export function readerRules(): readonly PolicyRule[] {
  const byRule = Map.groupBy(rightsNeeded(), (right) =>
    JSON.stringify([right.resource.group, right.names, verbsOf(right)]),
  );
  return Array.from(byRule.values(), (rights) => {
    const [first] = rights;
    const names = first?.names;
    return {
      apiGroups: [first?.resource.group ?? ''],
      resources: rights.map(({ resource }) => resource.plural),
      ...(names !== undefined && { resourceNames: names }),
      verbs: first === undefined ? [] : verbsOf(first),
    };
  });
}

function verbsOf({ resource, verb }: Right): readonly string[] {
  return planReads.includes(resource) ? ['get', verb] : [verb];
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
