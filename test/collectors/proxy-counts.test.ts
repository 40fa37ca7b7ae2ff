import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, describe, it } from 'node:test';
import { proxyMetrics } from '../../src/clients/proxy-metrics.ts';
import { collect } from '../../src/collectors/collect.ts';
import type { Cluster } from '../../src/model/sources.ts';
import { clusterOf } from '../helpers/cluster.ts';
import { meshConfig, namespace, workload } from '../helpers/manifests.ts';

const api = 'destination_workload="api",destination_workload_namespace="shop",destination_service_name="api"';
const caller = 'source_workload="caller",source_workload_namespace="far"';
const nobody = 'source_workload="unknown",source_workload_namespace="unknown"';
const mtls = 'connection_security_policy="mutual_tls"';
const plaintext = 'connection_security_policy="none"';
const http12 = `istio_requests_total{reporter="destination",${caller},${api},${mtls},response_code="200"} 12`;

interface Served {
  readonly status?: number;
  readonly body?: string;
  readonly onAsked?: () => void;
}

/** Proxies whose metrics are these lines, all behind one address. */
async function served(lines: readonly string[], { status = 200, body = lines.join('\n'), onAsked }: Served = {}) {
  const server = http.createServer(({ url }, response) => {
    onAsked?.();
    response.writeHead(url === '/stats/prometheus' ? status : 404).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** Nobody listens at 127.0.0.9. */
const away = '127.0.0.9';
const one = [workload('shop/api', { ip: '127.0.0.1' })];

async function take(port: number, objects = one, { kind = 'live', maxBytes = 1 << 20 } = {}) {
  const mesh = [meshConfig({}), namespace('shop', { 'istio-injection': 'enabled' }), ...objects];
  const cluster: Cluster = { ...clusterOf(...mesh), kind: kind === 'live' ? 'live' : 'files' };
  const sources = { cluster, proxyMetrics: proxyMetrics({ port, maxBytes }) };
  const target = { cluster: 'test', namespace: 'shop' };
  const { evidence } = await collect(['observed'], sources, target, { signal: AbortSignal.timeout(5_000) });
  assert.ok(evidence.observed);
  return evidence.observed;
}

async function taken(...given: Parameters<typeof take>) {
  const observed = await take(...given);
  assert.ok(observed.status === 'collected');
  return observed;
}

describe('the evidence of what proxies counted', () => {
  it('holds who called, how it arrived, and how often, of all pods and since they started', async () => {
    const port = await served([
      '# TYPE istio_requests_total counter',
      http12,
      http12.replace('200', '404').replace(' 12', ' 3'),
      `istio_requests_total{reporter="destination",${nobody},${api},${plaintext}} 1`,
      `istio_tcp_connections_opened_total{reporter="destination",${caller},${api},${plaintext}} 2`,
      'envoy_server_uptime{} 4321',
    ]);
    const { value, coverage } = await taken(port, [workload('shop/api', { ip: '127.0.0.1', pods: 2 })]);
    const server = { namespace: 'shop', workload: 'api' };
    const client = { namespace: 'far', workload: 'caller' };
    assert.deepEqual(value.traffic, [
      { client, server, service: 'api', protocol: 'http', wire: 'mtls', count: 30 },
      { server, service: 'api', protocol: 'http', wire: 'plaintext', count: 2 },
      { client, server, service: 'api', protocol: 'tcp', wire: 'plaintext', count: 4 },
    ]);
    assert.equal(value.windowSeconds, undefined);
    assert.deepEqual(
      value.proxies.map(({ scraped, upSeconds }) => [scraped, upSeconds]),
      [
        [true, 4321],
        [true, 4321],
      ],
    );
    assert.deepEqual([coverage.seen, coverage.of], [2, 2]);
  });

  it('leaves out what never happened, what clients say, and what an application says of others', async () => {
    const { value } = await taken(
      await served([
        http12.replace(' 12', ' 0'),
        http12.replace(' 12', ' NaN'),
        http12.replace('"destination"', '"source"').replace('mutual_tls', 'unknown'),
        http12.replace('namespace="shop"', 'namespace="far"'),
      ]),
    );
    assert.deepEqual(value.traffic, []);
  });

  it('names the pods that could not be read', async () => {
    const objects = [...one, workload('shop/web', { ip: away }), workload('shop/new')];
    const { value, coverage } = await taken(await served([http12]), objects);
    assert.deepEqual([coverage.seen, coverage.of], [1, 3]);
    const blind = value.proxies.filter(({ scraped }) => !scraped).map(({ pod }) => pod);
    assert.deepEqual(blind.toSorted(), ['new-0', 'web-0']);
    assert.match(coverage.notes.join(), /shop\/web-0/);
  });

  it('is missing where no pod can be reached', async () => {
    const observed = await take(await served([]), [workload('shop/api', { ip: away })]);
    assert.equal(observed.status === 'missing' && observed.reason, 'unreachable');
    assert.ok(observed.status === 'missing' && observed.next);
  });

  it('is given up where none of the first pods can be read', async () => {
    let asked = 0;
    const port = await served([], { status: 404, onAsked: () => (asked += 1) });
    const observed = await take(port, [workload('shop/api', { ip: '127.0.0.1', pods: 60 })]);
    assert.equal(observed.status === 'missing' && observed.reason, 'unreachable');
    assert.ok(asked >= 10 && asked < 20, `${asked}`);
  });

  it('is missing where what answers is no proxy, is too long, or is not understood', async () => {
    const long = { body: 'x'.repeat(2 << 20) };
    for (const given of [{ status: 404 }, long, { body: 'istio_requests_total{reporter="destination" 1' }]) {
      const observed = await take(await served([], given));
      assert.equal(observed.status === 'missing' && observed.reason, 'unreachable');
    }
  });

  it('is missing where the labels that matter were dropped', async () => {
    for (const label of [`,${mtls}`, 'destination_workload="api",']) {
      const observed = await take(await served([http12.replace(label, '')]));
      assert.equal(observed.status === 'missing' && observed.reason, 'partial');
    }
  });

  it('stops at two hundred pods, and says so', async () => {
    const { coverage } = await taken(await served([http12]), [workload('shop/api', { ip: '127.0.0.1', pods: 203 })]);
    assert.deepEqual([coverage.seen, coverage.of], [200, 203]);
    assert.match(coverage.notes.join(), /\b3 more\b/);
  });

  it('is not sought at the addresses that files hold', async () => {
    const observed = await take(await served([http12]), one, { kind: 'files' });
    assert.equal(observed.status === 'missing' && observed.reason, 'not-in-source');
  });
});
