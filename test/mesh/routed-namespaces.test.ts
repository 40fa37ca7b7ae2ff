import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { routedNamespaces } from '../../src/mesh/routed-namespaces.ts';
import type { VirtualService } from '../../src/model/traffic-config.ts';

function virtualService(namespace: string, hosts: readonly string[], to: readonly string[]): VirtualService {
  const route = to.map((host) => ({ host, weight: 0 }));
  const http = [{ match: [], route }];
  return { kind: 'VirtualService', namespace, name: 'v', createdAt: '', hosts, gateways: [], http, tls: [], tcp: [] };
}

describe('routedNamespaces', () => {
  const cases: readonly (readonly [string, VirtualService, readonly string[]])[] = [
    ['follows a route out of the scope', virtualService('shop', ['api'], ['api.stage.svc.cluster.local']), ['stage']],
    ['knows any cluster domain', virtualService('shop', ['api'], ['api.stage.svc.corp.example']), ['stage']],
    ['leaves out what stays in the scope', virtualService('shop', ['api'], ['api', 'api.shop.svc.cluster.local']), []],
    [
      'follows a route for a host of the scope',
      virtualService('ops', ['api.shop.svc.cluster.local'], ['api']),
      ['ops'],
    ],
    ['follows a wildcard', virtualService('ops', ['*.svc.cluster.local'], ['web.edge.svc.cluster.local']), ['edge']],
    ['leaves alone what is for others', virtualService('ops', ['api'], ['web.edge.svc.cluster.local']), []],
    ['leaves alone hosts outside the cluster', virtualService('shop', ['api'], ['api.example.com']), []],
  ];
  for (const [name, object, expected] of cases) {
    it(name, () => {
      assert.deepEqual(routedNamespaces([object], ['shop']), expected);
    });
  }
});
