import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, totalmem } from 'node:os';
import path from 'node:path';
import type { Figure, Settings } from './bench.ts';

const folder = path.join(import.meta.dirname, '..', 'results');

/** Keeps what a bench found as `bench/results/<name>.json`. */
export function keep(name: string, figures: readonly Figure[], settings: Settings, tookMs: number): void {
  mkdirSync(folder, { recursive: true });
  const result = {
    date: new Date().toISOString(),
    ...settings,
    tookSeconds: Math.round(tookMs / 1000),
    ...origin(),
    figures,
  };
  writeFileSync(path.join(folder, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
}

function origin() {
  return {
    commit: git('rev-parse', '--short', 'HEAD'),
    changed: git('status', '--porcelain', '--', 'src').length > 0,
    machine: {
      cores: availableParallelism(),
      memoryGb: Math.round(totalmem() / 2 ** 30),
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      /** Processes that wanted to run, over the last minute: far above the cores, figures are too high. */
      load: Number((loadavg()[0] ?? 0).toFixed(1)),
    },
  };
}

function git(...args: readonly string[]): string {
  try {
    return execFileSync('git', args, { encoding: 'utf8', cwd: folder }).trim();
  } catch {
    return '';
  }
}

/** The figures as a table in Markdown, which is also good to read in a terminal. */
export function table(figures: readonly Figure[]): string {
  const rows = [['', 'ours', 'compared with', 'ratio', 'goal', ''], ...figures.map(cells)];
  const widths = rows[0]?.map((_, column) => Math.max(3, ...rows.map((row) => (row[column] ?? '').length))) ?? [];
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => ` ${'-'.repeat(width - 1)}${column === 0 || column === 5 ? '-' : ':'} `).join('|')}|`;
  const [head = [], ...body] = rows;
  return [line(head), rule, ...body.map(line)].join('\n');
}

function cells({ what, unit, ours, bare, ratio, goal, met, note }: Figure): readonly string[] {
  return [
    what,
    `${ours} ${unit}`,
    bare === undefined ? '' : `${bare} ${unit}`,
    ratio === undefined ? '' : `${ratio}×`,
    goal ?? '',
    [met === undefined ? '' : met ? 'met' : 'missed', note ?? ''].filter((one) => one !== '').join('; '),
  ];
}

function pad(cell: string, width: number, column: number): string {
  return column === 0 || column === 5 ? cell.padEnd(width) : cell.padStart(width);
}
