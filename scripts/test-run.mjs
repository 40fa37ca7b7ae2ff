import path from 'node:path';
import { run } from 'node:test';
import { inspect, styleText } from 'node:util';

const colour = (format, text) => styleText(format, text, { stream: process.stdout });

/** Runs test files, each in a process of its own. Prints a dot per test, and all about those that failed or were skipped. */
export async function runFiles(files, { concurrency }) {
  const seen = { failures: [], skips: [], output: new Map(), counts: undefined };
  const events = run({ files: files.map((file) => path.resolve(file)), concurrency, timeout: 600_000 });
  let column = 0;
  for await (const event of events) {
    const mark = note(seen, event);
    if (!mark) continue;
    process.stdout.write(mark);
    column += 1;
    if (column % 100 === 0) process.stdout.write('\n');
  }
  if (column % 100 !== 0) process.stdout.write('\n');
  for (const skip of seen.skips) console.log(`skipped: ${skip}`);
  for (const failure of seen.failures) console.log(`\n${failure}`);
  printOutput(seen);
  const { passed, failed, cancelled, skipped, todo } = seen.counts.counts;
  // A hook of a suite that fails is in no count.
  const lost = Math.max(0, seen.failures.length - failed - cancelled);
  return { passed: passed + todo, failed: failed + cancelled + lost, skipped, seconds: seen.counts.duration_ms / 1000 };
}

/** Keeps what an event tells; returns the dot that stands for it. */
function note(seen, { type, data }) {
  if (type === 'test:summary' && data.file === undefined) seen.counts = data;
  if (type === 'test:stdout' || type === 'test:stderr') {
    seen.output.set(data.file, [...(seen.output.get(data.file) ?? []), data.message]);
  }
  if (type !== 'test:pass' && type !== 'test:fail') return '';
  if (data.skip !== undefined) {
    seen.skips.push(`${nameOf(data)}${typeof data.skip === 'string' && data.skip ? ` (${data.skip})` : ''}`);
    return colour('yellow', 's');
  }
  if (data.details.type === 'suite' && isOnlyParent(data)) return '';
  if (type === 'test:pass') return '.';
  seen.failures.push(describe(data));
  seen.failedFiles = (seen.failedFiles ?? new Set()).add(data.file);
  return colour('red', 'F');
}

function isOnlyParent({ details }) {
  return details.error === undefined || details.error.failureType === 'subtestsFailed';
}

function nameOf({ name, file, line }) {
  return `${file ? path.relative('.', file) : ''}${line ? `:${line}` : ''} ${name}`;
}

function describe(data) {
  const { error } = data.details;
  const cause = error?.cause ?? error;
  const text = cause instanceof Error ? inspect(cause, { colors: process.stdout.isTTY, depth: 5 }) : String(cause);
  return `${colour('red', 'failed')} ${nameOf(data)}\n${indented(text.split('\n').filter(isOurs))}`;
}

/** What failed files printed; that of the others is of no interest. */
function printOutput({ failedFiles = [], output }) {
  for (const file of failedFiles) {
    const lines = (output.get(file) ?? []).join('').trimEnd().split('\n').filter(isOurs).slice(-60);
    if (lines.join('') !== '') console.log(`\noutput of ${path.relative('.', file)}:\n${indented(lines)}`);
  }
}

/** A line of a stack inside Node.js helps nobody. */
function isOurs(line) {
  return !/^\s+at .*\bnode:internal/.test(line);
}

function indented(lines) {
  return lines.map((line) => `  ${line}`).join('\n');
}
