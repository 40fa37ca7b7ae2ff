import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Report } from '../../src/model/report.ts';
import { mtls } from '../../src/topics/mtls.ts';

const common = { kind: 'proxies', source: 'test', at: '2026-01-01T00:00:00Z' } as const;
const missing = { ...common, status: 'missing', reason: 'forbidden', detail: 'I may not.' } as const;
const seen = (count: number, of: number) =>
  ({ ...common, status: 'collected', seen: count, of, unit: 'proxy', notes: [] }) as const;

const cases: readonly { name: string; coverage: Report['coverage']; basis: string }[] = [
  { name: 'without the proxies', coverage: [missing], basis: 'by policy' },
  { name: 'where there are none', coverage: [seen(0, 0)], basis: 'by policy' },
  { name: 'with some of them', coverage: [seen(5, 6)], basis: 'by policy and in 5 of 6 proxies' },
];

describe('mtls', () => {
  for (const { name, coverage, basis } of cases) {
    it(`claims no more than was looked at: ${name}`, () => {
      assert.ok(mtls.allWell('shop', coverage).endsWith(`, ${basis}`));
    });
  }
});
