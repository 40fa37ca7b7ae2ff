import path from 'node:path';
import { run } from 'node:test';
import { inspect, styleText } from 'node:util';

const colour = (format, text) => styleText(format, text, { stream: process.stdout });

/**
 * Runs test files, so many at once, each in a process of its own. A test may take `limitMs`, and a file hardly more: what hangs
 * fails, and the others go on. Prints a dot per test, and all about those that failed or were skipped.
 */
export async function runFiles(files, { concurrency, limitMs }) {
  const begun = performance.now();
  const seen = { passed: 0, failures: [], skips: [], notes: [], output: new Map(), failedFiles: new Set(), marks: 0 };
  const queue = [...files];
  const lane = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) await runFile(seen, file, limitMs);
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  if (seen.marks % 100 !== 0) process.stdout.write('\n');
  for (const note of seen.notes) console.log(note);
  for (const skip of seen.skips) console.log(`skipped: ${skip}`);
  for (const failure of seen.failures) console.log(`\n${failure}`);
  printOutput(seen);
  const { passed, failures, skips } = seen;
  return { passed, failed: failures.length, skipped: skips.length, seconds: (performance.now() - begun) / 1000 };
}

async function runFile(seen, file, limitMs) {
  const events = run({
    files: [path.resolve(file)],
    timeout: limitMs,
    // A file that leaves a timer or a connection behind ends nevertheless; one that leaves a process is given up a little later.
    execArgv: ['--test-force-exit'],
    signal: AbortSignal.timeout(limitMs + 10_000),
  });
  for await (const event of events) {
    const mark = note(seen, event);
    if (!mark) continue;
    seen.marks += 1;
    process.stdout.write(seen.marks % 100 === 0 ? `${mark}\n` : mark);
  }
}

/** Keeps what an event tells; returns the dot that stands for it. */
function note(seen, { type, data }) {
  if (type === 'test:stdout' || type === 'test:stderr') {
    seen.output.set(data.file, [...(seen.output.get(data.file) ?? []), data.message]);
  }
  // What a test wants said, whether it passes or not. Those of a file as a whole are Node.js's own counts.
  if (type === 'test:diagnostic' && data.nesting > 0) seen.notes.push(data.message);
  if (type !== 'test:pass' && type !== 'test:fail') return '';
  if (data.skip !== undefined) {
    seen.skips.push(`${nameOf(data)}${typeof data.skip === 'string' && data.skip ? ` (${data.skip})` : ''}`);
    return colour('yellow', 's');
  }
  if (data.details.type === 'suite' && isOnlyParent(data)) return '';
  if (type === 'test:pass') {
    seen.passed += 1;
    return '.';
  }
  seen.failures.push(describe(data));
  seen.failedFiles.add(data.file);
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
  if (error?.failureType === 'testAborted')
    return `${colour('red', 'failed')} ${nameOf(data)} did not end in time. Did it leave a process behind?`;
  const text = cause instanceof Error ? inspect(cause, { colors: process.stdout.isTTY, depth: 5 }) : String(cause);
  return `${colour('red', 'failed')} ${nameOf(data)}\n${indented(text.split('\n').filter(isOurs))}`;
}

/** What failed files printed; that of the others is of no interest. */
function printOutput({ failedFiles, output }) {
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
