import { type Cause, describeRef, type Finding, nameOfCause, type Severity } from './finding.ts';
import { placeOf, type Target } from './target.ts';

/** Findings that say the same, folded into one sentence. */
export interface Statement {
  readonly severity: Severity;
  readonly sentence: string;
  /** Objects that decide it, and particulars. */
  readonly why: readonly string[];
  /** What to do about it; where another finding explains it, that one says so. */
  readonly next?: string;
  /** The finding that is its cause, as a sentence. */
  readonly explainedBy?: string;
}

/** Worst first, in the order of the findings. The same said of several subjects, or to several, is one statement. */
export function statementsOf(findings: readonly Finding[], target: Target): readonly Statement[] {
  const alike = Map.groupBy(findings, ({ check, code, severity, because, says, to, explainedBy }) =>
    JSON.stringify([isOwn(code) || check, code, severity, because, says, to, kindOf(explainedBy)]),
  );
  const bySubjects = Map.groupBy(alike.values(), (group) => {
    const { check, code, because, says, to, explainedBy } = group[0] ?? ({} as Finding);
    const subjects = to === undefined ? 'alone' : group.map(({ subject }) => describeRef(subject));
    return JSON.stringify([isOwn(code) || check, code, because, says.one, subjects, kindOf(explainedBy)]);
  });
  const causes = causesAmong(findings);
  return Array.from(bySubjects.values(), (groups) => fold(groups.flat(), target, causes));
}

/** Findings that others are explained by, by name. */
function causesAmong(findings: readonly Finding[]): ReadonlyMap<string, Finding> {
  const named = new Set(
    findings.flatMap(({ explainedBy }) => (explainedBy === undefined ? [] : nameOfCause(explainedBy))),
  );
  return new Map(findings.map((one) => [nameOfCause(one), one] as const).filter(([name]) => named.has(name)));
}

function kindOf(cause: Cause | undefined): string | undefined {
  return cause && `${cause.check}/${cause.code}`;
}

/** What the runner says is the same of whichever check. */
function isOwn(code: string): boolean {
  return code === 'evidence-missing' || code === 'nothing-to-check';
}

function fold(alike: readonly Finding[], target: Target, causes: ReadonlyMap<string, Finding>): Statement {
  const [first] = alike;
  if (first === undefined) throw new Error('a group of findings is never empty');
  const found = new Set(
    alike.flatMap(({ explainedBy }) => (explainedBy && causes.get(nameOfCause(explainedBy))) ?? []),
  );
  const [cause] = found;
  return {
    severity: first.severity,
    sentence: sentenceOf(alike, first, target),
    why: [...first.because.map(describeRef), ...whyOf(alike, target.namespace)],
    ...(first.next !== undefined && cause === undefined && { next: first.next }),
    ...(cause !== undefined && { explainedBy: sentenceOf([...found], cause, target) }),
  };
}

function sentenceOf(alike: readonly Finding[], first: Finding, target: Target): string {
  const names = unique(alike.map((finding) => nameIn(finding, target.namespace)));
  const tos = joinPorts(unique(alike.flatMap(({ to }) => to ?? [])));
  const says = (names.length === 1 ? first.says.one : first.says.many).replace('{to}', listed(tos));
  return first.subject.kind === 'Check' ? says : `${subjectsOf(names, first, target)} ${says}`;
}

/** Few are named, many are counted: the table names them. */
function subjectsOf(names: readonly string[], { subject, to }: Finding, target: Target): string {
  if (names.length <= 3 || !plain.test(subject.kind)) return listed(names);
  return `${names.length} workloads${to === undefined || target.from === undefined ? ` in ${placeOf(target)}` : ''}`;
}

/** `web:80` and `web:9000` are `web:80,9000`. */
function joinPorts(addresses: readonly string[]): readonly string[] {
  const byHost = Map.groupBy(addresses, (address) => address.split(':', 1)[0] ?? '');
  return Array.from(byHost, ([host, all]) =>
    all.length === 1 ? (all[0] ?? '') : `${host}:${all.map((one) => one.slice(host.length + 1)).join(',')}`,
  );
}

/** What all say is said once; otherwise each says whom it is about. */
function whyOf(alike: readonly Finding[], home: string | undefined): readonly string[] {
  const reasons = unique(alike.flatMap(({ detail = [] }) => detail));
  const common = alike.every(({ detail = [] }) => detail.length === reasons.length);
  if (common || alike.some(({ to }) => to !== undefined)) return reasons.slice(0, mostReasons);
  return alike.flatMap((finding) => (finding.detail ?? []).map((detail) => `${nameIn(finding, home)}: ${detail}`));
}

const mostReasons = 5;
const plain =
  /^(Deployment|StatefulSet|DaemonSet|ReplicaSet|Job|CronJob|DeploymentConfig|ReplicationController|Pod|Rollout)$/;

/** A workload of the namespace that was asked about goes by its name alone; other kinds say what they are. */
function nameIn({ subject }: Finding, home: string | undefined): string {
  if (!plain.test(subject.kind)) return describeRef(subject);
  const name = subject.namespace === home ? subject.name : `${subject.namespace}/${subject.name}`;
  return subject.port === undefined ? name : `${name} port ${subject.port}`;
}

/** `a`, `a and b`, `a, b and 3 more`. */
export function listed(names: readonly string[], most = 4): string {
  const shown = names.length <= most ? names : names.slice(0, most - 1);
  const rest = names.length - shown.length;
  const parts = rest > 0 ? [...shown, `${rest} more`] : shown;
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
