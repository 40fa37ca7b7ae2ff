import { parseArgs } from 'node:util';
import { ack } from './ack.ts';
import { digests } from './digests.ts';
import { matrix } from './matrix.ts';
import type { Bench, Settings } from './measure/bench.ts';
import { tidyUp } from './measure/ending.ts';
import { keep, table } from './measure/results.ts';
import { pickup } from './pickup.ts';
import { scale } from './scale.ts';
import { start } from './start.ts';
import { verdict } from './verdict.ts';

/** `npm run bench -- [--quick] [--full] [name …]`: see docs/benchmarks.md. */

const benches: Readonly<Record<string, Bench>> = { start, ack, pickup, matrix, verdict, scale, digests };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, full: { type: 'boolean', default: false } },
});

const wanted = positionals.length > 0 ? positionals : Object.keys(benches);
const unknown = wanted.filter((name) => benches[name] === undefined);
if (unknown.length > 0) {
  process.stderr.write(`There is no bench ${unknown.join(', ')}. There are: ${Object.keys(benches).join(', ')}.\n`);
  process.exit(1);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void tidyUp().finally(() => process.exit(1)));
}

for (const name of wanted) {
  const bench = benches[name];
  if (bench !== undefined) await measure(name, bench, values);
}

async function measure(name: string, bench: Bench, settings: Settings): Promise<void> {
  process.stdout.write(`\n${name}: ${bench.about}\n`);
  const begun = performance.now();
  try {
    const outcome = await bench.run(settings);
    if ('skipped' in outcome) return void process.stdout.write(`Skipped: ${outcome.skipped}\n`);
    const took = performance.now() - begun;
    process.stdout.write(`\n${table(outcome.figures)}\n(${(took / 1000).toFixed(0)} s)\n`);
    if (!settings.quick) keep(name, outcome.figures, settings, took);
  } catch (error) {
    process.stderr.write(`${name} broke: ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 1;
  } finally {
    await tidyUp();
  }
}
