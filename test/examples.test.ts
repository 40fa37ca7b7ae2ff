import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileSource } from '../src/clients/files/file-source.ts';
import { readSnapshot } from '../src/clients/files/snapshot.ts';
import { answer, answerFrom } from '../src/jobs/answer.ts';
import type { Question } from '../src/model/question.ts';
import type { Report } from '../src/model/report.ts';
import { outline } from './helpers/run-check.ts';

interface Expected {
  readonly topic: string;
  /** Absent: the question is about the whole cluster. */
  readonly namespace?: string;
  readonly verdict: string;
  readonly headline: string;
  /** Those that are not fine. */
  readonly findings: readonly string[];
  /** How many connections work, fail, or are unknown. */
  readonly connections: Readonly<Record<string, number>>;
}

/** Each example is a mesh in files, or a snapshot of one that ran, and what meshbot says of it. */
describe('examples', () => {
  for (const file of globSync('examples/*/expected.json')) {
    const folder = path.dirname(file);
    it(folder, async () => {
      const expected = JSON.parse(readFileSync(file, 'utf8')) as Expected;
      const { topic, namespace } = expected;
      const place = { ...(namespace !== undefined && { namespace }) };
      const report = await judged(folder, { topic, target: { cluster: 'example', ...place } });
      const { verdict, headline } = report;
      const findings = [...new Set(outline(report.findings.filter(({ severity }) => severity !== 'ok')))];
      const outcomes = Map.groupBy(report.connections ?? [], ({ outcome }) => outcome);
      const connections = Object.fromEntries(Array.from(outcomes, ([outcome, all]) => [outcome, all.length]));
      assert.deepEqual({ topic, ...place, verdict, headline, findings, connections }, expected);
    });
  }

  it('are there', () => {
    assert.notEqual(globSync('examples/*/expected.json').length, 0);
  });
});

async function judged(folder: string, question: Question): Promise<Report> {
  const saved = path.join(folder, 'snapshot.json');
  if (existsSync(saved)) return answerFrom(readSnapshot(saved), question);
  const cluster = await fileSource([path.join(folder, 'mesh')]);
  const { report } = await answer(question, { cluster });
  return report;
}
