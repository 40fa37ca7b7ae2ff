import type { Report } from '../../src/model/report.ts';

/** A report with one bad finding, as checks make them. */
export function exampleReport(changes: Partial<Report> = {}): Report {
  return {
    version: 1,
    topic: 'mtls',
    target: { cluster: 'prod', namespace: 'bookinfo' },
    takenAt: '2026-11-24T12:00:00.000Z',
    verdict: 'warning',
    headline: 'reviews-v1 accepts plaintext',
    findings: [
      {
        check: 'mtls-policy',
        code: 'permissive',
        severity: 'warning',
        subject: { kind: 'Deployment', namespace: 'bookinfo', name: 'reviews-v1' },
        says: { one: 'accepts plaintext', many: 'accept plaintext' },
        because: [],
      },
    ],
    coverage: [
      {
        kind: 'workloads',
        source: 'test',
        at: '2026-11-24T12:00:00.000Z',
        status: 'collected',
        seen: 6,
        of: 6,
        unit: 'pod',
        notes: [],
      },
    ],
    ...changes,
  };
}
