import type { Digest } from '../model/digest.ts';
import type { Looked, Report } from '../model/report.ts';
import { lackOf } from './sight.ts';

/** How far a run looked: what was answered, and what the answers stand without. */
export function lookedOf(reports: readonly Report[]): Digest['looked'] {
  return {
    reports: reports.length,
    checks: reports.reduce((sum, { findings }) => sum + new Set(findings.map(({ check }) => check)).size, 0),
    gaps: reports.flatMap(({ target, coverage, findings }) => {
      const said = new Set(findings.filter(({ severity }) => severity === 'unknown').map(({ says }) => says.one));
      return gapsIn(coverage)
        .filter((says) => !said.has(says))
        .map((says) => ({ target, says }));
    }),
  };
}

function gapsIn(coverage: readonly Looked[]): readonly string[] {
  return [...new Set(coverage.flatMap((one) => lackOf([one], [one.kind]) ?? []))];
}
