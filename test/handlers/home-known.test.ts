import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lookOf, rowOf } from '../../src/handlers/home/known.ts';
import type { Schedule } from '../../src/jobs/digests/schedules.ts';
import type { Digest } from '../../src/model/digest.ts';
import { isWell } from '../../src/report/health.ts';
import { bookinfo, day, finding, history, missing, report, run } from '../digests/run.ts';

const bad = finding('refused', 'error', 'reviews');
const other = finding('permissive', 'warning', 'ratings');

interface Case {
  readonly topics?: readonly string[];
  readonly days: readonly number[];
  readonly findings?: Parameters<typeof report>[0];
  readonly change?: Partial<Digest>;
}

/** What a digest knows that found the same on each of these days. */
function look({ topics = [], days, findings = [], change = {} }: Case) {
  const schedule: Schedule = {
    id: `d${topics.join('')}${days.join('')}`,
    channel: 'C1',
    cluster: 'eu',
    namespaces: ['bookinfo'],
    topics,
    words: 'daily 9:00',
    pattern: '0 9 * * *',
    timeZone: 'UTC',
    source: 'slack',
    createdAt: day(1),
    since: day(1),
  };
  const { state, digest } = history(days.map((number) => run(number, [report(findings)]))).last;
  const last = { digest: { ...digest, ...change }, run: { tick: digest.at, reason: 'tick' as const } };
  const kept = days.length === 0 ? { version: 0, state: { version: 1 as const, known: {}, blind: {}, trend: [] } } : {};
  return lookOf('bookinfo', schedule, { version: 1, state, last, ...kept });
}

const all = { days: [2], findings: [bad] };

for (const [what, looks, expected] of [
  ['one digest', [all], { error: 1, warning: 0, seenAt: day(2), topics: [] }],
  ['a later one about less, which is well', [all, { topics: ['mtls'], days: [3] }], { error: 1, seenAt: day(2) }],
  ['the same finding in two', [all, { topics: ['mtls'], days: [3], findings: [bad] }], { error: 1, seenAt: day(2) }],
  ['another finding in each', [all, { topics: ['mtls'], days: [3], findings: [other] }], { error: 1, warning: 1 }],
  ['a later one about as much, which saw all', [all, { days: [3] }], { error: 0, seenAt: day(3) }],
  [
    'a later one about as much, which could not see',
    [all, { days: [3], findings: [missing] }],
    { error: 1, unknown: 1 },
  ],
  [
    'a later one that kept not all',
    [all, { days: [3], change: { beyond: { known: 2, blind: 1 } } }],
    { error: 1, beyond: 3 },
  ],
  ['one about some topics', [{ topics: ['mtls'], days: [2] }], { error: 0, topics: ['mtls'] }],
  [
    'two about some topics',
    [
      { topics: ['mtls'], days: [2] },
      { topics: ['uwm'], days: [3] },
    ],
    { topics: ['uwm', 'mtls'], seenAt: day(2) },
  ],
  [
    'one that did not run yet, and one that did',
    [{ days: [] }, { ...all, topics: ['mtls'] }],
    { error: 1, topics: ['mtls'], seenAt: day(2) },
  ],
  [
    'one that asked of another namespace',
    [{ ...all, findings: [], change: { asked: [{ ...bookinfo, target: { cluster: 'eu', namespace: 'old' } }] } }],
    { seenAt: undefined },
  ],
] as const satisfies readonly (readonly [string, readonly Case[], object])[]) {
  describe(`a namespace on the board, by ${what}`, () => {
    for (const [order, given] of [
      ['', looks],
      [', the other way round', looks.toReversed()],
    ] as const) {
      it(`is counted once, and nothing is taken back${order}`, () => {
        const row = rowOf('bookinfo', given.map(look));
        assert.ok(row);
        const found = Object.keys(expected).map((key) => [key, row[key as keyof typeof row]]);
        assert.deepEqual(Object.fromEntries(found), expected);
        assert.equal(isWell(row), row.error + row.warning + row.unknown === 0);
      });
    }
  });
}
