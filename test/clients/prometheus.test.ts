import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { type PrometheusOptions, prometheus } from '../../src/clients/prometheus.ts';
import { SourceError } from '../../src/model/sources.ts';
import { type Answer, type Request, recorded, stores, vector } from '../helpers/prometheus.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'meshbot-prometheus-'));
after(() => rmSync(dir, { recursive: true, force: true }));

function client(url: string, options: Partial<PrometheusOptions> = {}) {
  const made = prometheus({ url, deadlineMs: 2_000, ...options });
  after(() => made.close());
  return made;
}

async function askOnce(answer: Answer, options: Partial<PrometheusOptions> = {}) {
  return client(await recorded(() => answer), options).query('up');
}

async function refused(asked: Promise<unknown>): Promise<SourceError> {
  const error: unknown = await asked.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  assert.ok(error instanceof SourceError, String(error));
  return error;
}

const page = { type: 'text/html', body: '<html><body>Log in</body></html>' };
const failed = (errorType: string, error: string) => JSON.stringify({ status: 'error', errorType, error });
const refusals: readonly (readonly [string, Answer, SourceError['reason']])[] = [
  ['a token that is not known', { status: 401, type: 'text/plain', body: 'Unauthorized' }, 'unauthenticated'],
  ['a redirect to a log-in page', { status: 302, ...page, headers: { location: '/oauth/start' } }, 'unauthenticated'],
  [
    'a missing right',
    { status: 403, type: 'text/plain', body: 'Forbidden (user=system:serviceaccount:meshbot:worker)' },
    'forbidden',
  ],
  ['a log-in page with success', { status: 200, ...page }, 'unreachable'],
  ['JSON of something else', { status: 200, body: '{"kind":"Status"}' }, 'unreachable'],
  ['JSON that is cut off', { status: 200, body: '{"status":"succ' }, 'unreachable'],
  ['a query that is wrong', { status: 400, body: failed('bad_data', 'parse error') }, 'invalid'],
  ['a store that Thanos cannot reach', { status: 422, body: failed('execution', 'no such store') }, 'partial'],
  ['an overload', { status: 503, body: failed('timeout', 'query timed out') }, 'unreachable'],
  ['a router without a server', { status: 503, ...page }, 'unreachable'],
];

describe('the Prometheus client', () => {
  it('reads series, with numbers that JSON has no word for', async () => {
    const { series, partial } = await askOnce(
      vector([{ pod: 'a' }, '12.5'], [{ pod: 'b' }, 'NaN'], [{ pod: 'c' }, '+Inf'], [{ pod: 'd' }, '-Inf']),
    );
    assert.deepEqual(
      series.map(({ value }) => value),
      [12.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    );
    assert.deepEqual(series[0], { labels: { pod: 'a' }, value: 12.5, at: '2026-12-02T12:00:00.123Z' });
    assert.equal(partial, false);
  });

  it('takes no series for none', async () => {
    assert.deepEqual(await askOnce(vector()), { series: [], warnings: [], partial: false });
  });

  it('says where an answer is partial', async () => {
    const body = JSON.stringify({ ...JSON.parse(vector().body), warnings: ['store x is down'] });
    const { partial, warnings } = await askOnce({ body });
    assert.deepEqual([partial, warnings], [true, ['store x is down']]);
  });

  for (const [what, answer, reason] of refusals) {
    it(`gives the reason and a next step for ${what}`, async () => {
      const error = await refused(askOnce(answer));
      assert.equal(error.reason, reason);
      assert.ok(error.next);
    });
  }

  it('asks Thanos not to leave parts out, and sends what the address says along', async () => {
    const asked: Request[] = [];
    const url = await recorded((request) => {
      asked.push(request);
      return vector();
    });
    await client(`${url}/prometheus/?namespace=shop`).query('up{a="b&c"}');
    assert.deepEqual(Object.fromEntries(asked[0]?.params ?? []), {
      namespace: 'shop',
      partial_response: 'false',
      query: 'up{a="b&c"}',
    });
  });

  it('reads what a querier answers from, and that one Prometheus has no such list', async () => {
    const asked: string[] = [];
    const url = await recorded(({ endpoint }) => {
      asked.push(endpoint);
      return stores(['10.0.0.1:10901', 'openshift-monitoring/k8s'], ['10.0.0.2:10901', 'user', 'connection refused']);
    });
    const found = await client(url).stores();
    assert.deepEqual(
      found?.map(({ name, isUp, labels }) => [name, isUp, labels[0]?.prometheus]),
      [
        ['10.0.0.1:10901', true, 'openshift-monitoring/k8s'],
        ['10.0.0.2:10901', false, 'user'],
      ],
    );
    assert.deepEqual(asked, ['stores']);
    const page404 = { status: 404, type: 'text/plain', body: '404 page not found' };
    assert.equal(await client(await recorded(() => page404)).stores(), undefined);
    const forbidden = client(await recorded(() => ({ status: 403, type: 'text/plain', body: 'Forbidden' })));
    assert.equal((await refused(forbidden.stores())).reason, 'forbidden');
  });

  it('shows the token of now, for tokens rotate', async () => {
    const seen: (string | undefined)[] = [];
    const url = await recorded(({ authorization }) => {
      seen.push(authorization);
      return vector();
    });
    const tokenFile = path.join(dir, 'token');
    const asker = client(url, { tokenFile });
    for (const token of ['one', 'two']) {
      writeFileSync(tokenFile, `${token}\n`);
      await asker.query('up');
    }
    await client(url.replace('//', '//ana:p%40ss@')).query('up');
    assert.deepEqual(seen, ['Bearer one', 'Bearer two', `Basic ${btoa('ana:p@ss')}`]);
  });

  it('never shows what its address holds of a password', async () => {
    const asker = client('http://ana:canary@127.0.0.1:1/');
    assert.ok(!asker.source.includes('canary'));
    const error = await refused(asker.query('up'));
    assert.equal(error.reason, 'unreachable');
    assert.ok(!error.message.includes('canary'));
  });

  it('gives up after its deadline', async () => {
    const url = await recorded(() => undefined);
    assert.equal((await refused(client(url, { deadlineMs: 100 }).query('up'))).reason, 'timeout');
  });

  it('takes no answer without end', async () => {
    const many = vector(...Array.from({ length: 100 }, () => [{ pod: 'x'.repeat(100) }, '1'] as const));
    assert.equal((await refused(askOnce(many, { maxBytes: 1_000 }))).reason, 'unreachable');
  });

  it('says which file it cannot read', async () => {
    const error = await refused(askOnce(vector(), { tokenFile: path.join(dir, 'none') }));
    assert.equal(error.reason, 'unauthenticated');
    assert.match(error.message, /PROMETHEUS_TOKEN_FILE/);
  });
});
