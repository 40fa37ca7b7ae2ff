import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answer } from '../../src/jobs/answer.ts';
import type { Report } from '../../src/model/report.ts';
import { listed } from '../../src/model/statement.ts';
import { toJson } from '../../src/report/json.ts';
import { toMarkdown } from '../../src/report/markdown.ts';
import { evidenceMessages, verdictMessage } from '../../src/report/slack.ts';
import { problemsOf } from '../../src/report/slack-message.ts';
import { toText } from '../../src/report/text.ts';
import { counted, seconds } from '../../src/report/words.ts';
import { clusterOf, withoutRight } from '../helpers/cluster.ts';
import { meshConfig, namespace, peerAuthentication, service, workload } from '../helpers/manifests.ts';

const meta = { cluster: 'prod-eu', askedBy: 'U1', tookMs: 412, requestId: 'r1', command: 'mtls shop' };
const plainly = { tookMs: 412, paint: (_severity: string, text: string) => text };

const shop = [
  meshConfig({}),
  service('shop/api', { app: 'api' }, [{ name: 'http', port: 80, targetPort: 8080 }]),
  namespace('shop', { 'istio-injection': 'enabled' }),
  workload('shop/web', { labels: { app: 'web' } }),
  workload('shop/api', { labels: { app: 'api' } }),
  workload('shop/db', { labels: { app: 'db' } }),
];

async function reportOf(...more: readonly string[]): Promise<Report> {
  const target = { cluster: 'prod-eu', namespace: 'shop' };
  return (await answer({ topic: 'mtls', target }, { cluster: clusterOf(...shop, ...more) })).report;
}

describe('a report', () => {
  it('begins with the verdict as a sentence, everywhere', async () => {
    const report = await reportOf();
    const { headline } = report;
    assert.match(toText(report, plainly).split('\n')[0] ?? '', new RegExp(headline));
    assert.match(toMarkdown(report).split('\n')[0] ?? '', new RegExp(headline));
    assert.match(verdictMessage(report, meta).text, new RegExp(headline));
    assert.equal(JSON.parse(toJson(report)).headline, headline);
  });

  it('folds what is the same into one sentence', async () => {
    const lines = toText(await reportOf(), plainly).split('\n');
    assert.equal(lines.filter((line) => /api, db and web accept plaintext/.test(line)).length, 1);
  });

  it('names the object that decides, and the next step', async () => {
    const text = toText(await reportOf(peerAuthentication('shop/default', 'DISABLE')), plainly);
    assert.match(text, /why +PeerAuthentication shop\/default/);
    assert.match(text, /next +/);
  });

  it('is one line and a table where all is well', async () => {
    const report = await reportOf(peerAuthentication('shop/default', 'STRICT'));
    assert.equal(report.verdict, 'ok');
    assert.doesNotMatch(toText(report, plainly), /^(✖|▲|\?|i) /m);
  });

  it('says what could not be seen, and what would make it known', async () => {
    const cluster = withoutRight(clusterOf(...shop), ({ plural }) => plural === 'peerauthentications');
    const target = { cluster: 'prod-eu', namespace: 'shop' };
    const { report } = await answer({ topic: 'mtls', target }, { cluster });
    assert.equal(report.verdict, 'unknown');
    assert.match(report.headline, /I may not list peerauthentications/);
    assert.match(toText(report, plainly), /^Not seen +I may not list peerauthentications.*Ask for the right\.$/m);
  });

  it('fits Slack, however large the namespace is', async () => {
    const many = Array.from({ length: 400 }, (_, index) =>
      workload(`shop/a-workload-with-quite-a-long-name-${index}`, { labels: { app: `a${index}` } }),
    );
    const policies = Array.from({ length: 60 }, (_, index) =>
      peerAuthentication(`shop/p${index}`, 'DISABLE', { selector: { app: `a${index}` }, ports: { 8080: 'STRICT' } }),
    );
    const report = await reportOf(...many, ...policies);
    const { messages, file } = evidenceMessages(report, meta);
    for (const message of [verdictMessage(report, meta), ...messages]) assert.deepEqual(problemsOf(message), []);
    assert.ok(messages.length <= 6, `${messages.length} messages`);
    assert.match(file?.content ?? '', /a-workload-with-quite-a-long-name-399/);
  });

  it('takes names from the cluster literally', async () => {
    const report = { ...(await reportOf()), headline: '<!channel> *x*' };
    const { blocks } = verdictMessage(report, meta);
    const marked = JSON.stringify(blocks.filter(({ type }) => type !== 'rich_text'));
    assert.doesNotMatch(marked, /<!channel>/);
    assert.match(toMarkdown(report), /\\<!channel\\> \\\*x\\\*/);
  });
});

describe('words', () => {
  it('count', () => {
    assert.deepEqual(
      [counted(1, 'pod'), counted(2, 'pod'), counted(0, 'AuthorizationPolicy')],
      ['1 pod', '2 pods', '0 AuthorizationPolicies'],
    );
  });
  it('list', () => {
    assert.deepEqual(
      [listed(['a']), listed(['a', 'b']), listed(['a', 'b', 'c', 'd', 'e'])],
      ['a', 'a and b', 'a, b, c and 2 more'],
    );
  });
  it('measure time', () => {
    assert.deepEqual([seconds(412), seconds(12_400)], ['0.4 s', '12 s']);
  });
});
