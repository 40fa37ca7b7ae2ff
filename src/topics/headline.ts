import { type Finding, isProblem, worstOf } from '../model/finding.ts';
import type { Report } from '../model/report.ts';
import { statementsOf } from '../model/statement.ts';
import { placeOf, type Target } from '../model/target.ts';
import type { Topic } from '../model/topic.ts';

/** The verdict as a sentence: what is worst and not explained by anything else, and of whom. */
export function headlineOf(
  topic: Topic,
  findings: readonly Finding[],
  coverage: Report['coverage'],
  target: Target,
): string {
  const place = placeOf(target);
  const [first] = findings;
  if (first === undefined) return topic.cannotTell(place);
  if (!isProblem(first)) return topic.allWell(place, coverage);
  const alike = findings.filter(({ severity, explainedBy }) => severity === first.severity && !explainedBy);
  const [statement] = statementsOf(alike, target);
  const sentence = statement?.sentence ?? '';
  const prefix = worstOf(findings) === 'unknown' ? topic.cannotTell(place) : topic.notWell?.(place);
  return prefix === undefined ? sentence : `${prefix}: ${sentence}`.replace(/\.$/, '');
}
