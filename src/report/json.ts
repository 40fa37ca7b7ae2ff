import { describeRef, type Finding } from '../model/finding.ts';
import type { Report } from '../model/report.ts';

/** A Report for programs: `docs/report.md` describes the shape. Fields are added, never changed, while `version` is 1. */
export function toJson({
  version,
  topic,
  target,
  verdict,
  headline,
  takenAt,
  coverage,
  findings,
  ...facts
}: Report): string {
  const report = {
    version,
    topic,
    target,
    verdict,
    headline,
    takenAt,
    coverage,
    findings: findings.map(jsonFinding),
    ...facts,
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

function jsonFinding(finding: Finding) {
  const { check, code, severity, subject, says, to = '', detail = [], because, next, explainedBy } = finding;
  const said = says.one.replace('{to}', to);
  const sentence = subject.kind === 'Check' ? said : `${describeRef(subject)} ${said}`;
  const message = detail.length === 0 ? sentence : `${sentence} (${detail.join('; ')})`;
  return {
    check,
    code,
    severity,
    subject,
    message,
    because,
    ...(next !== undefined && { next }),
    ...(explainedBy !== undefined && { explainedBy }),
  };
}
