import { routedNamespaces } from '../mesh/routed-namespaces.ts';
import type { Coverage, EvidenceByKind, EvidenceKind, Unread } from '../model/evidence.ts';
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
  /** The same with how much was looked at. */
  collected<K extends EvidenceKind>(kind: K): Promise<Collected<K>>;
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

/** What was read of a resource, and what may not be read though it may bear on the question. */
export interface Listed<T> {
  readonly value: readonly T[];
  readonly unread: readonly Unread[];
}

/**
 * Lists a resource in the namespaces that bear on the question: those it is about, those its traffic is routed to, and
 * those that were seen calling.
 */
export async function listInScope<T>(
  collection: Collection,
  resource: ResourceType,
  project: (object: KubeObject) => T | undefined,
): Promise<Listed<T>> {
  const { sources, signal, target } = collection;
  const scope = scopeOf(target);
  if (scope === undefined) return { value: await sources.cluster.list(resource, { signal }, project), unread: [] };
  const listIn = (namespace: string) => sources.cluster.list(resource, { namespace, signal }, project);
  const listBeyond = async () => {
    const routed = await routedFrom(collection, scope);
    const calling = await callingFrom(collection, [...scope, ...routed]);
    const closed = await closedFrom(collection, calling);
    const open = calling.filter((one) => closed.every(({ namespace }) => namespace !== one));
    const callers = Promise.all(open.map((one) => listCaller(one, () => listIn(one))));
    const [own, found] = await Promise.all([Promise.all(routed.map(listIn)), callers]);
    return merged([...own.map((value) => ({ value, unread: [] })), ...found, { value: [], unread: closed }]);
  };
  const [own, beyond] = await Promise.all([Promise.all(scope.map(listIn)), listBeyond()]);
  return { value: [...own.flat(), ...beyond.value], unread: beyond.unread };
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

/** What decides how a workload calls, besides itself. */
const rulesOfCallers = ['destinationRules', 'serviceEntries', 'sidecars', 'virtualServices'] as const;

/** Of those who were seen calling: where a rule may not be read, what is foretold of their calls would be wrong. */
async function closedFrom({ collected }: Collection, calling: readonly string[]): Promise<readonly Unread[]> {
  if (calling.length === 0) return [];
  const unreadOf = async (kind: EvidenceKind) => {
    try {
      return (await collected(kind)).coverage.unread ?? [];
    } catch (error) {
      // Without it nothing is foretold of anybody.
      if (error instanceof SourceError) return [];
      throw error;
    }
  };
  const unread = (await Promise.all(rulesOfCallers.map(unreadOf))).flat();
  return unread.filter(({ namespace = '' }) => calling.includes(namespace));
}

/** Nobody asked about a caller's namespace: where it may not be read, its callers are known by what was seen alone. */
async function listCaller<T>(namespace: string, list: () => Promise<readonly T[]>): Promise<Listed<T>> {
  try {
    return { value: await list(), unread: [] };
  } catch (error) {
    if (!(error instanceof SourceError) || error.reason !== 'forbidden') throw error;
    const says = `Callers in ${namespace} are judged only by what was seen of their calls: I may not read all there.`;
    return { value: [], unread: [{ says, namespace, ...(error.next !== undefined && { next: error.next }) }] };
  }
}

function merged<T>(lists: readonly Listed<T>[]): Listed<T> {
  const unread = new Map(lists.flatMap((one) => one.unread).map((one) => [one.says, one]));
  return { value: lists.flatMap(({ value }) => value), unread: [...unread.values()] };
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
    const [own, callers] = await Promise.all([
      Promise.all(namespaces.map(listIn)),
      Promise.all(calling.map((one) => listCaller(one, () => listIn(one)))),
    ]);
    const { value, unread } = merged([...own.map((found) => ({ value: found, unread: [] })), ...callers]);
    const says = `${resource.kind} objects were read in ${namespaces.join(', ')} only: I may not list them in all namespaces.`;
    const next = error instanceof SourceError ? error.next : undefined;
    const narrow = { says, ...(next !== undefined && { next }) };
    return { value, coverage: { ...all(value.length, resource.kind), unread: [narrow, ...unread] } };
  }
}

async function narrowed(error: unknown, { target, evidence }: Collection): Promise<readonly string[]> {
  const scope = scopeOf(target);
  if (!(error instanceof SourceError) || error.reason !== 'forbidden' || scope === undefined) throw error;
  const { revisions } = await evidence('controlPlane');
  return [...new Set([...scope, ...revisions.map(({ rootNamespace }) => rootNamespace)])];
}

/** Coverage of a list that was read whole, as far as we may. */
export function all(
  seen: number,
  unit: string,
  notes: readonly string[] = [],
  unread: readonly Unread[] = [],
): Coverage {
  return { seen, of: seen, unit, notes, ...(unread.length > 0 && { unread }) };
}
