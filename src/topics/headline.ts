import type { Finding } from '../model/finding.ts';
import type { Report } from '../model/report.ts';
import { statementsOf } from '../model/statement.ts';
import { placeOf, type Target } from '../model/target.ts';
import type { Topic } from '../model/topic.ts';

/** The verdict as a sentence: what is worst, and of whom. */
export function headlineOf(
  topic: Topic,
  findings: readonly Finding[],
  coverage: Report['coverage'],
  target: Target,
): string {
  const place = placeOf(target);
  const [worst] = findings;
  if (worst === undefined) return topic.cannotTell(place);
  if (worst.severity === 'ok' || worst.severity === 'info') return topic.allWell(place, coverage);
  const [statement] = statementsOf(
    findings.filter(({ severity }) => severity === worst.severity),
    target,
  );
  const sentence = statement?.sentence ?? '';
  const prefix = worst.severity === 'unknown' ? topic.cannotTell(place) : topic.notWell?.(place);
  return prefix === undefined ? sentence : `${prefix}: ${sentence}`.replace(/\.$/, '');
}
