import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileSource } from '../src/clients/files/file-source.ts';
import { answer } from '../src/jobs/answer.ts';
import { outline } from './helpers/run-check.ts';

interface Expected {
  readonly topic: string;
  readonly namespace: string;
  readonly verdict: string;
  readonly headline: string;
  /** Those that are not fine. */
  readonly findings: readonly string[];
  /** How many connections work, fail, or are unknown. */
  readonly connections: Readonly<Record<string, number>>;
}

/** Each example is a mesh in files, and what meshbot says of it. */
describe('examples', () => {
  for (const file of globSync('examples/*/expected.json')) {
    const folder = path.dirname(file);
    it(folder, async () => {
      const expected = JSON.parse(readFileSync(file, 'utf8')) as Expected;
      const { topic, namespace } = expected;
      const cluster = await fileSource([path.join(folder, 'mesh')]);
      const { report } = await answer({ topic, target: { cluster: 'example', namespace } }, { cluster });
      const { verdict, headline } = report;
      const findings = [...new Set(outline(report.findings.filter(({ severity }) => severity !== 'ok')))];
      const outcomes = Map.groupBy(report.connections ?? [], ({ outcome }) => outcome);
      const connections = Object.fromEntries(Array.from(outcomes, ([outcome, all]) => [outcome, all.length]));
      assert.deepEqual({ topic, namespace, verdict, headline, findings, connections }, expected);
    });
  }

  it('are there', () => {
    assert.notEqual(globSync('examples/*/expected.json').length, 0);
  });
});
