import { collect, type OnEvidence } from '../collectors/collect.ts';
import type { EvidenceKind, Snapshot } from '../model/evidence.ts';
import { nearest } from '../model/nearest.ts';
import type { Progress, Question } from '../model/question.ts';
import type { Report } from '../model/report.ts';
import { type Sources, UsageError } from '../model/sources.ts';
import type { Target } from '../model/target.ts';
import type { Topic } from '../model/topic.ts';
import { evidenceNeeded } from '../topics/evidence.ts';
import { topicFor, topics } from '../topics/index.ts';
import { judge } from '../topics/judge.ts';

export interface AnswerOptions {
  readonly signal?: AbortSignal;
  /** For the whole answer. */
  readonly deadlineMs?: number;
  readonly onProgress?: (progress: Progress) => void;
  readonly onEvidence?: OnEvidence;
}

export interface Answer {
  readonly report: Report;
  readonly snapshot: Snapshot;
}

const defaultDeadlineMs = 30_000;

/**
 * Collects what the topic needs and judges it.
 *
 * @throws UsageError for a topic, a namespace or a workload that does not exist.
 */
export async function answer(question: Question, sources: Sources, options: AnswerOptions = {}): Promise<Answer> {
  const topic = topicFor(topicOf(question.topic), question.target);
  const snapshot = await takeSnapshot(evidenceNeeded(topic), question.target, sources, options);
  return { report: judgeSnapshot(topic, snapshot), snapshot };
}

/** Answers from a snapshot that was saved before; what it does not cover stays unknown. */
export function answerFrom(snapshot: Snapshot, { topic, target }: Question): Report {
  const { namespace } = snapshot.target;
  const { scope } = topicOf(topic);
  if (scope === 'namespace' && namespace !== undefined && namespace !== target.namespace) {
    throw new UsageError(
      `This snapshot is of namespace ${namespace}, not of ${target.namespace}. Ask about ${namespace}.`,
    );
  }
  return judgeSnapshot(topicFor(topicOf(topic), target), { ...snapshot, target });
}

/** All the evidence that any topic needs, to be saved. */
export async function snapshotFor(target: Target, sources: Sources, options: AnswerOptions = {}): Promise<Snapshot> {
  const snapshot = await takeSnapshot([...new Set(topics.flatMap(evidenceNeeded))], target, sources, options);
  refuseUnknownTarget(snapshot);
  return snapshot;
}

/** Collects these kinds of evidence, all within one deadline. */
export async function takeSnapshot(
  kinds: readonly EvidenceKind[],
  target: Target,
  sources: Sources,
  { signal, deadlineMs = defaultDeadlineMs, onProgress, onEvidence }: AnswerOptions,
): Promise<Snapshot> {
  const deadline = AbortSignal.timeout(deadlineMs);
  return collect(kinds, sources, target, {
    signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
    ...(onEvidence !== undefined && { onEvidence }),
    ...(onProgress !== undefined && { onProgress: (done: number, of: number) => onProgress({ done, of }) }),
  });
}

export function topicOf(id: string): Topic {
  const topic = topics.find((one) => one.id === id);
  if (topic !== undefined) return topic;
  const known = topics.map((one) => one.id);
  const [close] = nearest(id, known);
  throw new UsageError(
    close === undefined
      ? `I don't know the topic "${id}". Topics: ${known.join(', ')}.`
      : `I don't know the topic "${id}". Did you mean ${close}?`,
  );
}

function judgeSnapshot(topic: Topic, snapshot: Snapshot): Report {
  refuseUnknownTarget(snapshot);
  return judge(topic, snapshot);
}

/** A name that is surely wrong is a slip, not an empty answer. What could not be listed is left to the checks. */
export function refuseUnknownTarget({ target, evidence: { namespaces, workloads } }: Snapshot): void {
  if (namespaces?.status === 'collected' && namespaces.value.complete) {
    const names = namespaces.value.items.map(({ name }) => name);
    for (const name of [target.namespace, ...(target.from ?? [])]) {
      if (name !== undefined && !names.includes(name)) throw unknownName('namespace', name, names, target.cluster);
    }
  }
  if (target.workload !== undefined && workloads?.status === 'collected') {
    const names = workloads.value.filter(({ namespace }) => namespace === target.namespace).map(({ name }) => name);
    if (!names.includes(target.workload)) {
      throw unknownName('workload', target.workload, names, `${target.namespace} of ${target.cluster}`);
    }
  }
}

function unknownName(what: string, name: string, names: readonly string[], where: string): UsageError {
  const close = nearest(name, names).slice(0, 3);
  const hint =
    close.length > 0
      ? `Did you mean ${close.join(' or ')}?`
      : `There are ${names.length}: ${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''}.`;
  return new UsageError(`There is no ${what} ${name} in ${where}. ${hint}`);
}
