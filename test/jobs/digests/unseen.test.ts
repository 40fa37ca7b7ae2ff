import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Cluster, type Metrics, SourceError } from '../../../src/model/sources.ts';
import { clusterOf, withoutRight } from '../../helpers/cluster.ts';
import { manifest, meshConfig, namespace, peerAuthentication, service, workload } from '../../helpers/manifests.ts';
import { openShift, userWorkload } from '../../helpers/openshift.ts';
import { digestBench } from './bench.ts';

const day = (number: number) => `2026-11-${number}T08:00:00.000Z`;
const injected = { 'istio-injection': 'enabled' };

/** In `shop` an `api` demands mTLS; `legacy/job` is made to send it plaintext by a rule of its own namespace. */
const mesh = [
  meshConfig({}),
  namespace('istio-system'),
  namespace('legacy', injected),
  namespace('shop', injected),
  workload('shop/api', { labels: { app: 'api' }, ports: [{ name: 'http', containerPort: 8080 }], ip: '10.1.1.1' }),
  workload('legacy/job', { labels: { app: 'job' }, ip: '10.1.1.2' }),
  service('shop/api', { app: 'api' }, [{ name: 'http', port: 80, targetPort: 'http' }]),
  peerAuthentication('shop/default', 'STRICT'),
  manifest('networking.istio.io/v1', 'DestinationRule', 'legacy/off', {
    spec: { host: 'api.shop.svc.cluster.local', trafficPolicy: { tls: { mode: 'DISABLE' } } },
  }),
];

/** What Prometheus knows of the calls of `legacy/job` to `api`. */
function metrics(calls: 'mutual_tls' | 'none' | 'quiet' | 'away'): Metrics {
  const series = (labels: Record<string, string>) => ({ labels, value: 5, at: day(21) });
  const call = {
    source_workload: 'job',
    source_workload_namespace: 'legacy',
    destination_workload: 'api',
    destination_workload_namespace: 'shop',
    destination_service_name: 'api',
    connection_security_policy: calls,
  };
  return {
    source: 'prometheus',
    stores: async () => undefined,
    async query(query) {
      if (calls === 'away') throw new SourceError('unreachable', 'Prometheus did not answer in 5 s.');
      const isScraped = query.includes('count by');
      const scraped = [series({ namespace: 'shop', pod: 'api-0', instance: 'x' })];
      const found = query.includes('istio_requests_total') && calls !== 'quiet' ? [series(call)] : [];
      return { series: isScraped ? scraped : found, warnings: [], partial: false };
    },
  };
}

describe('a digest calls nothing fixed', () => {
  const bench = digestBench();
  const cluster = (): Cluster => ({ ...clusterOf(...mesh), name: 'prod' });

  /** What became, at a second run, of what the first one found. */
  async function secondRun(first: Metrics, second: Metrics, later: Cluster = cluster()) {
    const schedule = await bench.add();
    await bench.tick(schedule, day(21), { sources: { cluster: cluster(), metrics: first } });
    const made = (await bench.deps().histories.load(schedule.id)).last?.digest;
    const before = made?.new.map(({ finding }) => finding.code).toSorted() ?? [];
    await bench.tick(schedule, day(22), { sources: { cluster: later, metrics: second } });
    const digest = (await bench.deps().histories.load(schedule.id)).last?.digest;
    const codes = (bucket: 'fixed' | 'notSeen') => digest?.[bucket].map(({ finding }) => finding.code).toSorted();
    return { before, fixed: codes('fixed'), notSeen: codes('notSeen') };
  }

  for (const second of ['quiet', 'away'] as const) {
    it(`of a caller from another namespace that is not seen calling, with metrics ${second}`, async () => {
      const { before, fixed, notSeen } = await secondRun(metrics('mutual_tls'), metrics(second));
      assert.ok(before.includes('plaintext-refused'));
      assert.deepEqual(fixed, []);
      assert.deepEqual(notSeen, before);
    });
  }

  it('for want of a right to read the rules of the callers', async () => {
    const closed = (place: string | undefined) => place === undefined || place === 'legacy';
    const less = withoutRight(cluster(), ({ plural }, place) => plural === 'destinationrules' && closed(place));
    const { before, fixed, notSeen } = await secondRun(metrics('mutual_tls'), metrics('mutual_tls'), less);
    assert.ok(before.includes('plaintext-refused'));
    assert.deepEqual([fixed, notSeen], [[], before]);
  });

  it('because nobody called for a while', async () => {
    const { before, fixed, notSeen } = await secondRun(metrics('none'), metrics('quiet'));
    assert.ok(before.includes('plaintext-seen'));
    assert.ok(notSeen?.includes('plaintext-seen'));
    assert.deepEqual(fixed, []);
  });
});

describe('a digest calls fixed, and everything fine', () => {
  const bench = digestBench();

  it('user-workload monitoring that is turned on, also where no metrics are read', async () => {
    const schedule = await bench.add({ topics: ['uwm'], namespaces: [] });
    bench.cluster = { ...clusterOf(...openShift()), name: 'prod' };
    await bench.tick(schedule, day(21));
    const on = openShift({ config: 'enableUserWorkload: true\n' });
    bench.cluster = { ...clusterOf(...on, ...userWorkload()), name: 'prod' };
    await bench.tick(schedule, day(22));
    const digest = (await bench.deps().histories.load(schedule.id)).last?.digest;
    assert.deepEqual([digest?.fixed.map(({ finding }) => finding.code), digest?.looked.gaps], [['disabled'], []]);
    assert.match(JSON.stringify(bench.roots()[1]?.blocks), /everything fine/);
  });
});
