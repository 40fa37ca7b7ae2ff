import type { Report } from '../model/report.ts';
import { lookedAt, notSeen, sourcesOf } from './looked.ts';
import { type Table, tablesOf } from './tables.ts';
import { tellingOf } from './telling.ts';
import { countsOf, signs } from './words.ts';

/** A Report as Markdown, for tickets and pull requests. */
export function toMarkdown(report: Report): string {
  const { seen, notes } = lookedAt(report);
  const counts = countsOf(report);
  const statements = tellingOf(report).map(({ severity, sentence, why, next, explainedBy }) =>
    [
      `- ${signs[severity]} **${literal(sentence)}**`,
      ...(why.length === 0 ? [] : [`  - why: ${literal(why.join('; '))}`]),
      ...(explainedBy === undefined ? [] : [`  - explained by: ${literal(explainedBy)}`]),
      ...(next === undefined ? [] : [`  - next: ${literal(next)}`]),
    ].join('\n'),
  );
  const blocks = [
    `## ${signs[report.verdict]} ${literal(report.headline)}`,
    literal(counts),
    statements.join('\n'),
    ...tablesOf(report).map(table),
    literal(`Looked at ${seen || 'nothing'}: ${sourcesOf(report)}, ${report.takenAt}.`),
    [...notes, ...notSeen(report).map((line) => `Not seen: ${line}`)].map((line) => `- ${literal(line)}`).join('\n'),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function table({ columns, rows }: Table): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => literal(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Names from a cluster are literal text. */
function literal(text: string): string {
  return text.replaceAll(/[\\`*_<>[\]]/g, '\\$&');
}
