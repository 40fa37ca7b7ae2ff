import { type Bucket, buckets, type Digest, type DigestItem, type Say, type TrendPoint } from '../model/digest.ts';
import { bySeverity } from '../model/finding.ts';
import { type Blindness, blindnessOf } from './blind.ts';
import { spotOf } from './fingerprint.ts';
import { type LookedSoFar, lookedOf } from './looked.ts';
import { answersOf, type Present, presentIn, type Run } from './run.ts';
import { saidBy, sightOf } from './sight.ts';
import { type DigestState, mostKnown, signOfLifeDays, trendRuns } from './state.ts';
import { type Moment, type Step, stepAbsent, stepPresent, stepUnseen } from './step.ts';

export interface Advance {
  readonly state: DigestState;
  readonly digest: Digest;
}

/** Compares one run with what is known from the runs before. */
export function advance(state: DigestState, run: Run): Advance {
  const answers = answersOf(run);
  const present = presentIn(answers);
  const steps = capped(succeeded(stepsOf(state, present, { run, sight: sightOf(state, run, answers) })));
  const blindness = blindnessOf(state, run, answers, present);
  const looked = lookedOf(state, run, answers);
  const digest = digestOf(state, run, steps, { blindness, looked });
  const saidAt = digest.say === 'nothing' ? state.saidAt : run.at;
  return {
    state: {
      version: 1,
      ranAt: run.at,
      ...(saidAt !== undefined && { saidAt }),
      known: Object.fromEntries(steps.flatMap(({ fingerprint, known }) => (known ? [[fingerprint, known]] : []))),
      blind: blindness.kept,
      gaps: looked.kept,
      trend: digest.trend,
    },
    digest,
  };
}

function digestOf(
  state: DigestState,
  run: Run,
  steps: readonly Step[],
  { blindness, looked }: { readonly blindness: Blindness; readonly looked: LookedSoFar },
): Digest {
  const inBuckets = bucketsOf(steps, blindness);
  const overflow = steps.filter(({ bucket }) => bucket === 'overflow').map(({ item }) => item);
  const unknown = inBuckets.notSeen.length + blindness.blind.length + blindness.beyond;
  const endedMutes = endedSince(state, run);
  const isFresh = steps.some((step) => step.isFresh) || blindness.isChanged || looked.isChanged;
  const isChanged = isFresh || endedMutes.length > 0 || run.missed.length > 0;
  return {
    version: 1,
    at: run.at,
    ...(state.ranAt !== undefined && { before: state.ranAt }),
    say: sayOf(state, run, inBuckets, isChanged),
    asked: run.asked,
    ...inBuckets,
    blind: blindness.blind,
    beyond: { known: overflow.length, blind: blindness.beyond },
    endedMutes,
    missed: run.missed,
    trend: [
      ...state.trend,
      trendPoint(run.at, [...counted.flatMap((bucket) => inBuckets[bucket]), ...overflow], unknown),
    ].slice(-trendRuns),
    looked: looked.looked,
    back: blindness.ended + looked.closed,
  };
}

function stepsOf(state: DigestState, present: ReadonlyMap<string, Present>, moment: Moment): readonly Step[] {
  const known = Object.entries(state.known).map(([fingerprint, before]) => {
    const here = present.get(fingerprint);
    if (here === undefined) return stepAbsent(fingerprint, before, moment);
    if (here.finding.severity !== 'unknown') return stepPresent(fingerprint, here, before, moment);
    return stepUnseen(fingerprint, before, { reason: 'not-judged', detail: saidBy(here.finding) }, moment.run);
  });
  const added = Array.from(present)
    .filter(([fingerprint, { finding }]) => finding.severity !== 'unknown' && !(fingerprint in state.known))
    .map(([fingerprint, here]) => stepPresent(fingerprint, here, undefined, moment));
  return [...known, ...added];
}

/** Where a check says one thing of a subject no longer and another, worse or less bad, instead: that is one change. */
function succeeded(steps: readonly Step[]): readonly Step[] {
  const gone = Map.groupBy(
    steps.filter(({ bucket }) => bucket === 'fixed'),
    ({ item }) => spotOf(item.finding, item.target),
  );
  const replaced = new Set<string>();
  const next = steps.map((step): Step => {
    if (step.bucket !== 'new' || step.known === undefined) return step;
    const { finding, target } = step.item;
    const old = gone
      .get(spotOf(finding, target))
      ?.find((one) => !replaced.has(one.fingerprint) && bySeverity(one.item.finding, finding) !== 0);
    if (old === undefined) return step;
    replaced.add(old.fingerprint);
    const { firstSeen } = old.item;
    const was = { ...old.item.finding, fingerprint: old.fingerprint };
    return {
      ...step,
      bucket: bySeverity(finding, old.item.finding) < 0 ? 'worse' : 'better',
      item: { ...step.item, firstSeen, was },
      known: { ...step.known, firstSeen },
    };
  });
  return next.map(({ bucket, ...step }) =>
    bucket === undefined || replaced.has(step.fingerprint) ? step : { ...step, bucket },
  );
}

/** Follows the worst, the oldest of them first. What was fixed is remembered as far as there is room. */
function capped(steps: readonly Step[]): readonly Step[] {
  const isOver = ({ known }: Step) => Number(known?.told === 'fixed');
  const ranked = steps
    .filter(({ known }) => known !== undefined)
    .toSorted(
      (a, b) =>
        isOver(a) - isOver(b) ||
        bySeverity(a.item.finding, b.item.finding) ||
        a.item.firstSeen.localeCompare(b.item.firstSeen) ||
        a.fingerprint.localeCompare(b.fingerprint),
    );
  const dropped = new Set(ranked.slice(mostKnown).map(({ fingerprint }) => fingerprint));
  if (dropped.size === 0) return steps;
  return steps.map((step) => {
    if (!dropped.has(step.fingerprint)) return step;
    const { known, ...rest } = step;
    return known?.told === 'fixed' ? rest : { ...rest, bucket: 'overflow', isFresh: false };
  });
}

function bucketsOf(steps: readonly Step[], { muted }: Blindness): Readonly<Record<Bucket, readonly DigestItem[]>> {
  const byBucket = Map.groupBy(steps, ({ bucket }) => bucket);
  const worstFirst = (a: DigestItem, b: DigestItem) =>
    bySeverity(a.finding, b.finding) || a.firstSeen.localeCompare(b.firstSeen);
  const items = (bucket: Bucket) => [
    ...(byBucket.get(bucket) ?? []).map(({ item }) => item),
    ...(bucket === 'muted' ? muted : []),
  ];
  const entries = buckets.map((bucket) => [bucket, items(bucket).toSorted(worstFirst)]);
  return Object.fromEntries(entries) as Record<Bucket, readonly DigestItem[]>;
}

const counted = ['new', 'worse', 'better', 'unchanged', 'flapping', 'muteEnded'] as const;

function trendPoint(at: string, items: readonly DigestItem[], unknown: number): TrendPoint {
  // What flaps may be gone just now.
  const there = items.filter(({ lastBad }) => lastBad === at);
  const number = (severity: string) => there.filter(({ finding }) => finding.severity === severity).length;
  return { at, error: number('error'), warning: number('warning'), unknown };
}

/** Mutes of what this schedule asks about that ended since it last ran. */
function endedSince({ ranAt }: DigestState, { at, asked, mutes }: Run): Digest['endedMutes'] {
  if (ranAt === undefined) return [];
  const isAsked = (cluster: string, namespace: string) =>
    asked.some(({ target }) => target.cluster === cluster && (target.namespace ?? namespace) === namespace);
  return mutes.filter(
    ({ until, cluster, namespace }) =>
      Date.parse(until) > Date.parse(ranAt) && Date.parse(until) <= Date.parse(at) && isAsked(cluster, namespace),
  );
}

/** Some slack: the same time next week is due, even where this run is a little early. */
const signOfLifeMs = signOfLifeDays * 24 * 3_600_000 - 2 * 3_600_000;

function sayOf(
  { saidAt }: DigestState,
  { at }: Run,
  inBuckets: Record<Bucket, readonly DigestItem[]>,
  isChanged: boolean,
): Say {
  if ((['new', 'worse', 'muteEnded'] as const).some((bucket) => inBuckets[bucket].length > 0)) return 'news';
  if (saidAt === undefined || isChanged) return 'changes';
  return Date.parse(at) - Date.parse(saidAt) >= signOfLifeMs ? 'sign-of-life' : 'nothing';
}
