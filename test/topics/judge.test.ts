import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defineCheck } from '../../src/model/check.ts';
import type { Evidence, EvidenceKind, Snapshot } from '../../src/model/evidence.ts';
import type { Report } from '../../src/model/report.ts';
import { defineTopic } from '../../src/model/topic.ts';
import { judge } from '../../src/topics/judge.ts';

const takenAt = '2026-01-01T00:00:00Z';
const good = defineCheck({
  id: 'good',
  title: 'Good',
  needs: ['workloads'],
  codes: { fine: { severity: 'ok', one: 'is fine', many: 'are fine' } },
  *evaluate({ workloads }) {
    for (const { kind, name } of workloads) yield { code: 'fine', subject: { kind, name } };
  },
});
const broken = defineCheck({
  id: 'broken',
  title: 'Broken',
  needs: ['workloads'],
  codes: { fine: { severity: 'ok', one: 'is fine', many: 'are fine' } },
  evaluate() {
    throw new Error('boom');
  },
});

function topic(...checks: ReturnType<typeof defineCheck>[]) {
  return defineTopic({
    id: 'test',
    title: 'Test',
    question: 'Is it?',
    scope: 'namespace',
    checks,
    allWell: () => 'all is well',
    cannotTell: () => 'I cannot tell',
    needs: [],
    facts: () => ({}),
  });
}

function snapshot(evidence: { readonly [K in EvidenceKind]?: Evidence<K> }): Snapshot {
  return { version: 1, target: { cluster: 'test', namespace: 'shop' }, takenAt, evidence };
}

const coverage = { seen: 1, of: 1, unit: 'pod', notes: [] };
const web = {
  kind: 'Deployment',
  namespace: 'shop',
  name: 'web',
  labels: {},
  annotations: {},
  serviceAccount: 'default',
  ports: [],
  hostNetwork: false,
  pods: [],
};
const collected = { status: 'collected', source: 'test', at: takenAt, coverage, value: [web] } as const;
const missing = { status: 'missing', source: 'test', at: takenAt, reason: 'forbidden', detail: 'I may not.' } as const;

const noProxies = {
  ...collected,
  coverage: { seen: 0, of: 0, unit: 'proxy', notes: [] },
  value: { seen: [], unseen: [] },
} as const;
const sharp = defineCheck({
  id: 'sharp',
  title: 'Sharp',
  needs: ['workloads'],
  wants: ['proxies'],
  codes: { given: { severity: 'ok', one: 'was given', many: 'were given' } },
  *evaluate(evidence, _target, moment) {
    const detail = [...Object.keys(evidence).toSorted(), moment.takenAt];
    yield { code: 'given', subject: { kind: 'Check', name: 'sharp' }, detail };
  },
});

describe('judge', () => {
  it('is ok only where something was seen and is good', () => {
    const report = judge(topic(good), snapshot({ workloads: collected }));
    assert.equal(report.verdict, 'ok');
    assert.equal(report.headline, 'all is well');
  });

  it('is unknown where evidence is missing, and says why', () => {
    const { verdict, findings, headline } = judge(topic(good), snapshot({ workloads: missing }));
    assert.equal(verdict, 'unknown');
    assert.deepEqual(
      findings.map(({ code }) => code),
      ['evidence-missing'],
    );
    assert.match(headline, /I may not/);
  });

  it('is unknown where evidence was never collected', () => {
    assert.equal(judge(topic(good), snapshot({})).verdict, 'unknown');
  });

  it('is unknown where there is nothing to judge', () => {
    const { findings } = judge(topic(good), snapshot({ workloads: { ...collected, value: [] } }));
    assert.deepEqual(
      findings.map(({ severity, code }) => `${severity} ${code}`),
      ['unknown nothing-to-check'],
    );
  });

  it('turns a crash into unknown, and keeps the other answers', () => {
    const { verdict, findings } = judge(topic(good, broken), snapshot({ workloads: collected }));
    assert.equal(verdict, 'unknown');
    assert.deepEqual(
      findings.map(({ code }) => code),
      ['check-crashed', 'fine'],
    );
  });

  it('lists what was looked at, missing kinds too', () => {
    const { coverage: looked } = judge(topic(good), snapshot({ workloads: missing }));
    assert.deepEqual(
      looked.map(({ kind, status }) => `${kind} ${status}`),
      ['namespaces missing', 'workloads missing'],
    );
  });

  it('leaves out a check whose wanted evidence is missing, and says what was not seen', () => {
    const { verdict, findings, coverage: looked } = judge(topic(good, sharp), snapshot({ workloads: collected }));
    assert.equal(verdict, 'ok');
    assert.deepEqual(
      findings.map(({ code }) => code),
      ['fine'],
    );
    assert.ok(looked.some(({ kind, status }) => kind === 'proxies' && status === 'missing'));
  });

  it('is unknown where a check with wants lacks what it needs', () => {
    const { findings } = judge(topic(sharp), snapshot({ proxies: noProxies }));
    assert.deepEqual(
      findings.map(({ severity, code }) => `${severity} ${code}`),
      ['unknown evidence-missing'],
    );
  });

  it('gives a check what it wants where it is there, and the time', () => {
    const { findings } = judge(topic(sharp), snapshot({ workloads: collected, proxies: noProxies }));
    assert.deepEqual(findings[0]?.detail, ['proxies', 'workloads', takenAt]);
  });

  it('says what the verdict rests on', () => {
    const frank = {
      ...topic(good, sharp),
      allWell: (_: string, all: Report['coverage']) => all.map(({ status }) => status).join(),
    };
    const { headline } = judge(frank, snapshot({ workloads: collected }));
    assert.equal(headline, 'missing,collected,missing');
  });

  it('gives a check only the evidence that it declares', () => {
    const nosy = defineCheck({
      id: 'nosy',
      title: 'Nosy',
      needs: ['workloads'],
      codes: { keys: { severity: 'info', one: 'was given', many: 'were given' } },
      *evaluate(evidence) {
        yield { code: 'keys', subject: { kind: 'Check', name: 'nosy' }, detail: Object.keys(evidence) };
      },
    });
    const services = { ...collected, value: [] } as const;
    const { findings } = judge(topic(nosy), snapshot({ workloads: collected, services }));
    assert.deepEqual(findings[0]?.detail, ['workloads']);
  });
});
