import type { Evidence, EvidenceKind, Snapshot } from '../model/evidence.ts';
import type { MissingReason } from '../model/sources.ts';
import { SourceError, type Sources } from '../model/sources.ts';
import type { Target } from '../model/target.ts';
import type { Collected, Collection } from './collector.ts';
import { collectors } from './index.ts';

export interface CollectOptions {
  readonly signal: AbortSignal;
  /** Called as each kind of evidence comes in. */
  readonly onProgress?: (done: number, of: number) => void;
  readonly onEvidence?: OnEvidence;
}

/** Told of each kind of evidence: what became of it, and how long it took. */
export type OnEvidence = (kind: EvidenceKind, outcome: 'collected' | MissingReason, seconds: number) => void;

/** Collects these kinds in parallel. What a source cannot answer becomes missing evidence; each kind fails alone. */
export async function collect(
  kinds: readonly EvidenceKind[],
  sources: Sources,
  target: Target,
  { signal, onProgress, onEvidence }: CollectOptions,
): Promise<Snapshot> {
  const begun = performance.now();
  const collection = startCollection(sources, target, signal);
  let done = 0;
  const evidence = await Promise.all(
    kinds.map(async (kind) => {
      const found = await toEvidence(kind, collection, sourceOf(kind, sources));
      const outcome = found.status === 'collected' ? 'collected' : found.reason;
      onEvidence?.(kind, outcome, (performance.now() - begun) / 1000);
      onProgress?.(++done, kinds.length);
      return [kind, found] as const;
    }),
  );
  return { version: 1, target, takenAt: new Date().toISOString(), evidence: Object.fromEntries(evidence) };
}

/** Where evidence of a kind would come from. */
function sourceOf(kind: EvidenceKind, { cluster, metrics, proxyMetrics }: Sources): string {
  if (kind !== 'observed') return cluster.source;
  const direct = cluster.kind === 'live' ? proxyMetrics : undefined;
  return (metrics ?? direct ?? cluster).source;
}

interface Running extends Collection {
  collected<K extends EvidenceKind>(kind: K): Promise<Collected<K>>;
}

function startCollection(sources: Sources, target: Target, signal: AbortSignal): Running {
  const running = new Map<EvidenceKind, Promise<Collected<EvidenceKind>>>();
  const collection: Running = {
    sources,
    target,
    signal,
    collected<K extends EvidenceKind>(kind: K) {
      const started = running.get(kind) ?? collectors[kind].collect(collection);
      running.set(kind, started as Promise<Collected<EvidenceKind>>);
      return started as Promise<Collected<K>>;
    },
    async evidence(kind) {
      return (await collection.collected(kind)).value;
    },
  };
  return collection;
}

async function toEvidence<K extends EvidenceKind>(kind: K, collection: Running, source: string): Promise<Evidence<K>> {
  try {
    const collected = await collection.collected(kind);
    return { status: 'collected', source, at: new Date().toISOString(), ...collected };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    const { reason, message: detail, next } = error;
    return {
      status: 'missing',
      source,
      at: new Date().toISOString(),
      reason,
      detail,
      ...(next !== undefined && { next }),
    };
  }
}
