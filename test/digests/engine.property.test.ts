import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { advance } from '../../src/digests/engine.ts';
import { fingerprintOf } from '../../src/digests/fingerprint.ts';
import { questionKey, type Run } from '../../src/digests/run.ts';
import { type DigestState, emptyState } from '../../src/digests/state.ts';
import { type Bucket, buckets, type Digest } from '../../src/model/digest.ts';
import type { Finding, Ref } from '../../src/model/finding.ts';
import type { Question } from '../../src/model/question.ts';
import type { Report } from '../../src/model/report.ts';
import { bookinfo, day, finding, looked, missing, mute, ofChecks } from './run.ts';

const questions: readonly Question[] = [bookinfo, { topic: 'mtls', target: { cluster: 'eu', namespace: 'payments' } }];
const names = ['a', 'b', 'c'];
const codes = {
  permissive: 'warning',
  outside: 'warning',
  disabled: 'error',
  unclear: 'unknown',
  strict: 'ok',
  // Tells nothing of its subject.
  silent: 'info',
} as const;
type Code = keyof typeof codes;

const anyFinding = fc
  .record({
    code: fc.constantFrom(...(Object.keys(codes) as Code[])),
    name: fc.constantFrom(...names),
    check: fc.constantFrom('policy', 'other'),
    elsewhere: fc.boolean(),
  })
  .map(({ code, name, check, elsewhere }) => {
    const subject = { kind: 'Deployment', namespace: elsewhere ? 'payments' : 'bookinfo', name };
    return finding(code, codes[code], name, { check, subject });
  });

const anyReport = (question: Question) =>
  fc
    .record({
      findings: fc.array(anyFinding, { maxLength: 5 }),
      isMissing: fc.nat(9).map((n) => n === 0),
      isPartial: fc.nat(5).map((n) => n === 0),
    })
    .map(
      ({ findings, isMissing, isPartial }): Report => ({
        version: 1,
        ...question,
        takenAt: day(1),
        verdict: 'ok',
        headline: 'a headline',
        findings: isMissing ? [missing, ...findings.filter(({ check }) => check === 'other')] : findings,
        coverage: [looked(isPartial ? 5 : 6, 6)],
      }),
    );

const anyMute = fc
  .record({
    code: fc.constantFrom('permissive', 'disabled', 'unclear'),
    from: fc.nat(10),
    lasts: fc.integer({ min: 1, max: 6 }),
  })
  .map(({ code, from, lasts }) => mute(code, from, from + lasts));

const anyHistory = fc
  .record({
    runs: fc.array(
      fc.record({
        reports: fc.tuple(...questions.map((one) => fc.option(anyReport(one), { nil: undefined, freq: 6 }))),
        asked: fc.nat(9).map((n) => (n === 0 ? questions.slice(1) : questions)),
        gap: fc.nat(9).map((n) => (n === 0 ? 20 : 1)),
        restarts: fc.boolean(),
      }),
      { minLength: 2, maxLength: 12 },
    ),
    mutes: fc.array(anyMute, { maxLength: 3 }),
  })
  .map(({ runs, mutes }) => {
    let at = 0;
    return runs.map(({ reports, asked, gap, restarts }) => {
      at += gap;
      const run: Run = {
        at: day(at),
        asked,
        reports: reports.filter((one) => one !== undefined),
        failures: [],
        kinds: {},
        ...ofChecks,
        mutes,
        missed: [],
      };
      return { run, restarts };
    });
  });

describe('any history of reports, mutes and restarts', () => {
  it('puts every finding in one bucket, loses none, and calls fixed only what was seen to be gone', () => {
    fc.assert(
      fc.property(anyHistory, (runs) => {
        let state: DigestState = emptyState;
        let before: Digest | undefined;
        for (const { run, restarts } of runs) {
          const next = advance(restarts ? (JSON.parse(JSON.stringify(state)) as DigestState) : state, run);
          assertOneBucketEach(state, run, next.digest);
          assertFixedIsGone(state, run, next.digest);
          assertMutes(run, next.digest, before);
          state = next.state;
          before = next.digest;
        }
      }),
      { numRuns: 600 },
    );
  });
});

function answered({ asked, reports }: Run): readonly Report[] {
  const keys = asked.map(questionKey);
  return reports.filter((one) => keys.includes(questionKey(one)));
}

function presentAs(run: Run, isWanted: (one: Finding) => boolean): Set<string> {
  return new Set(
    answered(run).flatMap(({ findings, target }) => findings.filter(isWanted).map((one) => fingerprintOf(one, target))),
  );
}

function assertOneBucketEach(state: DigestState, run: Run, digest: Digest): void {
  const bad = presentAs(run, ({ severity }) => severity === 'error' || severity === 'warning');
  const unknown = presentAs(run, ({ severity }) => severity === 'unknown');
  const known = Object.entries(state.known).filter(([, { told }]) => told !== 'fixed');
  const expected = new Set([...bad, ...unknown, ...known.map(([fingerprint]) => fingerprint)]);
  const told = [
    ...buckets.flatMap((bucket) =>
      digest[bucket].flatMap(({ fingerprint, was }) => [...new Set([fingerprint, was?.fingerprint ?? fingerprint])]),
    ),
    ...digest.blind.map(({ id }) => id).filter((id) => !id.startsWith('[')),
  ];
  assert.deepEqual(told.toSorted(), [...expected].toSorted());
  for (const bucket of ['fixed', 'notSeen'] as const) {
    for (const { fingerprint } of digest[bucket]) assert.ok(!bad.has(fingerprint), `${bucket} although it is there`);
  }
}

/** By what the reports say alone. */
function assertFixedIsGone(state: DigestState, run: Run, digest: Digest): void {
  const replaced = [...digest.worse, ...digest.better].flatMap(({ was, fingerprint }) =>
    was === undefined || was.fingerprint === fingerprint ? [] : [was.fingerprint],
  );
  for (const fingerprint of [...digest.fixed.map((one) => one.fingerprint), ...replaced]) {
    const known = state.known[fingerprint];
    assert.ok(known, 'only what was known can be fixed');
    const { check, subject } = known.finding;
    const asked = known.questions.filter((key) => run.asked.map(questionKey).includes(key));
    const reports = answered(run).filter((one) => asked.includes(questionKey(one)));
    assert.equal(reports.length, asked.length, 'each question is answered');
    assert.notEqual(asked.length, 0);
    for (const { findings, coverage, target } of reports) {
      const own = findings.filter((one) => one.check === check);
      const told = own.filter(({ code }) => code !== 'silent');
      assert.notEqual(told.length, 0, 'the check told something');
      const isHere = subject.namespace === target.namespace;
      const isToldOf = told.some(({ severity, subject: one }) => severity !== 'unknown' && isAlike(one, subject));
      assert.ok(isHere || isToldOf, 'what lies beyond the question was looked at');
      assert.ok(
        coverage.every((one) => one.status === 'collected' && one.seen === one.of),
        'all was seen',
      );
      const open = own.filter(({ severity, code }) => severity === 'unknown' || code === 'silent');
      assert.ok(
        open.every((one) => one.subject.kind !== 'Check' && !isAlike(one.subject, subject)),
        'nothing was unknown about it',
      );
    }
  }
}

function isAlike(one: Ref, other: Ref): boolean {
  return one.namespace === other.namespace && one.name === other.name;
}

const shown: readonly Bucket[] = ['new', 'worse', 'better', 'unchanged', 'muteEnded', 'flapping'];

function assertMutes(run: Run, digest: Digest, before: Digest | undefined): void {
  const isMuted = ({ code, subject: { namespace } }: Pick<Finding, 'code' | 'subject'>) =>
    run.mutes.some((one) => one.code === code && one.namespace === namespace && one.at <= run.at && run.at < one.until);
  for (const bucket of shown) {
    for (const item of digest[bucket]) assert.ok(!isMuted(item.finding), `${bucket} although it is muted`);
  }
  for (const { finding, mute: by } of digest.muted) {
    assert.ok(isMuted(finding));
    assert.ok(by !== undefined && run.at < by.until);
  }
  const isBack = new Set([...digest.muteEnded, ...digest.flapping].map(({ fingerprint }) => fingerprint));
  const bad = presentAs(run, ({ severity }) => severity === 'error' || severity === 'warning');
  for (const { fingerprint, finding } of before?.muted ?? []) {
    if (bad.has(fingerprint) && !isMuted(finding)) assert.ok(isBack.has(fingerprint), 'a mute that ended is told');
  }
}
