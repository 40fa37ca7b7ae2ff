import { type Advance, advance } from '../../src/digests/engine.ts';
import type { Run } from '../../src/digests/run.ts';
import { type DigestState, emptyState } from '../../src/digests/state.ts';
import { buckets } from '../../src/model/digest.ts';
import type { Finding, Severity } from '../../src/model/finding.ts';
import type { Mute } from '../../src/model/mute.ts';
import type { Question } from '../../src/model/question.ts';
import type { Looked, Report } from '../../src/model/report.ts';

export const bookinfo: Question = { topic: 'mtls', target: { cluster: 'eu', namespace: 'bookinfo' } };

export function finding(code: string, severity: Severity, name: string, more: Partial<Finding> = {}): Finding {
  return {
    check: 'policy',
    code,
    severity,
    subject: { kind: 'Deployment', namespace: 'bookinfo', name },
    says: { one: `is ${code}`, many: `are ${code}` },
    because: [],
    ...more,
  };
}

/** What is known of the checks besides. */
export const ofChecks = { tellsNothing: ['policy/silent', 'other/silent'], wholeProxies: {} };

/** The check spoke, so that what it does not say is gone. */
export const spoke = finding('strict', 'ok', 'other');

export const missing: Finding = {
  ...finding('evidence-missing', 'unknown', 'policy'),
  subject: { kind: 'Check', name: 'policy' },
};

export function looked(
  seen: number,
  of: number,
  kind: Looked['kind'] = 'workloads',
): Extract<Looked, { readonly status: 'collected' }> {
  return { kind, source: 'test', at: '2026-11-02T09:00:00Z', status: 'collected', seen, of, unit: 'pod', notes: [] };
}

export function report(
  findings: readonly Finding[],
  { target, topic }: Question = bookinfo,
  coverage: readonly Looked[] = [looked(6, 6)],
): Report {
  return {
    version: 1,
    topic,
    target,
    takenAt: '2026-11-02T09:00:00Z',
    verdict: 'ok',
    headline: 'a headline',
    findings: [spoke, ...findings],
    coverage,
  };
}

export function day(number: number): string {
  return new Date(Date.UTC(2026, 10, number, 9)).toISOString();
}

export function run(number: number, reports: readonly Report[], more: Partial<Run> = {}): Run {
  const asked = [bookinfo];
  return { at: day(number), asked, reports, failures: [], kinds: {}, ...ofChecks, mutes: [], missed: [], ...more };
}

export function mute(code: string, from: number, until: number, more: Partial<Mute> = {}): Mute {
  return {
    id: `m-${code}`,
    code,
    cluster: 'eu',
    namespace: 'bookinfo',
    until: day(until),
    because: 'known',
    by: { team: 'T1', user: 'U1' },
    at: day(from),
    ...more,
  };
}

/** What each run of a history said, one `bucket code name` per finding, and the state at its end. */
export function history(runs: readonly Run[]): { readonly said: readonly string[][]; readonly last: Advance } {
  let state: DigestState = emptyState;
  let last = advance(state, runs[0] ?? run(1, []));
  const said = runs.map((one) => {
    last = advance(state, one);
    state = JSON.parse(JSON.stringify(last.state)) as DigestState;
    return saidIn(last);
  });
  return { said, last };
}

export function saidIn({ digest }: Advance): string[] {
  return buckets.flatMap((bucket) =>
    digest[bucket].map(({ finding: { code, subject } }) => `${bucket} ${code} ${subject.name}`),
  );
}
