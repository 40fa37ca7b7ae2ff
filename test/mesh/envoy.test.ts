import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { endpointsPath, withEndpoints } from '../../src/mesh/envoy-endpoints.ts';
import { istioVersionIn, meshCertificates } from '../../src/mesh/envoy-identity.ts';
import { inboundModes } from '../../src/mesh/envoy-inbound.ts';
import { outboundClusters, outboundPath } from '../../src/mesh/envoy-outbound.ts';
import { SourceError } from '../../src/model/sources.ts';

const place = (name: string) => `${name}.e2-shop.svc.cluster.local`;
const rule = (name: string) => ({ namespace: 'e2-shop', name });

/** The fixtures are answers of a real sidecar, without the parts that nobody reads. */
describe('reading Envoy', () => {
  it('finds the mode of each port: chains for mTLS, for plaintext, or for both', () => {
    assert.deepEqual(inboundModes(recorded('inbound')), {
      ports: { 8080: 'STRICT', 8081: 'DISABLE', 9000: 'PERMISSIVE', 9001: 'PERMISSIVE' },
      others: 'PERMISSIVE',
    });
  });

  it('takes TLS with a certificate that is not of the mesh for no mTLS', () => {
    const own = recorded('inbound').replaceAll('"name": "default"', '"name": "file-cert:/etc/tls"');
    assert.equal(inboundModes(own)?.ports[8080], 'DISABLE');
  });

  it('knows no modes of a proxy that captures nothing', () => {
    assert.equal(inboundModes('{}'), undefined);
  });

  it('finds how connections are opened, and by which rule', () => {
    const { outbound, warming } = outboundClusters(recorded('outbound'));
    const byName = outbound.toSorted((a, b) => a.port - b.port || a.host.localeCompare(b.host));
    assert.deepEqual(byName, [
      { port: 80, host: place('forced'), opens: 'mtls', rule: rule('forced') },
      { port: 80, host: place('plain'), opens: 'plaintext', rule: rule('plain') },
      { port: 80, host: place('simple'), opens: 'tls', rule: rule('simple') },
      { port: 80, subset: 'v1', host: place('web'), opens: 'auto', rule: rule('web') },
      { port: 9000, host: place('web'), opens: 'auto', rule: rule('web') },
    ]);
    assert.deepEqual(warming, []);
  });

  it('tells a cluster that still runs the old way from the one that is to come', () => {
    assert.deepEqual(outboundClusters(recorded('warming')), {
      outbound: [{ port: 80, host: place('plain'), opens: 'plaintext', rule: rule('plain') }],
      warming: [{ port: 80, host: place('plain') }],
    });
  });

  it('finds which endpoints auto mTLS sends mTLS: a port that is DISABLE and a pod without a proxy are not marked', () => {
    const clusters = [80, 9000, 9001].map((port) => ({ port, host: place('web'), opens: 'auto' as const }));
    const found = withEndpoints(clusters, recorded('endpoints'));
    assert.deepEqual(
      found.map(({ endpoints }) => endpoints),
      [
        { mtls: ['10.244.0.108:8080'], plaintext: ['10.244.0.109:8080'] },
        { mtls: [], plaintext: ['10.244.0.108:9000', '10.244.0.109:9000'] },
        undefined,
      ],
    );
  });

  it('knows no address of an endpoint that is reached through a tunnel', () => {
    const tunnel = { envoy_internal_address: { server_listener_name: 'connect_originate' } };
    const changed = JSON.parse(recorded('endpoints'), (key, value) =>
      key === 'address' && value.socket_address ? tunnel : value,
    );
    const [web] = withEndpoints([{ port: 80, host: place('web'), opens: 'auto' }], JSON.stringify(changed));
    assert.deepEqual(web?.endpoints, { mtls: [], plaintext: [] });
  });

  for (const path of [outboundPath, endpointsPath]) {
    it(`asks for no more than the hosts of one namespace: ${path.name}`, () => {
      const names = new URL(path('shop'), 'http://envoy').searchParams.get('name_regex') ?? '';
      const asked = new RegExp(`^(?:${names})$`);
      assert.match('outbound|80|v1|web.shop.svc.cluster.local', asked);
      for (const other of [
        'outbound|80||web.workshop.svc.cluster.local',
        'outbound|80||shop.svc.other.svc.cluster.local',
      ]) {
        assert.doesNotMatch(other, asked);
      }
    });
  }

  it('finds the certificate of the mesh, what it goes back to, and nothing more', () => {
    const bare = {
      certificates: [{ ca_cert: [{ serial_number: '1' }] }, ...JSON.parse(recorded('certs')).certificates],
    };
    assert.deepEqual(meshCertificates(JSON.stringify(bare)), {
      own: {
        serial: '98287b915e4d27a8a06d0aebfc4aa1be',
        from: '2026-11-24T22:14:07Z',
        until: '2026-11-25T22:16:07Z',
        identity: 'spiffe://cluster.local/ns/e2-shop/sa/default',
      },
      roots: [
        { serial: 'dc940b896654d2ad644715bf04f54bd7', from: '2026-11-24T21:58:46Z', until: '2036-11-21T21:58:46Z' },
      ],
    });
    assert.equal(meshCertificates('{"certificates": []}'), undefined);
  });

  it('finds the version of Istio, which is not that of Envoy', () => {
    assert.equal(istioVersionIn(recorded('node')), '1.32.0-dev');
  });

  const endpointsOf = (answer: string) => withEndpoints([], answer);
  for (const read of [inboundModes, outboundClusters, endpointsOf, meshCertificates, istioVersionIn]) {
    it(`never takes for empty what it cannot understand: ${read.name}`, () => {
      for (const odd of ['', 'no healthy upstream', '[]', '{"configs": 1, "certificates": 1}']) {
        assert.throws(
          () => read(odd),
          (error) => error instanceof SourceError && error.reason === 'invalid',
        );
      }
    });
  }
});

function recorded(name: string): string {
  return readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8');
}
