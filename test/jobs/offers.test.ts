import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asks } from '../../src/jobs/asks.ts';
import { offersOf } from '../../src/jobs/offers.ts';
import type { FixRequest } from '../../src/model/fix.ts';
import type { Report } from '../../src/model/report.ts';
import { checkBench, job } from '../helpers/check-bench.ts';
import { exampleReport } from '../helpers/report.ts';

const strict: FixRequest = { fix: 'require-mtls', namespace: 'bookinfo' };
const rules: readonly FixRequest[] = ['ratings', 'reviews', 'details'].map((name) => ({
  fix: 'align-destination-rule-tls',
  namespace: 'bookinfo',
  name,
}));

/** A report whose findings ask for these, in this order; the last asks for none. */
function asking(...requests: readonly FixRequest[]): Report {
  const report = exampleReport();
  const [finding] = report.findings;
  assert.ok(finding);
  return { ...report, findings: [...requests.map((fix) => ({ ...finding, fix })), finding] };
}

const commands = (report: Report, isOffered: (one: FixRequest) => boolean = () => true) =>
  offersOf(report, 'r1', isOffered).map(({ command }) => command);

describe('the fixes that a report offers', () => {
  it('are those of its findings, each once, in their order', () => {
    assert.deepEqual(commands(asking(strict, ...rules.slice(0, 1), strict)), [
      'fix require-mtls bookinfo --cluster prod',
      'fix align-destination-rule-tls bookinfo/ratings --cluster prod',
    ]);
    assert.deepEqual(commands(asking({ fix: 'enable-user-workload-monitoring' })), [
      'fix enable-user-workload-monitoring --cluster prod',
    ]);
  });

  it('are none that the policy has no rule for', () => {
    const isOffered = ({ fix }: FixRequest) => fix !== 'require-mtls';
    assert.deepEqual(commands(asking(strict), isOffered), []);
    assert.equal(commands(asking(strict, ...rules), isOffered).length, rules.length);
  });

  it('can be told apart, by their ids and by what they say', () => {
    const several = offersOf(asking(...rules), 'r1', () => true);
    for (const part of ['id', 'label'] as const) {
      assert.equal(new Set(several.map((one) => one[part])).size, rules.length);
    }
  });
});

describe('the buttons of a verdict', () => {
  const bench = checkBench();

  interface Button {
    readonly action_id?: string;
    readonly value?: string;
  }

  function proposals(): readonly Button[] {
    const blocks = (bench.roots()[0]?.blocks ?? []) as unknown as readonly { readonly elements?: readonly Button[] }[];
    return blocks.flatMap(({ elements = [] }) => elements).filter((one) => one.action_id === 'run-it');
  }

  it('are two at most, and stand for what is typed', async () => {
    await bench.run({ answer: async () => ({ report: asking(strict, ...rules) }) });
    const commandsBehind = await Promise.all(
      proposals().map(async ({ value = '' }) => (await asks(bench.redis).load(value))?.command),
    );
    assert.deepEqual(commandsBehind, [
      'fix require-mtls bookinfo --cluster prod',
      'fix align-destination-rule-tls bookinfo/ratings --cluster prod',
    ]);
  });

  it('are none where nothing is offered', async () => {
    await bench.run({ answer: async () => ({ report: asking(strict) }), isOffered: () => false });
    assert.deepEqual(proposals(), []);
    assert.ok(await asks(bench.redis).load(job.requestId));
  });
});
