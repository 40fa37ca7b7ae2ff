import type { DestinationRule, TrafficPolicy } from '../model/tls-config.ts';
import type { Labels } from '../model/workload.ts';
import { byAge } from './age.ts';
import { type ByHost, byHost, fullHost, listAt, mostSpecific } from './hosts.ts';
import { selects } from './selector.ts';

/** One or several DestinationRules for one host in one namespace, as istiod keeps them: merged into one. */
export interface MergedRule {
  readonly namespace: string;
  /** The objects it was made of, the first being the one whose name it has. */
  readonly from: readonly DestinationRule[];
  /** Literally: an absent list equals only an absent one. */
  readonly exportTo: ReadonlySet<string>;
  readonly workloadSelector?: Labels;
  readonly trafficPolicy?: TrafficPolicy;
  /** The object that the traffic policy is from. */
  readonly policyFrom: DestinationRule;
  readonly subsets: DestinationRule['subsets'];
}

export interface DestinationRules {
  readonly rootNamespace: string;
  /** What clients of a namespace find there. */
  readonly local: ReadonlyMap<string, ByHost<MergedRule>>;
  /** What a namespace shows to others. */
  readonly exported: ReadonlyMap<string, ByHost<MergedRule>>;
  /** What the root namespace keeps to itself: all that its own clients find at the first level. */
  readonly rootPrivate: ByHost<MergedRule>;
}

export interface MeshDefaults {
  readonly rootNamespace: string;
  readonly clusterDomain: string;
  /** `defaultDestinationRuleExportTo`. */
  readonly exportTo: readonly string[];
}

/** @see istio pilot/pkg/model/push_context.go: setDestinationRules */
export function indexDestinationRules(rules: readonly DestinationRule[], defaults: MeshDefaults): DestinationRules {
  const local = new Map<string, ByHost<MergedRule>>();
  const exported = new Map<string, ByHost<MergedRule>>();
  const rootPrivate = byHost<MergedRule>();
  for (const rule of rules.toSorted(selectorFirst)) {
    const host = fullHost(rule.host, rule.namespace, defaults.clusterDomain);
    const exportTo = new Set(rule.workloadSelector === undefined ? rule.exportTo : ['.']);
    if (servesOwnNamespace(exportTo, rule.namespace)) merge(listAt(of(local, rule.namespace), host), rule, exportTo);
    if (!isPrivate(exportTo, rule.namespace, defaults.exportTo)) {
      merge(listAt(of(exported, rule.namespace), host), rule, exportTo);
    } else if (rule.namespace === defaults.rootNamespace) {
      merge(listAt(rootPrivate, host), rule, exportTo);
    }
  }
  return { rootNamespace: defaults.rootNamespace, local, exported, rootPrivate };
}

/**
 * The rules among which the clients of a namespace find theirs: from their own namespace, else from the Service's,
 * else from the root namespace. The first level with any match ends the search. At the last two, the most specific
 * host is chosen before `exportTo` is asked.
 *
 * @see istio pilot/pkg/model/push_context.go: destinationRule
 */
export function candidateRules(
  { rootNamespace, local, exported, rootPrivate }: DestinationRules,
  client: string,
  service: { readonly host: string; readonly namespace: string },
): readonly MergedRule[] {
  const own = client === rootNamespace ? rootPrivate : local.get(client);
  const found = own && mostSpecific(own, service.host);
  if (found !== undefined) return found;
  for (const namespace of [service.namespace, rootNamespace]) {
    const there = exported.get(namespace);
    const shown = ((there && mostSpecific(there, service.host)) ?? []).filter(({ exportTo }) =>
      isShownTo(exportTo, client),
    );
    if (shown.length > 0) return shown;
  }
  return [];
}

/**
 * The one that a client uses: the first whose selector matches it, else the last without a selector. Where only
 * selectors are left that do not match, it uses none at all.
 *
 * @see istio pilot/pkg/model/sidecar.go: SidecarScope.DestinationRule
 */
export function ruleFor(
  candidates: readonly MergedRule[],
  client: { readonly namespace: string; readonly labels: Labels },
): MergedRule | undefined {
  const selected = candidates.find(
    ({ namespace, workloadSelector }) =>
      workloadSelector !== undefined && namespace === client.namespace && selects(workloadSelector, client.labels),
  );
  return selected ?? candidates.findLast(({ workloadSelector }) => workloadSelector === undefined);
}

function servesOwnNamespace(exportTo: ReadonlySet<string>, namespace: string): boolean {
  return exportTo.size === 0 || exportTo.has('*') || exportTo.has('.') || exportTo.has(namespace);
}

function isPrivate(exportTo: ReadonlySet<string>, namespace: string, meshDefault: readonly string[]): boolean {
  if (exportTo.size === 0) return meshDefault.includes('.');
  return exportTo.size === 1 && (exportTo.has('.') || exportTo.has(namespace));
}

function isShownTo(exportTo: ReadonlySet<string>, client: string): boolean {
  return exportTo.size === 0 || exportTo.has('*') || exportTo.has(client);
}

/**
 * Merges a rule into those of its host and namespace, or keeps it apart. Rules merge if their `exportTo` are literally
 * equal and their selectors do not differ; one without a selector drowns in one with.
 *
 * @see istio pilot/pkg/model/destination_rule.go: mergeDestinationRule
 */
function merge(list: MergedRule[], rule: DestinationRule, exportTo: ReadonlySet<string>): void {
  let apart = true;
  for (const [index, existing] of list.entries()) {
    const equal = covers(exportTo, existing.exportTo) && covers(existing.exportTo, exportTo);
    const wider = existing.exportTo.size > 0 && covers(exportTo, existing.exportTo);
    apart = !equal;
    if (!equal && !wider) continue;
    const [a, b] = [existing.workloadSelector, rule.workloadSelector];
    if (a !== undefined && b !== undefined && !sameLabels(a, b)) {
      apart = true;
      continue;
    }
    if ((a === undefined) === (b === undefined)) apart = false;
    list[index] = merged(existing, rule);
  }
  if (apart) list.push(alone(rule, exportTo));
}

/** Subsets are united by name; of everything else, what came first stays. */
function merged(existing: MergedRule, rule: DestinationRule): MergedRule {
  const known = new Set(existing.subsets.map(({ name }) => name));
  const adopts = existing.trafficPolicy === undefined && rule.trafficPolicy !== undefined;
  return {
    ...existing,
    from: [...existing.from, rule],
    subsets: [...existing.subsets, ...rule.subsets.filter(({ name }) => !known.has(name))],
    ...(adopts && { trafficPolicy: rule.trafficPolicy, policyFrom: rule }),
  };
}

function alone(rule: DestinationRule, exportTo: ReadonlySet<string>): MergedRule {
  const { namespace, workloadSelector, trafficPolicy, subsets } = rule;
  return {
    namespace,
    from: [rule],
    exportTo,
    ...(workloadSelector !== undefined && { workloadSelector }),
    ...(trafficPolicy !== undefined && { trafficPolicy }),
    policyFrom: rule,
    subsets,
  };
}

/** @see istio pilot/pkg/model/push_context.go: sortConfigBySelectorAndCreationTime */
function selectorFirst(a: DestinationRule, b: DestinationRule): number {
  const rank = (rule: DestinationRule) => (rule.workloadSelector === undefined ? 1 : 0);
  return rank(a) - rank(b) || byAge(a, b);
}

function covers(set: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return [...other].every((one) => set.has(one));
}

function sameLabels(a: Labels, b: Labels): boolean {
  return selects(a, b) && selects(b, a);
}

function of(index: Map<string, ByHost<MergedRule>>, namespace: string): ByHost<MergedRule> {
  const found = index.get(namespace) ?? byHost<MergedRule>();
  index.set(namespace, found);
  return found;
}
