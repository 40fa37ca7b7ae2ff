import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { collect } from '../../src/collectors/collect.ts';
import type { Observed } from '../../src/model/observed.ts';
import type { Report } from '../../src/model/report.ts';
import { UsageError } from '../../src/model/sources.ts';
import { evidenceNeeded } from '../../src/topics/evidence.ts';
import { topicFor, topics } from '../../src/topics/index.ts';
import { judge } from '../../src/topics/judge.ts';
import { clusterOf } from '../helpers/cluster.ts';
import { meshConfig, namespace, service, workload } from '../helpers/manifests.ts';
import { observedOf, row } from '../helpers/observed.ts';

const labels = { app: 'api' };
const mesh = clusterOf(
  meshConfig({}),
  namespace('shop', { 'istio-injection': 'enabled' }),
  workload('shop/api', { labels, ports: [{ name: 'http', containerPort: 8080 }] }),
  workload('shop/web'),
  service('shop/api', labels, [{ name: 'http', port: 80, targetPort: 8080 }]),
);
const [mtls] = topics;
const scraped = ['shop/api-0', 'shop/web-0'];

/** The answer to `mtls shop`, or to `mtls shop --strict-ready`, with these metrics. */
async function answer(strictReady: boolean, observed?: Observed): Promise<Report> {
  assert.ok(mtls);
  const target = { cluster: 'test', namespace: 'shop', ...(strictReady && { strictReady: true as const }) };
  const topic = topicFor(mtls, target);
  const snapshot = await collect(evidenceNeeded(topic), { cluster: mesh }, target, {
    signal: AbortSignal.timeout(5_000),
  });
  const coverage = { seen: 2, of: 2, unit: 'metrics endpoint', notes: [] };
  const { takenAt: at } = snapshot;
  const counted = observed && ({ status: 'collected', source: 'test', at, coverage, value: observed } as const);
  return judge(topic, { ...snapshot, evidence: { ...snapshot.evidence, ...(counted && { observed: counted }) } });
}

describe('the question whether it is safe to go STRICT', () => {
  it('is answered with yes, no, or that it cannot be told', async () => {
    const yes = await answer(true, observedOf([row('shop/web → shop/api mtls 3')], { scraped }));
    const no = await answer(true, observedOf([row('? → shop/api plaintext 3')], { scraped }));
    const open = await answer(true);
    assert.deepEqual(
      [yes, no, open].map(({ topic, verdict }) => `${topic} ${verdict}`),
      ['mtls ok', 'mtls error', 'mtls unknown'],
    );
    assert.match(yes.headline, /^shop is safe/);
    assert.match(no.headline, /^shop is not safe .*api/);
    assert.match(open.headline, /^I cannot tell .*metrics/);
  });

  it('is not asked of other topics', () => {
    assert.ok(mtls);
    const target = { cluster: 'test', namespace: 'shop', strictReady: true } as const;
    assert.throws(() => topicFor({ ...mtls, id: 'traffic' }, target), UsageError);
  });
});

describe('the connections of topic mtls', () => {
  it('say what was seen of each pair, and nothing where no metrics tell', async () => {
    const seenIn = async (observed?: Observed) =>
      (await answer(false, observed)).connections?.map(({ client, seen }) => `${client.workload} ${seen}`);
    const twice = [row('shop/web → shop/api mtls 3'), row('shop/web → shop/api plaintext 1')];
    assert.deepEqual(await seenIn(observedOf(twice, { scraped })), ['api nothing', 'web both']);
    assert.deepEqual(await seenIn(observedOf(twice.slice(0, 1), { blind: scraped })), ['api undefined', 'web mtls']);
    assert.deepEqual(await seenIn(), ['api undefined', 'web undefined']);
  });
});
