import type { Unseen } from '../model/digest.ts';
import type { Finding, Ref } from '../model/finding.ts';
import type { Question } from '../model/question.ts';
import type { Report } from '../model/report.ts';
import { stableName } from '../model/stable-name.ts';
import type { Target } from '../model/target.ts';
import { type Lack, lacksIn } from './lacks.ts';
import { questionKey, type Run } from './run.ts';
import type { DigestState, Known } from './state.ts';

/** Why a known finding could not have been seen. */
export interface Doubt {
  readonly reason: Unseen;
  readonly detail: string;
}

/** Why a known finding that no report holds could not have been seen; nothing where it is surely gone. */
export type Sight = (known: Known) => Doubt | undefined;

/**
 * A finding is surely gone where each question that held it, as far as it is still asked, was answered by a report in
 * which its check told something, nothing was unknown of the same subject, all that the check reads was there in full,
 * and the subject was looked at.
 */
export function sightOf(
  { gaps = {} }: Pick<DigestState, 'gaps'>,
  run: Run,
  answers: ReadonlyMap<string, Report>,
): Sight {
  const asked = new Set(run.asked.map(questionKey));
  const failures = new Map(unanswered(run, answers).map(({ key, why }) => [key, why]));
  return (known) => {
    const questions = known.questions.filter((key) => asked.has(key));
    if (questions.length === 0) return { reason: 'not-asked', detail: 'The schedule no longer asks about it.' };
    for (const key of questions) {
      const report = answers.get(key);
      const doubt =
        report === undefined
          ? { reason: 'not-answered' as const, detail: failures.get(key) ?? noAnswer }
          : doubtOf(known, { key, report, run, gaps });
      if (doubt !== undefined) return doubt;
    }
    return undefined;
  };
}

const noAnswer = 'There was no answer.';

interface Answer {
  readonly key: string;
  readonly report: Report;
  readonly run: Run;
  /** Since when what lacks has been lacking. */
  readonly gaps: Readonly<Record<string, string>>;
}

function doubtOf(known: Known, answer: Answer): Doubt | undefined {
  const {
    finding: { check, subject },
  } = known;
  const { report, run } = answer;
  const own = report.findings.filter((one) => one.check === check);
  const isOpen = ({ code, severity }: Finding) =>
    severity === 'unknown' || run.tellsNothing.includes(`${check}/${code}`);
  const open = own.find((one) => isOpen(one) && covers(one, subject, report.target));
  if (open !== undefined) return { reason: 'not-judged', detail: saidBy(open) };
  const told = own.filter((one) => !run.tellsNothing.includes(`${check}/${one.code}`));
  const isTold = told.some((one) => one.severity !== 'unknown' && isAlike(one.subject, subject));
  const lacking = lackOf(known, answer, isTold);
  if (lacking !== undefined) return { reason: 'partial', detail: lacking };
  if (told.length === 0) return { reason: 'not-judged', detail: `Check ${check} said nothing this time.` };
  if (isTold || !isOnlySeenCalling(subject, report.target, run.kinds[check])) return undefined;
  return { reason: 'partial', detail: `What is in ${subject.namespace} is looked at only while it is seen calling.` };
}

/** Configuration is read in the whole mesh, whoever calls. */
const readMeshWide: readonly string[] = [
  'AuthorizationPolicy',
  'DestinationRule',
  'PeerAuthentication',
  'ServiceEntry',
  'Sidecar',
  'VirtualService',
];

/** Whether the subject lies beyond what was asked about, and is among the evidence only while metrics see it call. */
function isOnlySeenCalling({ kind, namespace }: Ref, asked: Target, kinds: Run['kinds'][string] | undefined): boolean {
  if (asked.namespace === undefined || namespace === undefined || namespace === asked.namespace) return false;
  return (kinds?.includes('workloads') ?? true) && !readMeshWide.includes(kind);
}

/** Whether "I do not know" about one subject leaves the other unknown too. Neither kind nor port matters. */
function covers({ subject }: Finding, other: Ref, asked: Target): boolean {
  if (subject.kind === 'Check') return true;
  if (subject.kind === 'Namespace' && asked.namespace === undefined) return true;
  if (subject.kind === 'Namespace' && subject.name === other.namespace) return true;
  return isAlike(subject, other);
}

function isAlike(one: Ref, other: Ref): boolean {
  return one.namespace === other.namespace && stableName(one) === stableName(other);
}

/** Why the evidence that the check reads leaves open whether a finding is gone, as a sentence; nothing where it does not. */
function lackOf(
  { finding: { check, subject }, lastBad }: Known,
  { key, report, run, gaps }: Answer,
  isTold: boolean,
): string | undefined {
  const wasSo = ({ id }: Lack) => (gaps[id] ?? run.at) <= lastBad;
  const isWhole = isTold && (run.wholeProxies[key] ?? []).includes(`${subject.namespace}/${stableName(subject)}`);
  for (const kind of run.kinds[check] ?? report.coverage.map((one) => one.kind)) {
    const looked = report.coverage.find((one) => one.kind === kind);
    if (looked === undefined) return `The report does not say whether ${kind} were looked at.`;
    const lack = lacksIn(looked, report.target).find((one) => {
      // What was not read either when it was seen to be so hides no more now than then.
      if (one.how === 'unread') return !wasSo(one);
      return one.how === 'missing' || kind !== 'proxies' || !isWhole;
    });
    if (lack !== undefined) return lack.says;
  }
  return undefined;
}

/** What an unknown finding says, as a sentence. */
export function saidBy({ subject, says, to = '' }: Pick<Finding, 'subject' | 'says' | 'to'>): string {
  const said = says.one.replace('{to}', () => to);
  return subject.kind === 'Check' ? said : `${subject.name} ${said}.`;
}

/** What was asked and not answered. */
export function unanswered(
  run: Run,
  answers: ReadonlyMap<string, Report>,
): readonly { readonly key: string; readonly question: Question; readonly why: string }[] {
  const failures = new Map(run.failures.map(({ question, why }) => [questionKey(question), why]));
  return run.asked
    .map((question) => ({ key: questionKey(question), question }))
    .filter(({ key }) => !answers.has(key))
    .map(({ key, question }) => ({ key, question, why: failures.get(key) ?? noAnswer }));
}
