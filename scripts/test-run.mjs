import path from 'node:path';
import { run } from 'node:test';
import { inspect, styleText } from 'node:util';
import { leftOpenMark } from './test-ended.mjs';

const colour = (format, text) => styleText(format, text, { stream: process.stdout });

/**
 * Runs test files, so many at once, each in a process of its own. A test may take `limitMs`, and a file hardly more: what hangs
 * fails, and the others go on. So does a file whose process has not ended `closeMs` after its tests, or not all of whose tests were
 * seen. Prints a dot per test, and all about those that failed or were skipped.
 */
export async function runFiles(files, { concurrency, limitMs, closeMs = 8_000 }) {
  const begun = performance.now();
  const seen = { passed: 0, failures: [], skips: [], notes: [], output: new Map(), failedFiles: new Set(), marks: 0 };
  const queue = [...files];
  const lane = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift())
      await runFile(seen, file, { limitMs, closeMs });
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

async function runFile(seen, name, { limitMs, closeMs }) {
  const file = path.resolve(name);
  const whole = { tests: 0, ran: undefined, failure: undefined };
  const ended = new URL(`test-ended.mjs?closeMs=${closeMs}`, import.meta.url);
  const events = run({
    files: [file],
    timeout: limitMs,
    execArgv: ['--import', ended.href],
    // It may have left a process behind, which keeps what it writes to open.
    signal: AbortSignal.timeout(limitMs + 10_000),
  });
  for await (const event of events) {
    if (!follow(whole, file, event)) print(seen, note(seen, event));
  }
  const wrong = wrongWith(whole, linesOf(seen, file));
  if (wrong === undefined) return;
  seen.failures.push(`${colour('red', 'failed')} ${name}${wrong}`);
  seen.failedFiles.add(file);
  print(seen, colour('red', 'F'));
}

/** Keeps what an event tells of the file as a whole; returns whether that is all it tells. */
function follow(whole, file, { type, data }) {
  if (type === 'test:summary' && data.file !== undefined) whole.ran = data.counts.tests;
  if (type !== 'test:pass' && type !== 'test:fail') return false;
  const isOwn = data.name === file;
  if (isOwn && type === 'test:fail') whole.failure = data;
  if (!isOwn && data.details.type !== 'suite') whole.tests += 1;
  return isOwn;
}

/** What is wrong with a file whatever its tests found; `undefined` where nothing is. */
function wrongWith({ failure, ran, tests }, lines) {
  const leftOpen = lines.find((line) => line.startsWith(leftOpenMark));
  if (leftOpen !== undefined) return ` does not end by itself. ${leftOpen}`;
  if (failure !== undefined) return reasonOf(failure);
  if (ran === undefined) return ` ended before its tests did: ${tests} of them were seen`;
  return ran === tests ? undefined : ` ran ${ran} tests, of which ${tests} were seen`;
}

function print(seen, mark) {
  if (mark === '') return;
  seen.marks += 1;
  process.stdout.write(seen.marks % 100 === 0 ? `${mark}\n` : mark);
}

/** Keeps what an event tells; returns the dot that stands for it. */
function note(seen, { type, data }) {
  if (type === 'test:stdout' || type === 'test:stderr') {
    seen.output.set(data.file, [...(seen.output.get(data.file) ?? []), data.message]);
  }
  // What a test wants said, whether it passes or not, or what went wrong after it. Those of no file are Node.js's own counts.
  if (type === 'test:diagnostic' && data.file !== undefined) seen.notes.push(data.message);
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
  return `${colour('red', 'failed')} ${nameOf(data)}${reasonOf(data)}`;
}

function reasonOf({ details: { error } }) {
  if (error?.failureType === 'testAborted')
    return ' did not end in time. Did it leave a process behind, or is it still busy?';
  const cause = error?.cause ?? error;
  const text = cause instanceof Error ? inspect(cause, { colors: process.stdout.isTTY, depth: 5 }) : String(cause);
  return `\n${indented(text.split('\n').filter(isOurs))}`;
}

/** What failed files printed; that of the others is of no interest. */
function printOutput({ failedFiles, output }) {
  for (const file of failedFiles) {
    const lines = linesOf({ output }, file).filter(isOurs).slice(-60);
    if (lines.join('') !== '') console.log(`\noutput of ${path.relative('.', file)}:\n${indented(lines)}`);
  }
}

function linesOf({ output }, file) {
  return (output.get(file) ?? []).join('').trimEnd().split('\n');
}

/** A line of a stack inside Node.js helps nobody. */
function isOurs(line) {
  return !/^\s+at .*\bnode:internal/.test(line);
}

function indented(lines) {
  return lines.map((line) => `  ${line}`).join('\n');
}
