import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Protocol, protocolOf } from '../../src/mesh/protocol.ts';
import type { ServicePort } from '../../src/model/workload.ts';

type Port = Partial<Omit<ServicePort, 'targetPort'>>;

const cases: readonly (readonly [Port, Protocol])[] = [
  [{ name: 'http' }, 'http'],
  [{ name: 'http-web' }, 'http'],
  [{ name: 'httpweb' }, 'auto'],
  [{ name: 'HTTP2-x' }, 'http'],
  [{ name: 'grpc-web-x' }, 'http'],
  [{ name: 'https' }, 'tls'],
  [{ name: 'tls-passthrough' }, 'tls'],
  [{ name: 'tcp-app' }, 'tcp'],
  [{ name: 'redis' }, 'tcp'],
  [{ name: 'mysql-main' }, 'banner'],
  [{ name: 'tcp-smtp' }, 'banner'],
  [{ name: 'smtp' }, 'auto-banner'],
  [{ name: 'smtp', port: 25 }, 'banner'],
  [{ name: 'web' }, 'auto'],
  [{}, 'auto'],
  [{ name: 'http', appProtocol: 'tcp' }, 'tcp'],
  [{ name: 'tcp', appProtocol: 'kubernetes.io/h2c' }, 'http'],
  [{ name: 'tcp', appProtocol: 'kubernetes.io/wss' }, 'tls'],
  [{ name: 'tcp', appProtocol: 'example.com/own' }, 'auto'],
  [{ name: 'db', port: 27017 }, 'tcp'],
  [{ name: 'db', port: 3306 }, 'banner'],
  [{ name: 'http', port: 3306 }, 'http'],
  [{ name: 'http', protocol: 'UDP' }, 'udp'],
];

describe('the protocol of a Service port', () => {
  for (const [port, expected] of cases) {
    it(`${JSON.stringify(port)} is ${expected}`, () => {
      assert.equal(protocolOf({ port: 80, protocol: 'TCP', ...port }), expected);
    });
  }
});
