import type { Severity } from '../model/finding.ts';
import type { Report } from '../model/report.ts';
import type { Statement } from '../model/statement.ts';
import { lookedAt, notSeen, sourcesOf } from './looked.ts';
import { type Table, tablesOf } from './tables.ts';
import { tellingOf } from './telling.ts';
import { countsOf, seconds, signs } from './words.ts';

export interface TextOptions {
  readonly tookMs: number;
  /** Colours a text for a terminal; the identity where there is none. */
  readonly paint: (severity: Severity, text: string) => string;
}

/** A Report for a terminal: the verdict first, then why, the table, and what was looked at. */
export function toText(report: Report, { tookMs, paint }: TextOptions): string {
  const { verdict, headline, topic, target } = report;
  const counts = countsOf(report);
  const head = [
    paint(verdict, `${signs[verdict]} ${headline}`),
    ...(counts === '' ? [] : [`  ${counts}`]),
    `  ${topic} · ${target.cluster} · ${seconds(tookMs)}`,
  ];
  const { seen, notes } = lookedAt(report);
  const [worst, ...others] = tellingOf(report);
  const isSaid = worst?.sentence === headline;
  const blocks = [
    [...head, ...(isSaid ? particulars(worst) : [])],
    ...(isSaid ? others : tellingOf(report)).map((statement) => statementLines(statement, paint)),
    ...tablesOf(report).map(tableLines),
    [
      `Looked at  ${seen || 'nothing'}`,
      `           ${sourcesOf(report)}, ${report.takenAt}`,
      ...notes.map((note) => `           ${note}`),
    ],
    notSeen(report).map((line) => `Not seen   ${line}`),
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function statementLines(statement: Statement, paint: TextOptions['paint']): readonly string[] {
  const { severity, sentence } = statement;
  return [paint(severity, `${signs[severity]} ${sentence}`), ...particulars(statement)];
}

function particulars({ why, next, explainedBy }: Statement): readonly string[] {
  return [
    ...why.map((line, index) => `    ${index === 0 ? 'why   ' : '      '}${line}`),
    ...(explainedBy === undefined ? [] : [`    explained by: ${explainedBy}`]),
    ...(next === undefined ? [] : [`    next  ${next}`]),
  ];
}

function tableLines({ columns, rows }: Table): readonly string[] {
  const widths = columns.map((column, index) => Math.max(column.length, ...rows.map((row) => row[index]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(columns.map((column) => column.toUpperCase())), ...rows.map(line)];
}
