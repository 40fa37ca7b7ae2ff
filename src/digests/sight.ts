import type { Unseen } from '../model/digest.ts';
import type { EvidenceKind } from '../model/evidence.ts';
import type { Finding, Ref } from '../model/finding.ts';
import type { Question } from '../model/question.ts';
import type { Looked, Report } from '../model/report.ts';
import { stableName } from '../model/stable-name.ts';
import type { Target } from '../model/target.ts';
import { questionKey, type Run } from './run.ts';
import type { Known } from './state.ts';

/** Why a known finding that no report holds could not have been seen; nothing where it is surely gone. */
export type Sight = (known: Known) => { readonly reason: Unseen; readonly detail: string } | undefined;

/**
 * A finding is surely gone where each question that held it, as far as it is still asked, was answered by a report in
 * which its check spoke, did not say "unknown" about the same subject, and had all that it reads in full.
 */
export function sightOf(run: Run, answers: ReadonlyMap<string, Report>): Sight {
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
          : doubtOf(known, report, run);
      if (doubt !== undefined) return doubt;
    }
    return undefined;
  };
}

const noAnswer = 'There was no answer.';

function doubtOf({ finding: { check, subject } }: Known, report: Report, { kinds }: Run): ReturnType<Sight> {
  const spoken = report.findings.filter((one) => one.check === check);
  const unknown = spoken.find((one) => one.severity === 'unknown' && covers(one, subject, report.target));
  if (unknown !== undefined) return { reason: 'not-judged', detail: saidBy(unknown) };
  const lacking = lackOf(report.coverage, kinds[check]);
  if (lacking !== undefined) return { reason: 'partial', detail: lacking };
  if (spoken.length === 0) return { reason: 'not-judged', detail: `Check ${check} said nothing this time.` };
  return undefined;
}

/** Whether "I do not know" about one subject leaves the other unknown too. Neither kind nor port matters. */
function covers({ subject }: Finding, other: Ref, asked: Target): boolean {
  if (subject.kind === 'Check') return true;
  if (subject.kind === 'Namespace' && asked.namespace === undefined) return true;
  if (subject.kind === 'Namespace' && subject.name === other.namespace) return true;
  return subject.namespace === other.namespace && stableName(subject) === stableName(other);
}

/** Why evidence of these kinds is not there in full, as a sentence; nothing where it is. */
export function lackOf(coverage: readonly Looked[], kinds: readonly EvidenceKind[] | undefined): string | undefined {
  for (const kind of kinds ?? coverage.map((one) => one.kind)) {
    const looked = coverage.find((one) => one.kind === kind);
    if (looked === undefined) return `The report does not say whether ${kind} were looked at.`;
    if (looked.status === 'missing') return looked.detail;
    if (looked.seen < looked.of) return `Only ${looked.seen} of ${looked.of} were seen (${looked.unit}).`;
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
