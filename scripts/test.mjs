// Runs the tests, suite by suite, and says at the end what passed, failed and was skipped.
//
//   npm test                                   all suites
//   npm test -- unit|parts|journeys|cluster    some of them
//   npm test -- test/checks FILE ...           the test files given, or below the folders given
//   npm test -- --no-skips                     a skipped suite or test is a failure; so it is where CI=true
//
// unit      the code alone: fast
// parts     parts of the program as they run: real Redis, the command line, servers, manifests
// journeys  a person's way through the whole program: real Bolt, real Redis, a fake Slack, a browser
// cluster   a real Kubernetes with a real Istio: see test/cluster/README.md
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { borrowCluster } from './test-cluster.mjs';
import { runFiles } from './test-run.mjs';
import { choose, filesOf } from './test-suites.mjs';

if (Number.parseInt(process.versions.node, 10) < 24) {
  console.error(`The tests need Node.js 24, this is ${process.version}. Run them with: npm test`);
  process.exit(1);
}

// A third of what small tests take is compiling: test files, and the programs that they start, find it done here.
process.env.NODE_COMPILE_CACHE ??= path.resolve('node_modules/.cache/compiled');

/** What one test may take, in ms. */
const limits = { unit: 90_000, parts: 90_000, journeys: 300_000, cluster: 900_000 };
const wanted = process.argv.slice(2);
const strict = process.env.CI === 'true' || wanted.includes('--no-skips');
const suites = choose(wanted.filter((one) => one !== '--no-skips'));
const results = [];
for (const suite of suites) results.push({ name: suite.name, ...(await runSuite(suite)) });
report(results);
// A process that a test left behind must not keep this one.
setTimeout(() => process.exit(), 3_000).unref();

async function runSuite({ name, files = filesOf(name) }) {
  const none = { passed: 0, failed: 0, skipped: 0, seconds: 0 };
  if (files.length === 0) return { ...none, skipped: 1, why: 'it has no tests yet' };
  console.log(`\n${name}: ${files.length} files`);
  const needsCluster = name === 'cluster' || files.some((file) => file.startsWith('test/cluster/'));
  if (!needsCluster) return runFiles(files, { concurrency: concurrencyOf(name), limitMs: limits[name] });
  const begun = performance.now();
  const cluster = await borrowCluster();
  if (cluster.skip) return { ...none, skipped: 1, why: cluster.skip };
  if (cluster.error) return { ...none, failed: 1, why: cluster.error };
  try {
    const result = await runFiles(files, { concurrency: 1, limitMs: limits.cluster });
    return { ...result, seconds: (performance.now() - begun) / 1000 };
  } finally {
    cluster.giveBack();
  }
}

function concurrencyOf(name) {
  return name === 'unit' || name === 'parts' ? Math.min(4, availableParallelism()) : 1;
}

function report(all) {
  const sum = (key) => all.reduce((total, result) => total + result[key], 0);
  const width = Math.max(...all.map(({ name }) => name.length));
  console.log();
  for (const { name, passed, failed, skipped, seconds, why } of all) {
    const what = why
      ? `${failed > 0 ? 'failed' : 'skipped'}: ${why}`
      : `${count(passed, failed, skipped)} (${seconds.toFixed(1)} s)`;
    console.log(`${name.padEnd(width)}  ${what}`);
  }
  const [passed, failed, skipped] = [sum('passed'), sum('failed'), sum('skipped')];
  if (strict && skipped > 0)
    console.log(
      `Nothing may be skipped here (${process.env.CI === 'true' ? 'CI=true' : '--no-skips'}), so this run failed.`,
    );
  console.log(count(passed, failed, skipped));
  process.exitCode = failed > 0 || passed === 0 || (strict && skipped > 0) ? 1 : 0;
}

function count(passed, failed, skipped) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
