import { routedNamespaces } from '../mesh/routed-namespaces.ts';
import type { Coverage, EvidenceByKind, EvidenceKind } from '../model/evidence.ts';
import type { KubeObject, ResourceType, Sources } from '../model/sources.ts';
import { SourceError } from '../model/sources.ts';
import { scopeOf, type Target } from '../model/target.ts';

export interface Collected<K extends EvidenceKind> {
  readonly value: EvidenceByKind[K];
  readonly coverage: Coverage;
}

/** What a collector works with. Evidence of another kind is collected once, whoever asks for it first. */
export interface Collection {
  readonly sources: Sources;
  readonly target: Target;
  readonly signal: AbortSignal;
  /** @throws SourceError where that evidence is missing. */
  evidence<K extends EvidenceKind>(kind: K): Promise<EvidenceByKind[K]>;
}

/** Gets one kind of evidence. Throws SourceError; never judges, never swallows an error. */
export interface Collector<K extends EvidenceKind> {
  readonly kind: K;
  /** What it reads: the reader's rights are generated from this. */
  readonly reads: readonly ResourceType[];
  collect(collection: Collection): Promise<Collected<K>>;
}

export function defineCollector<K extends EvidenceKind>(collector: Collector<K>): Collector<K> {
  return collector;
}

/**
 * Lists a resource in the namespaces that bear on the question: those it is about, those its traffic is routed to, and
 * those that were seen calling.
 */
export async function listInScope<T>(
  collection: Collection,
  resource: ResourceType,
  project: (object: KubeObject) => T | undefined,
): Promise<readonly T[]> {
  const { sources, signal, target } = collection;
  const scope = scopeOf(target);
  if (scope === undefined) return sources.cluster.list(resource, { signal }, project);
  const listIn = (namespace: string) => sources.cluster.list(resource, { namespace, signal }, project);
  const listBeyond = async () => {
    const routed = await routedFrom(collection, scope);
    const calling = await callingFrom(collection, [...scope, ...routed]);
    return Promise.all([...routed.map(listIn), ...calling.map((one) => listIn(one).catch(emptyIfForbidden))]);
  };
  const lists = await Promise.all([Promise.all(scope.map(listIn)), listBeyond()]);
  return lists.flat(2);
}

/** Without the VirtualServices nothing is foretold, so it does no harm that routes are not followed then. */
async function routedFrom({ evidence }: Collection, scope: readonly string[]): Promise<readonly string[]> {
  try {
    return routedNamespaces(await evidence('virtualServices'), scope);
  } catch (error) {
    if (error instanceof SourceError) return [];
    throw error;
  }
}

/** Other namespaces whose workloads were seen calling. Without metrics nobody was. */
async function callingFrom({ evidence }: Collection, known: readonly string[]): Promise<readonly string[]> {
  try {
    const { traffic } = await evidence('observed');
    const namespaces = new Set(traffic.flatMap(({ client }) => client?.namespace ?? []));
    return [...namespaces].filter((one) => !known.includes(one)).toSorted();
  } catch (error) {
    if (error instanceof SourceError) return [];
    throw error;
  }
}

/** Nobody asked about a caller's namespace: where it may not be read, its callers are known by what was seen alone. */
function emptyIfForbidden(error: unknown): readonly never[] {
  if (error instanceof SourceError && error.reason === 'forbidden') return [];
  throw error;
}

/**
 * Lists configuration of the whole mesh. Where only some namespaces may be read, those which can bear on the
 * question are: the target's, the callers' and the root namespaces.
 */
export async function listMeshWide<T>(
  collection: Collection,
  resource: ResourceType,
  project: (object: KubeObject) => T | undefined,
): Promise<{ readonly value: readonly T[]; readonly coverage: Coverage }> {
  const { sources, signal } = collection;
  try {
    const value = await sources.cluster.list(resource, { signal }, project);
    return { value, coverage: all(value.length, resource.kind) };
  } catch (error) {
    const namespaces = await narrowed(error, collection);
    const calling = await callingFrom(collection, namespaces);
    const listIn = (namespace: string) => sources.cluster.list(resource, { namespace, signal }, project);
    const lists = await Promise.all([
      ...namespaces.map(listIn),
      ...calling.map((one) => listIn(one).catch(emptyIfForbidden)),
    ]);
    const notes = [`Read in ${namespaces.join(', ')} only: I may not list them in all namespaces.`];
    return { value: lists.flat(), coverage: { ...all(lists.flat().length, resource.kind), notes } };
  }
}

async function narrowed(error: unknown, { target, evidence }: Collection): Promise<readonly string[]> {
  const scope = scopeOf(target);
  if (!(error instanceof SourceError) || error.reason !== 'forbidden' || scope === undefined) throw error;
  const { revisions } = await evidence('controlPlane');
  return [...new Set([...scope, ...revisions.map(({ rootNamespace }) => rootNamespace)])];
}

/** Coverage of a list that was read whole. */
export function all(seen: number, unit: string, notes: readonly string[] = []): Coverage {
  return { seen, of: seen, unit, notes };
}
