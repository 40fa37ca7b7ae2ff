import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { connections } from '../../src/mesh/connections.ts';
import { authorizationPolicy, destinationRule, httpRoute, service, view, virtualService, workload } from './view.ts';

const namespaces = 40;

/** Every fourth Service has a DestinationRule, a VirtualService and an AuthorizationPolicy of its own. */
function mesh(serviceCount: number, clientCount: number) {
  const servers = Array.from({ length: serviceCount }, (_, index) =>
    workload(`ns${index % namespaces}/server${index}`),
  );
  const clients = Array.from({ length: clientCount }, (_, index) => workload(`ns${index % namespaces}/client${index}`));
  const fourth = servers.filter((_, index) => index % 4 === 0);
  const allows = [{ from: [{ namespaces: ['ns*'] }], to: [], when: [] }];
  return {
    isClient: new Set(clients),
    view: view({
      workloads: [...servers, ...clients],
      services: servers.map((one) => service([one])),
      destinationRules: fourth.map(({ namespace, name }) =>
        destinationRule(`${namespace}/${name}`, name, { tls: 'ISTIO_MUTUAL' }),
      ),
      virtualServices: fourth.map(({ namespace, name }) =>
        virtualService(`${namespace}/${name}`, [name], { http: [httpRoute(name)] }),
      ),
      authorizationPolicies: fourth.map(({ namespace, name }) => {
        return authorizationPolicy(`${namespace}/${name}`, 'ALLOW', allows, { selector: { app: name } });
      }),
    }),
  };
}

describe('connections of a large mesh', () => {
  it('1,000 Services and 50 clients are a matter of a second, not of a minute', () => {
    const { isClient, view: large } = mesh(1000, 50);
    const started = performance.now();
    const found = connections(large, { clients: (one) => isClient.has(one), servers: (one) => !isClient.has(one) });
    const took = performance.now() - started;
    assert.equal(found.length, 50_000);
    assert.ok(found.every(({ outcome, wire }) => outcome === 'works' && wire === 'mtls'));
    assert.ok(took < 10_000, `took ${Math.round(took)} ms`);
  });

  it('shares what callers have in common', () => {
    const { isClient, view: small } = mesh(4, 40);
    const found = connections(small, { clients: (one) => isClient.has(one), servers: (one) => !isClient.has(one) });
    const reasons = new Set(found.filter(({ service: name }) => name === 'server1').map(({ because }) => because));
    assert.equal(reasons.size, 1);
  });
});
