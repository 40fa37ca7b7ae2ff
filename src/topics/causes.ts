import type { Check } from '../model/check.ts';
import {
  bySeverity,
  type Cause,
  describeRef,
  type Finding,
  isProblem,
  nameOfCause,
  type Ref,
  ref,
  severities,
} from '../model/finding.ts';

/**
 * Names the cause of each finding that another one explains, by what the checks declare; they declare no circles. Only a
 * problem explains. Of several causes the worst counts, then the first.
 */
export function explain(findings: readonly Finding[], checks: readonly Check[]): readonly Finding[] {
  const codes = new Map(checks.map(({ id, codes: all }) => [id, all]));
  const explainsOf = ({ check, code }: Cause) => codes.get(check)?.[code]?.explains ?? [];
  const causes = new Map<string, Cause>();
  const explained = new Set<string>();
  for (const { check, code, subject } of findings.filter(isProblem).toSorted(bySeverity)) {
    for (const symptom of explainsOf({ check, code, subject })) {
      const key = `${symptom} ${describeRef(subject)}`;
      if (!causes.has(key)) causes.set(key, { check, code, subject });
      explained.add(symptom);
    }
  }
  return findings.map((finding) => {
    const symptom = `${finding.check}/${finding.code}`;
    if (!explained.has(symptom)) return finding;
    const [explainedBy] = placesOf(finding).flatMap((place) => causes.get(`${symptom} ${describeRef(place)}`) ?? []);
    return explainedBy === undefined ? finding : { ...finding, explainedBy };
  });
}

/**
 * Where a cause may be found: a finding is explained by what is said of its own subject, or of what decides it. What is
 * wrong with a workload is wrong with each of its ports.
 */
function placesOf({ subject, because }: Finding): readonly Ref[] {
  return [subject, ref(subject), ...because];
}

/**
 * What is wrong and has no cause among the rest comes first, each as bad as the worst that it explains; then what is
 * explained; then what is good to know.
 */
export function causesFirst(findings: readonly Finding[]): readonly Finding[] {
  const weights = weightsOf(findings);
  const ranked = findings.map((finding) => {
    const own = severities.indexOf(finding.severity);
    const weight = weights.size === 0 ? own : Math.min(own, weights.get(nameOfCause(finding)) ?? own);
    return { finding, tier: tierOf(finding), weight };
  });
  return ranked
    .toSorted((a, b) => a.tier - b.tier || a.weight - b.weight || bySeverity(a.finding, b.finding))
    .map(({ finding }) => finding);
}

function tierOf(finding: Finding): number {
  if (!isProblem(finding)) return 2;
  return finding.explainedBy === undefined ? 0 : 1;
}

/** How bad each cause is together with all that comes from it: 0 is worst. */
function weightsOf(findings: readonly Finding[]): ReadonlyMap<string, number> {
  const explained = findings.filter(({ explainedBy }) => explainedBy !== undefined);
  const causeOf = new Map(explained.map((finding) => [nameOfCause(finding), finding.explainedBy]));
  const weights = new Map<string, number>();
  for (const { severity, explainedBy } of explained) {
    for (let cause = explainedBy; cause !== undefined; cause = causeOf.get(nameOfCause(cause))) {
      const name = nameOfCause(cause);
      const worst = Math.min(severities.indexOf(severity), weights.get(name) ?? severities.length);
      weights.set(name, worst);
    }
  }
  return weights;
}
