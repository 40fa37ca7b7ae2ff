import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { prometheus } from '../../src/clients/prometheus.ts';
import { collect } from '../../src/collectors/collect.ts';
import { quoted } from '../../src/collectors/prometheus-counts.ts';
import type { Evidence } from '../../src/model/evidence.ts';
import type { Cluster } from '../../src/model/sources.ts';
import { clusterOf, withoutRight } from '../helpers/cluster.ts';
import { meshConfig, namespace, workload } from '../helpers/manifests.ts';
import { type Answer, recorded, vector } from '../helpers/prometheus.ts';

const mesh = [
  meshConfig({}),
  namespace('shop', { 'istio-injection': 'enabled' }),
  namespace('far'),
  workload('shop/api', { pods: 2 }),
  workload('shop/bare', { proxy: 'none' }),
  workload('far/caller'),
  workload('far/other'),
];

const api = { destination_workload: 'api', destination_workload_namespace: 'shop', destination_service_name: 'api' };
const caller = { source_workload: 'caller', source_workload_namespace: 'far' };
const nobody = { source_workload: 'unknown', source_workload_namespace: 'unknown' };
const mtls = { connection_security_policy: 'mutual_tls' };
const http = vector(
  [{ ...caller, ...api, ...mtls }, '12.4'],
  [{ ...nobody, ...api, connection_security_policy: 'none' }, '3'],
);
const tcp = vector(
  [{ ...caller, ...api, connection_security_policy: 'unknown' }, '0.4'],
  [{ ...caller, ...api, ...mtls }, 'NaN'],
);
const scraped = vector(
  [{ namespace: 'shop', pod: 'api-0', instance: '10.0.0.1:15090' }, '2'],
  [{ namespace: 'far', pod: 'api-1' }, '1'],
);

interface Recording {
  readonly http?: Answer;
  readonly tcp?: Answer;
  readonly scraped?: Answer;
}

async function take(recording: Recording = {}, cluster: Cluster = clusterOf(...mesh)) {
  const queries: string[] = [];
  const url = await recorded(({ query }) => {
    queries.push(query);
    if (query.startsWith('count')) return recording.scraped ?? scraped;
    return query.includes('istio_requests_total') ? (recording.http ?? http) : (recording.tcp ?? tcp);
  });
  const metrics = prometheus({ url });
  after(() => metrics.close());
  const signal = AbortSignal.timeout(5_000);
  const kinds = ['observed', 'workloads', 'peerAuthentications'] as const;
  const target = { cluster: 'test', namespace: 'shop' };
  const { evidence } = await collect(kinds, { cluster, metrics }, target, { signal });
  return { evidence, queries };
}

/** The namespaces whose callers are left out. */
function leftOut(evidence: Evidence<'workloads'> | undefined): readonly string[] {
  assert.ok(evidence?.status === 'collected');
  return (evidence.coverage.unread ?? []).flatMap(({ namespace: place }) => place ?? []);
}

describe('the evidence of what was seen', () => {
  it('holds who called, how it arrived, and how often', async () => {
    const { observed } = (await take()).evidence;
    assert.equal(observed?.status, 'collected');
    const server = { namespace: 'shop', workload: 'api' };
    const client = { namespace: 'far', workload: 'caller' };
    assert.deepEqual(observed.status === 'collected' && observed.value.traffic, [
      { client, server, service: 'api', protocol: 'http', wire: 'mtls', count: 12 },
      { server, service: 'api', protocol: 'http', wire: 'plaintext', count: 3 },
      { client, server, service: 'api', protocol: 'tcp', wire: 'plaintext', count: 1 },
    ]);
  });

  it('says of how many sidecars the metrics come in', async () => {
    const { observed } = (await take()).evidence;
    assert.ok(observed?.status === 'collected');
    assert.deepEqual([observed.coverage.seen, observed.coverage.of], [1, 2]);
    assert.deepEqual(
      observed.value.proxies.map(({ pod, scraped: isScraped }) => [pod, isScraped]),
      [
        ['api-0', true],
        ['api-1', false],
      ],
    );
  });

  it('asks for what the servers counted, never the clients', async () => {
    const { queries } = await take();
    const calls = queries.filter((query) => query.startsWith('sum'));
    assert.equal(calls.length, 2);
    for (const query of calls) {
      assert.ok(query.includes('reporter=~"destination|waypoint"'));
      assert.ok(query.includes('destination_workload_namespace="shop"'));
    }
  });

  it('asks for TCP connections that were opened before and still carry something, in the same query', async () => {
    const { queries } = await take();
    const [tcpCalls = '', ...others] = queries.filter(
      (query) => query.includes('istio_tcp') && query.startsWith('sum'),
    );
    assert.deepEqual(others, []);
    const [opened = '', carried = ''] = tcpCalls.split(') > 0 or group by ');
    assert.ok(opened.includes('istio_tcp_connections_opened_total'));
    for (const counter of ['istio_tcp_received_bytes_total', 'istio_tcp_sent_bytes_total']) {
      const series = `${counter}{reporter=~"destination|waypoint",destination_workload_namespace="shop"}`;
      assert.ok(carried.includes(`increase(${series}[15m]) > 0`), carried);
    }
  });

  it('takes who was seen calling for a caller, and looks at its namespace', async () => {
    const { workloads } = (await take()).evidence;
    assert.deepEqual(
      workloads?.status === 'collected' && workloads.value.map(({ name, seenCalling = false }) => [name, seenCalling]),
      [
        ['caller', true],
        ['other', false],
        ['api', false],
        ['bare', false],
      ],
    );
  });

  it('answers about a namespace although that of a caller may not be read', async () => {
    const narrow = withoutRight(clusterOf(...mesh), (_, place) => place === 'far');
    const { workloads, observed } = (await take({}, narrow)).evidence;
    assert.deepEqual([workloads?.status, observed?.status], ['collected', 'collected']);
    assert.deepEqual(leftOut(workloads), ['far'], 'and says whose callers are left out');
  });

  it('judges no caller whose rules may not be read', async () => {
    const closed = (place: string | undefined) => place === undefined || place === 'far';
    const narrow = withoutRight(
      clusterOf(...mesh),
      ({ plural }, place) => plural === 'destinationrules' && closed(place),
    );
    const { workloads } = (await take({}, narrow)).evidence;
    assert.ok(workloads?.status === 'collected');
    assert.ok(workloads.value.every(({ namespace: place }) => place === 'shop'));
    assert.deepEqual(leftOut(workloads), ['far']);
    assert.deepEqual(leftOut((await take()).evidence.workloads), [], 'nobody is left out without need');
  });

  it('is missing where an answer is partial', async () => {
    const body = JSON.stringify({ ...JSON.parse(http.body), warnings: ['a store is down'] });
    for (const recording of [{ http: { body } }, { scraped: { body } }]) {
      const { observed, workloads } = (await take(recording)).evidence;
      assert.equal(observed?.status === 'missing' && observed.reason, 'partial');
      assert.equal(workloads?.status, 'collected');
    }
  });

  it('is missing where the labels that matter were dropped', async () => {
    for (const labels of [
      { ...caller, ...api },
      { ...caller, ...api, connection_security_policy: '' },
      { ...caller, ...mtls },
    ]) {
      const { observed } = (await take({ http: vector([labels, '3']) })).evidence;
      assert.equal(observed?.status === 'missing' && observed.reason, 'partial');
    }
  });

  it('is missing where there is no Prometheus', async () => {
    const target = { cluster: 'test', namespace: 'shop' };
    const options = { signal: AbortSignal.timeout(5_000) };
    const { evidence } = await collect(['observed'], { cluster: clusterOf(...mesh) }, target, options);
    assert.equal(evidence.observed?.status === 'missing' && evidence.observed.reason, 'not-in-source');
  });

  it('writes label values so that nothing in them is PromQL', () => {
    assert.equal(quoted('a"b\\c\nd'), '"a\\"b\\\\c\\nd"');
  });
});
