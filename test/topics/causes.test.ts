import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { checks } from '../../src/checks/index.ts';
import { answer } from '../../src/jobs/answer.ts';
import { type Finding, isProblem, type Ref, severities, worstOf } from '../../src/model/finding.ts';
import { statementsOf } from '../../src/model/statement.ts';
import { causesFirst, explain } from '../../src/topics/causes.ts';
import { clusterOf } from '../helpers/cluster.ts';
import { meshConfig, namespace, peerAuthentication, service, workload } from '../helpers/manifests.ts';

const declared = checks.flatMap(({ id, codes }) =>
  Object.entries(codes).flatMap(([code, { explains = [] }]) =>
    explains.map((symptom) => ({ cause: `${id}/${code}`, symptom })),
  ),
);

function finding(name: string, subject: Ref, more: Partial<Finding> = {}): Finding {
  const [check = '', code = ''] = name.split('/');
  const meaning = checks.find(({ id }) => id === check)?.codes[code];
  assert.ok(meaning, `${name} is no code`);
  const { severity, one, many } = meaning;
  return { check, code, severity, subject, says: { one, many }, because: [], ...more };
}

const api = { kind: 'Deployment', namespace: 'shop', name: 'api' };
const web = { ...api, name: 'web' };
const policy = { kind: 'PeerAuthentication', namespace: 'shop', name: 'strict' };

/** `mtls-policy/unprotected api < proxy-missing/missing`. */
function told(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ check, code, subject, explainedBy }) =>
    [`${check}/${code} ${subject.name}`, ...(explainedBy ? [`${explainedBy.check}/${explainedBy.code}`] : [])].join(
      ' < ',
    ),
  );
}

const judged = (...findings: readonly Finding[]) => told(causesFirst(explain(findings, checks)));

describe('declared causes', () => {
  const codes = new Set(checks.flatMap(({ id, codes: all }) => Object.keys(all).map((code) => `${id}/${code}`)));

  it('are there, name codes that there are, and go round in no circle', () => {
    assert.notEqual(declared.length, 0);
    for (const { symptom } of declared) assert.ok(codes.has(symptom), `${symptom} is no code`);
    const reach = (from: string, path: readonly string[]): void => {
      assert.ok(!path.includes(from), `${[...path, from].join(' explains ')}`);
      for (const { cause, symptom } of declared) if (cause === from) reach(symptom, [...path, from]);
    };
    for (const { cause } of declared) reach(cause, []);
  });

  it('are problems, as only a problem explains', () => {
    for (const { cause } of declared) assert.ok(isProblem(finding(cause, api)), cause);
  });

  it('stand on the page of the check that is explained', async () => {
    const { readFileSync } = await import('node:fs');
    for (const { cause, symptom } of declared) {
      const [check = '', code = ''] = symptom.split('/');
      const page = readFileSync(`docs/checks/${check}.md`, 'utf8');
      const [id = '', reason = ''] = cause.split('/');
      assert.match(
        page,
        new RegExp(`\`${code}\`[^\n]* explained by[^\n]*\`${id}/${reason}\``),
        `${symptom} < ${cause}`,
      );
    }
  });
});

describe('a finding is explained', () => {
  const cases: readonly { name: string; found: readonly Finding[]; expected: readonly string[] }[] = [
    {
      name: 'by what is said of the same workload',
      found: [finding('mtls-policy/unprotected', api), finding('proxy-missing/missing', api)],
      expected: ['proxy-missing/missing api', 'mtls-policy/unprotected api < proxy-missing/missing'],
    },
    {
      name: 'not by what is said of another',
      found: [finding('mtls-policy/unprotected', api), finding('proxy-missing/missing', web)],
      expected: ['proxy-missing/missing web', 'mtls-policy/unprotected api'],
    },
    {
      name: 'not by a namesake of another kind or namespace',
      found: [
        finding('mtls-policy/unprotected', api),
        finding('proxy-missing/missing', { ...api, kind: 'StatefulSet' }),
        finding('proxy-missing/missing', { ...api, namespace: 'other' }),
      ],
      expected: ['proxy-missing/missing api', 'proxy-missing/missing api', 'mtls-policy/unprotected api'],
    },
    {
      name: 'by what is said of the object that decides it',
      found: [
        finding('proxy-config/catching-up', web, { because: [policy] }),
        finding('proxy-config/catching-up', api),
        finding('recent-change/pending', policy),
      ],
      expected: [
        'proxy-config/catching-up api',
        'recent-change/pending strict',
        'proxy-config/catching-up web < recent-change/pending',
      ],
    },
    {
      name: 'by what is said of the whole workload, on each of its ports',
      found: [finding('mtls-policy/partly-outside', { ...api, port: 80 }), finding('proxy-missing/not-captured', api)],
      expected: ['proxy-missing/not-captured api', 'mtls-policy/partly-outside api < proxy-missing/not-captured'],
    },
    {
      name: 'not by what is fine',
      found: [finding('mtls-policy/unprotected', api), finding('proxy-missing/missing', api, { severity: 'info' })],
      expected: ['mtls-policy/unprotected api', 'proxy-missing/missing api'],
    },
    {
      name: 'where another of its kind is not',
      found: [
        finding('mtls-observed/contradicts', web, { to: 'shop/api' }),
        finding('mtls-observed/contradicts', api, { to: 'shop/web' }),
        finding('proxy-config/stale', api),
      ],
      expected: [
        'mtls-observed/contradicts web',
        'proxy-config/stale api',
        'mtls-observed/contradicts api < proxy-config/stale',
      ],
    },
  ];
  for (const { name, found, expected } of cases) {
    it(name, () => assert.deepEqual(judged(...found), expected));
  }
});

describe('causes come first', () => {
  it('as bad as the worst that they explain', () => {
    const worse = finding('mtls-policy/unprotected', api, { severity: 'error' });
    const milder = finding('proxy-missing/missing', api, { severity: 'warning' });
    const other = finding('mtls-policy/permissive', web);
    assert.deepEqual(judged(other, worse, milder), [
      'proxy-missing/missing api',
      'mtls-policy/permissive web',
      'mtls-policy/unprotected api < proxy-missing/missing',
    ]);
  });

  it('and what is explained before what is good to know', () => {
    const found = [
      finding('mtls-policy/strict', web),
      finding('proxy-missing/opted-out', web),
      finding('mtls-policy/unprotected', api),
      finding('proxy-missing/missing', api),
    ];
    assert.deepEqual(judged(...found).slice(1), [
      'mtls-policy/unprotected api < proxy-missing/missing',
      'proxy-missing/opted-out web',
      'mtls-policy/strict web',
    ]);
  });

  const codes = checks.flatMap(({ id, codes: all }) => Object.keys(all).map((code) => `${id}/${code}`));
  const pairs = [...new Set(declared.flatMap(({ cause, symptom }) => [cause, symptom]))];
  const refs = [api, web, { ...api, port: 80 }, policy];
  const found = fc.record({
    name: fc.oneof(fc.constantFrom(...pairs), fc.constantFrom(...codes)),
    subject: fc.constantFrom(...refs),
    severity: fc.option(fc.constantFrom(...severities), { nil: undefined }),
    because: fc.subarray(refs),
  });
  const findings = fc
    .array(found, { maxLength: 14 })
    .map((all) =>
      all.map(({ name, subject, severity, because }, index) =>
        finding(name, subject, { because, detail: [String(index)], ...(severity !== undefined && { severity }) }),
      ),
    );

  it('whatever was found: nothing is lost, no cause is below what it explains, none is explained by itself', () => {
    fc.assert(
      fc.property(findings, (all) => {
        const ordered = causesFirst(explain(all, checks));
        const ids = ordered.map(({ detail = [] }) => Number(detail[0]));
        assert.deepEqual(
          ids.toSorted((a, b) => a - b),
          [...all.keys()],
        );
        assert.equal(worstOf(ordered), worstOf(all));
        const [first] = ordered;
        assert.ok(first === undefined || first.explainedBy === undefined || !isProblem(first));
        assert.equal(first !== undefined && isProblem(first), all.some(isProblem));
        for (const [index, { explainedBy, check, code }] of ordered.entries()) {
          if (explainedBy === undefined) continue;
          assert.ok(
            declared.some(
              ({ cause, symptom }) =>
                `${explainedBy.check}/${explainedBy.code}` === cause && symptom === `${check}/${code}`,
            ),
          );
          const cause = ordered.findIndex(
            (one) =>
              one.check === explainedBy.check &&
              one.code === explainedBy.code &&
              one.subject === explainedBy.subject &&
              isProblem(one),
          );
          assert.ok(cause >= 0 && cause < index, 'the cause stands above');
        }
        const open = ordered.filter((one) => isProblem(one) && one.explainedBy === undefined).length;
        assert.ok(ordered.slice(0, open).every(({ explainedBy }) => explainedBy === undefined));
      }),
    );
  });

  it('and every finding is in one statement, which names its cause', () => {
    fc.assert(
      fc.property(findings, (all) => {
        const ordered = causesFirst(explain(all, checks));
        const statements = statementsOf(ordered, { cluster: 'test', namespace: 'shop' });
        assert.equal(
          statements.some(({ explainedBy }) => explainedBy !== undefined),
          ordered.some((one) => one.explainedBy),
        );
      }),
    );
  });
});

describe('a report', () => {
  const shop = [
    meshConfig({}),
    namespace('shop', { 'istio-injection': 'enabled' }),
    service('shop/api', { app: 'api' }, [{ name: 'http', port: 80, targetPort: 8080 }]),
    peerAuthentication('shop/default', 'STRICT'),
    workload('shop/api', { labels: { app: 'api' } }),
    workload('shop/web', { labels: { app: 'web' }, proxy: 'none' }),
  ];

  it('has the cause as its headline, and says below what comes from it', async () => {
    const target = { cluster: 'prod', namespace: 'shop' };
    const { report } = await answer({ topic: 'mtls', target }, { cluster: clusterOf(...shop) });
    assert.equal(report.verdict, 'error');
    assert.match(report.headline, /^web lacks the sidecar/);
    assert.deepEqual(told(report.findings.filter(isProblem)), [
      'proxy-missing/missing web',
      'mtls-connections/outsider-refused web < proxy-missing/missing',
      'mtls-policy/unprotected web < proxy-missing/missing',
    ]);
  });
});
