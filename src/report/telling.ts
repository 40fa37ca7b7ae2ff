import type { Report } from '../model/report.ts';
import { type Statement, statementsOf } from '../model/statement.ts';

/** What is worth saying: good findings are left out, for the headline and the table say them. */
export function tellingOf({ findings, target }: Report): readonly Statement[] {
  return statementsOf(
    findings.filter(({ severity }) => severity !== 'ok'),
    target,
  );
}
