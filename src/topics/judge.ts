import type { Check, CodeMeaning, Observation } from '../model/check.ts';
import type { EvidenceByKind, EvidenceKind, Snapshot } from '../model/evidence.ts';
import { type Finding, worstOf } from '../model/finding.ts';
import type { Looked, Report } from '../model/report.ts';
import { placeOf } from '../model/target.ts';
import type { Facts, Topic } from '../model/topic.ts';
import { causesFirst, explain } from './causes.ts';
import { evidenceNeeded, evidenceOf } from './evidence.ts';
import { headlineOf } from './headline.ts';

/** Judges one snapshot. Never throws: whatever could not be judged is `unknown`. */
export function judge(asked: Topic, snapshot: Snapshot): Report {
  const topic = {
    ...asked,
    checks: asked.checks.filter((check) => asked.scope === 'cluster' || isThere(check, snapshot)),
  };
  const found = topic.checks.flatMap((check) => runCheck(check, snapshot));
  const { facts, crash } = factsOf(topic, snapshot);
  const findings = causesFirst(explain(crash === undefined ? found : [...found, crash], topic.checks));
  const coverage = evidenceNeeded(topic).map((kind) => looked(kind, snapshot));
  return {
    version: 1,
    topic: topic.id,
    target: snapshot.target,
    takenAt: snapshot.takenAt,
    verdict: verdictOf(findings),
    headline: headlineOf(topic, findings, coverage, snapshot.target),
    findings,
    coverage,
    ...facts,
  };
}

/** The worst severity; what is only good to know leaves all well. */
function verdictOf(findings: readonly Finding[]): Report['verdict'] {
  const worst = worstOf(findings) ?? 'unknown';
  return worst === 'info' ? 'ok' : worst;
}

/** What surely is not there is no finding. Where that cannot be told, the check says what is missing. */
function isThere(check: Check, snapshot: Snapshot): boolean {
  const kinds = evidenceOf(check);
  if (check.isThere === undefined || kinds.some((kind) => isMissing(kind, snapshot))) return true;
  return check.isThere(select(kinds, snapshot));
}

function isMissing(kind: EvidenceKind, { evidence }: Snapshot): boolean {
  return evidence[kind]?.status !== 'collected';
}

export function runCheck(check: Check, snapshot: Snapshot): readonly Finding[] {
  const missing = check.needs.filter((kind) => isMissing(kind, snapshot));
  if (missing.length > 0) return missing.map((kind) => unseen(check, kind, snapshot));
  if (check.wants?.some((kind) => isMissing(kind, snapshot))) return [];
  try {
    const observations = check.evaluate(select(evidenceOf(check), snapshot), snapshot.target, snapshot);
    const findings = Array.from(observations, (observation) => toFinding(check, observation));
    return findings.length > 0 || check.wants !== undefined ? findings : [nothingToCheck(check, snapshot)];
  } catch (error) {
    return [crashed(check.id, error)];
  }
}

function toFinding(check: Check, { code, subject, ...particulars }: Observation<string>): Finding {
  const { severity, one, many, next } = meaningOf(check, code);
  const says = { one, many };
  return {
    check: check.id,
    code,
    severity,
    subject,
    says,
    because: [],
    ...(next !== undefined && { next }),
    ...particulars,
  };
}

function meaningOf(check: Check, code: string): CodeMeaning {
  const meaning = check.codes[code];
  if (meaning === undefined) throw new Error(`check ${check.id} says ${code}, which it does not declare`);
  return meaning;
}

function unseen(check: Check, kind: EvidenceKind, snapshot: Snapshot): Finding {
  const evidence = snapshot.evidence[kind];
  const missing = evidence?.status === 'missing' ? evidence : undefined;
  const says = missing?.detail ?? `${kind} was not collected.`;
  return {
    ...unknown(check.id, 'evidence-missing', says),
    ...(missing?.next !== undefined && { next: missing.next }),
  };
}

function nothingToCheck(check: Check, { target }: Snapshot): Finding {
  return {
    ...unknown(check.id, 'nothing-to-check', `There is nothing in ${placeOf(target)} that this could be judged by.`),
    next: `Check the name, and that something runs there: kubectl get pods ${target.namespace === undefined ? '-A' : `-n ${target.namespace}`}.`,
  };
}

function crashed(id: string, error: unknown): Finding {
  const why = error instanceof Error ? error.message : String(error);
  return {
    ...unknown(id, 'check-crashed', `Check ${id} failed on this evidence: ${why}.`),
    next: 'Please report it, with a snapshot: meshbot snapshot.',
  };
}

function unknown(check: string, code: string, sentence: string): Finding {
  const says = { one: sentence, many: sentence };
  return { check, code, severity: 'unknown', subject: { kind: 'Check', name: check }, says, because: [] };
}

function select(kinds: readonly EvidenceKind[], snapshot: Snapshot): EvidenceByKind {
  const entries = kinds.map((kind) => {
    const evidence = snapshot.evidence[kind];
    return [kind, evidence?.status === 'collected' ? evidence.value : undefined];
  });
  return Object.fromEntries(entries) as EvidenceByKind;
}

function factsOf(topic: Topic, snapshot: Snapshot): { readonly facts: Facts; readonly crash?: Finding } {
  if (topic.needs.some((kind) => snapshot.evidence[kind]?.status !== 'collected')) return { facts: {} };
  try {
    const also = (topic.wants ?? []).filter((kind) => snapshot.evidence[kind]?.status === 'collected');
    return { facts: topic.facts(select(topic.needs, snapshot), snapshot.target, select(also, snapshot)) };
  } catch (error) {
    return { facts: {}, crash: crashed(topic.id, error) };
  }
}

function looked(kind: EvidenceKind, snapshot: Snapshot): Looked {
  const evidence = snapshot.evidence[kind];
  if (evidence === undefined) {
    const detail = `The snapshot does not hold ${kind}: they were not asked for when it was taken.`;
    return { kind, source: 'snapshot', at: snapshot.takenAt, status: 'missing', reason: 'not-in-source', detail };
  }
  const { source, at } = evidence;
  if (evidence.status === 'collected') return { kind, source, at, status: 'collected', ...evidence.coverage };
  const { reason, detail, next } = evidence;
  return { kind, source, at, status: 'missing', reason, detail, ...(next !== undefined && { next }) };
}
