import { questionKey, type Run } from '../../digests/run.ts';
import type { EvidenceKind, Snapshot } from '../../model/evidence.ts';
import type { Log } from '../../model/log.ts';
import type { Question } from '../../model/question.ts';
import { type Sources, UsageError } from '../../model/sources.ts';
import { placeOf, type Target } from '../../model/target.ts';
import type { Topic } from '../../model/topic.ts';
import { evidenceNeeded, evidenceOf } from '../../topics/evidence.ts';
import { topics } from '../../topics/index.ts';
import { judge } from '../../topics/judge.ts';
import { refuseUnknownTarget, takeSnapshot, topicOf } from '../answer.ts';
import type { Lane } from './lane.ts';
import { MayNotLook, type Refused } from './rights.ts';
import type { Schedule } from './schedule.ts';

export interface LookDeps {
  readonly sources: Sources;
  readonly log: Log;
  /** Snapshots are large: few stand in memory at once, whoever asks for them. */
  readonly lane: Lane;
  readonly refused: Refused;
}

/** The topic that holds all others. */
const everything = 'doctor';

/** What was asked and what came of it. */
export interface Seen extends Omit<Run, 'at' | 'mutes' | 'missed'> {
  /** Left out: it may not be told where the schedule posts, nor may what is known of it. */
  readonly refused: readonly Target[];
}

interface Place {
  readonly target: Target;
  /** Ids. */
  readonly topics: readonly string[];
}

/**
 * Asks all that a schedule is about and may tell: one snapshot for each namespace, judged by every topic.
 *
 * @throws MayNotLook where nothing of it may be told.
 */
export async function lookAt(schedule: Schedule, deps: LookDeps, signal: AbortSignal): Promise<Seen> {
  const places = placesOf(schedule);
  const targets = places.map(({ target }) => target);
  const refused = await deps.refused(schedule, targets);
  if (refused.length === places.length) throw new MayNotLook(`Schedule ${schedule.id} may not tell of anything`);
  const seen = await Promise.all(
    places.map((place) =>
      refused.includes(place.target) ? leftOut(place) : deps.lane(() => lookAtPlace(place, deps, signal)),
    ),
  );
  return {
    asked: places.flatMap(questionsOf),
    reports: seen.flatMap(({ reports }) => reports),
    failures: seen.flatMap(({ failures }) => failures),
    kinds: kindsRead,
    tellsNothing,
    wholeProxies: Object.assign({}, ...seen.map((one) => one.wholeProxies)),
    refused,
  };
}

/** A topic of the whole cluster is asked once; one that is unknown, of each namespace. */
function placesOf({ cluster, namespaces, topics: wanted }: Schedule): readonly Place[] {
  const isOfCluster = (id: string) => topics.some((topic) => topic.id === id && topic.scope === 'cluster');
  const each = wanted.length > 0 ? wanted.filter((id) => !isOfCluster(id)) : [everything];
  const whole = wanted.filter(isOfCluster);
  return [
    ...namespaces.map((namespace) => ({ target: { cluster, namespace }, topics: each })),
    { target: { cluster }, topics: whole },
  ].filter((place) => place.topics.length > 0);
}

function questionsOf({ target, topics: ids }: Place): readonly Question[] {
  return ids.map((topic) => ({ topic, target }));
}

function leftOut(place: Place): Answers {
  const why = `Left out: the policy does not let whoever set this digest up ask about ${placeOf(place.target)} from here any more. Ask whoever keeps the policy file.`;
  return { ...nothing, failures: questionsOf(place).map((question) => ({ question, why })) };
}

type Answers = Pick<Seen, 'reports' | 'failures' | 'wholeProxies'>;
const nothing: Answers = { reports: [], failures: [], wholeProxies: {} };

async function lookAtPlace(place: Place, deps: LookDeps, signal: AbortSignal): Promise<Answers> {
  try {
    const found = questionsOf(place).map(topicOrFailure);
    const known = found.filter((one): one is Topic => 'checks' in one);
    const failures = found.filter((one): one is Answers['failures'][number] => 'why' in one);
    return { ...(known.length > 0 ? await reportsOf(known, place.target, deps, signal) : nothing), failures };
  } catch (error) {
    if (!(error instanceof UsageError))
      deps.log.error({ error, target: place.target }, 'A place could not be looked at');
    const why =
      error instanceof UsageError
        ? error.message
        : `I could not look at ${placeOf(place.target)}: something in me broke.`;
    return { ...nothing, failures: questionsOf(place).map((question) => ({ question, why })) };
  }
}

function topicOrFailure(question: Question): Topic | Answers['failures'][number] {
  try {
    return topicOf(question.topic);
  } catch (error) {
    if (error instanceof UsageError) return { question, why: error.message };
    throw error;
  }
}

async function reportsOf(
  known: readonly Topic[],
  target: Target,
  { sources }: LookDeps,
  signal: AbortSignal,
): Promise<Omit<Answers, 'failures'>> {
  const kinds = [...new Set(known.flatMap(evidenceNeeded))];
  const snapshot = await takeSnapshot(kinds, target, sources, { signal });
  refuseUnknownTarget(snapshot);
  const reports = known.map((topic) => judge(topic, snapshot));
  const whole = wholeProxiesIn(snapshot);
  return { reports, wholeProxies: Object.fromEntries(reports.map((report) => [questionKey(report), whole])) };
}

/** Where there are many, a sample of them is asked: of small workloads that is all. */
function wholeProxiesIn({ evidence: { proxies, workloads } }: Snapshot): readonly string[] {
  if (proxies?.status !== 'collected' || workloads?.status !== 'collected') return [];
  const asked = new Set(proxies.value.seen.map(({ namespace, pod }) => `${namespace}/${pod}`));
  return workloads.value
    .filter(({ namespace, pods }) =>
      pods.every(({ name, dataPlane }) => dataPlane.mode !== 'sidecar' || asked.has(`${namespace}/${name}`)),
    )
    .map(({ namespace, name }) => `${namespace}/${name}`);
}

/** What says that nothing is known of its subject. */
const tellsNothing: readonly string[] = [
  ...new Set(
    topics.flatMap(({ checks }) =>
      checks.flatMap(({ id, codes }) =>
        Object.entries(codes).flatMap(([code, meaning]) => (meaning.tellsNothing ? [`${id}/${code}`] : [])),
      ),
    ),
  ),
];

/** By check: the evidence that it reads. */
const kindsRead: Readonly<Record<string, readonly EvidenceKind[]>> = Object.fromEntries(
  topics.flatMap(({ checks }) => checks.map((check) => [check.id, evidenceOf(check)] as const)),
);
