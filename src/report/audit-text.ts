import type { AuditRecord } from '../model/audit.ts';

/** For a terminal: one line for each record, oldest first, and below it what it changes where `diffs`. Times are UTC. */
export function auditText(records: readonly AuditRecord[], { diffs = false } = {}): string {
  const rows = records.map((record) => [
    String(record.seq),
    timeOf(record),
    record.kind,
    whoOf(record),
    whatOf(record),
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map(([seq = '', ...others]) => [
      seq.padStart(widths[0] ?? 0),
      ...others.map((cell, at) => cell.padEnd(widths[at + 1] ?? 0)),
    ])
    .map((row, at) => `${row.join('  ').trimEnd()}\n${diffs ? diffOf(records[at]?.diff) : ''}`)
    .join('');
}

function diffOf(diff: string | undefined): string {
  return (diff?.split('\n') ?? []).map((line) => `    ${literal(line)}\n`).join('');
}

function timeOf({ at }: AuditRecord): string {
  return literal(at.replace('T', ' ').replace(/\.\d+(?=Z$)/, ''));
}

function whoOf({ by }: AuditRecord): string {
  return by === undefined ? 'meshbot' : literal(`${by.user} of ${by.team}`);
}

function whatOf({ cluster, fix, target, plan, says }: AuditRecord): string {
  const about = [fix, target, cluster && `in ${cluster}`, plan && `(${plan})`].filter(Boolean).join(' ');
  return literal(about === '' ? says : `${says}  ${about}`);
}

/** What a terminal would obey is shown, not done. */
function literal(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\uFFFD');
}
