import type { Followed, Missed } from '../model/digest.ts';
import type { EvidenceKind } from '../model/evidence.ts';
import { bySeverity, type Finding } from '../model/finding.ts';
import type { Mute } from '../model/mute.ts';
import type { Question } from '../model/question.ts';
import type { Report } from '../model/report.ts';
import { listed } from '../model/statement.ts';
import type { Target } from '../model/target.ts';
import { fingerprintOf } from './fingerprint.ts';

/** One run of a schedule: what was asked, and what came of it. */
export interface Run {
  /** RFC 3339: when it ran. */
  readonly at: string;
  readonly asked: readonly Question[];
  readonly reports: readonly Report[];
  /** Why a question has no report, as a sentence. */
  readonly failures: readonly { readonly question: Question; readonly why: string }[];
  /** The evidence that each check reads. One that is not listed is taken to read all. */
  readonly kinds: Readonly<Record<string, readonly EvidenceKind[]>>;
  /** What says that nothing is known of its subject, each as `check/code`. */
  readonly tellsNothing: readonly string[];
  /** By question: the workloads all of whose proxies were asked, as `namespace/name`. */
  readonly wholeProxies: Readonly<Record<string, readonly string[]>>;
  /** All that may still matter: ended ones are told apart here. */
  readonly mutes: readonly Mute[];
  readonly missed: readonly Missed[];
}

/** A finding of this run, with the questions that came across it. */
export interface Present {
  readonly finding: Followed;
  readonly target: Target;
  readonly questions: readonly string[];
}

/** What two questions have in common when they are the same. */
export function questionKey({ topic, target }: Question): string {
  const { cluster, namespace = '', workload = '', from = [], ...rest } = target;
  return JSON.stringify([topic, cluster, namespace, workload, from.toSorted(), Object.entries(rest).toSorted()]);
}

/** The reports that answer what was asked, by question. */
export function answersOf({ asked, reports }: Run): ReadonlyMap<string, Report> {
  const keys = new Set(asked.map(questionKey));
  return new Map(reports.map((report) => [questionKey(report), report] as const).filter(([key]) => keys.has(key)));
}

/** The findings that are something to tell, by fingerprint; of equal ones the worst. */
export function presentIn(answers: ReadonlyMap<string, Report>): ReadonlyMap<string, Present> {
  const found = Array.from(answers, ([key, { findings, target }]) =>
    findings
      .filter(({ severity }) => severity !== 'ok' && severity !== 'info')
      .map((finding) => ({ key, finding, target, fingerprint: fingerprintOf(finding, target) })),
  ).flat();
  const alike = Map.groupBy(found, ({ fingerprint }) => fingerprint);
  return new Map(
    Array.from(alike, ([fingerprint, group]) => {
      const [worst] = group.toSorted((a, b) => bySeverity(a.finding, b.finding));
      if (worst === undefined) throw new Error('a group of findings is never empty');
      const questions = [...new Set(group.map(({ key }) => key))];
      const finding = followed({ ...worst.finding, ...toAll(group.map((one) => one.finding)) });
      return [fingerprint, { finding, target: worst.target, questions }] as const;
    }),
  );
}

/** Workloads of one Service are one finding, which names them all. */
function toAll(alike: readonly Finding[]): Pick<Finding, 'to'> {
  const places = new Set(alike.filter(({ toService }) => toService !== undefined).flatMap(({ to }) => to ?? []));
  return places.size < 2 ? {} : { to: listed([...places]) };
}

const mostDeciding = 3;
const mostText = 250;

/** What is kept of a finding: enough to say it again, and bounded. */
function followed({ check, code, severity, subject, says, to, toService, because, next }: Finding): Followed {
  return {
    check,
    code,
    severity,
    subject,
    says: { one: cut(says.one), many: cut(says.many) },
    because: because.slice(0, mostDeciding),
    ...(to !== undefined && { to: cut(to) }),
    ...(toService !== undefined && { toService }),
    ...(next !== undefined && { next: cut(next) }),
  };
}

function cut(text: string): string {
  return text.length <= mostText ? text : `${text.slice(0, mostText - 1).toWellFormed()}…`;
}
