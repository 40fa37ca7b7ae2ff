import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HttpRoute, VirtualService } from '../../src/model/traffic-config.ts';
import {
  call,
  destination,
  destinationRule,
  httpRoute,
  peerAuthentication,
  service,
  sidecar,
  view,
  virtualService,
  workload,
} from './view.ts';

const host = 'server.beta.svc.cluster.local';
const client = workload('alpha/client', { labels: { tier: 'web' } });
const server = workload('beta/server', { labels: { version: 'v1' } });
const strict = workload('beta/strict');
const services = [
  service([server], ['http:80>8080', 'tcp:9000', 'https:443']),
  service([strict], ['http:80>8080', 'tcp:9000']),
];
const subsets = destinationRule('beta/subsets', host, { subsets: { v1: {}, v2: {} } });
/** Calls of `strict` are broken, so that a route that leads there shows. */
const trap = [
  peerAuthentication('beta/strict', 'DISABLE', { selector: { app: 'strict' } }),
  destinationRule('beta/trap', 'strict', { tls: 'ISTIO_MUTUAL' }),
] as const;
const broken = 'strict.beta.svc.cluster.local';

const v = (http: readonly HttpRoute[], more: Partial<VirtualService> = {}, hosts = [host], id = 'alpha/v') => ({
  ...virtualService(id, hosts, { http }),
  ...more,
});
const match = (more: Partial<HttpRoute['match'][number]>) => [{ gateways: [], sourceLabels: {}, request: [], ...more }];

/** `name` or `namespace/name`; the route has no destination of its own. */
const delegated = (to: string): HttpRoute => {
  const [name = '', namespace = 'beta'] = to.split('/').toReversed();
  return httpRoute(host, [], { delegate: { namespace, name }, route: [] });
};
const part = (http: readonly HttpRoute[], more: Partial<VirtualService> = {}) => v(http, more, [], 'beta/part');

interface Case {
  readonly name: string;
  readonly routes: readonly VirtualService[];
  readonly port?: number;
  readonly sidecars?: readonly ReturnType<typeof sidecar>[];
  readonly is: string;
}

const http: readonly Case[] = [
  { name: 'a subset with pods', routes: [v([httpRoute(`${host}/v1`)])], is: 'works mtls' },
  { name: 'a subset without pods', routes: [v([httpRoute(`${host}/v2`)])], is: 'fails none' },
  { name: 'a subset that no rule of the client has', routes: [v([httpRoute(`${host}/v3`)])], is: 'fails none' },
  { name: 'a host that does not exist', routes: [v([httpRoute('gone.beta.svc.cluster.local')])], is: 'fails none' },
  { name: 'a port that does not exist', routes: [v([httpRoute(`${host}:81`)])], is: 'fails none' },
  { name: 'another host', routes: [v([httpRoute(broken)])], is: 'fails mtls' },
  {
    name: 'a short name belongs to the VirtualService’s namespace',
    routes: [v([httpRoute('strict')], {}, ['server'], 'beta/v')],
    is: 'fails mtls',
  },
  { name: 'the first that takes all', routes: [v([httpRoute(host), httpRoute(broken)])], is: 'works mtls' },
  { name: 'what the request decides', routes: [v([httpRoute(broken, ['uri']), httpRoute(host)])], is: 'unknown mtls' },
  {
    name: 'unless all ways end alike',
    routes: [v([httpRoute(`${host}/v1`, ['uri']), httpRoute(host)])],
    is: 'works mtls',
  },
  { name: 'what no route takes is not found', routes: [v([httpRoute(host, ['headers'])])], is: 'unknown unknown' },
  {
    name: 'another port’s route is none',
    routes: [v([{ ...httpRoute(broken), match: match({ port: 8080 }) }])],
    is: 'works mtls',
  },
  {
    name: 'labels of this client',
    routes: [v([{ ...httpRoute(broken), match: match({ sourceLabels: { tier: 'web' } }) }, httpRoute(host)])],
    is: 'fails mtls',
  },
  {
    name: 'labels of others',
    routes: [v([{ ...httpRoute(broken), match: match({ sourceLabels: { tier: 'db' } }) }, httpRoute(host)])],
    is: 'works mtls',
  },
  {
    name: 'another namespace’s clients',
    routes: [v([{ ...httpRoute(broken), match: match({ sourceNamespace: 'legacy' }) }, httpRoute(host)])],
    is: 'works mtls',
  },
  {
    name: 'weights: where one way fails, it may fail',
    routes: [v([{ match: [], route: [destination(host, 90), destination(broken, 10)] }])],
    is: 'unknown mtls',
  },
  {
    name: 'a weight of nothing',
    routes: [v([{ match: [], route: [destination(host, 100), destination(broken, 0)] }])],
    is: 'works mtls',
  },
  { name: 'faults on purpose', routes: [v([httpRoute(host, [], { abortPercent: 100 })])], is: 'fails none' },
  { name: 'some faults on purpose', routes: [v([httpRoute(host, [], { abortPercent: 5 })])], is: 'unknown unknown' },
  {
    name: 'answered by the proxy',
    routes: [v([httpRoute(host, [], { answeredBy: 'redirect', route: [] })])],
    is: 'fails none',
  },
  { name: 'delegated', routes: [v([delegated('part')]), part([httpRoute('strict')])], is: 'fails mtls' },
  { name: 'delegated to none', routes: [v([delegated('part'), httpRoute(host)])], is: 'works mtls' },
  {
    name: 'delegated to one that is not exported',
    routes: [v([delegated('beta/part')]), part([httpRoute(broken)], { exportTo: ['.'] })],
    is: 'works mtls',
  },
  {
    name: 'delegated for other clients only',
    routes: [v([{ ...delegated('part'), match: match({ sourceLabels: { tier: 'db' } }) }]), part([httpRoute(broken)])],
    is: 'works mtls',
  },
  {
    name: 'a delegate must repeat the namespace of callers',
    routes: [
      v([{ ...delegated('part'), match: match({ sourceNamespace: 'alpha' }) }]),
      part([{ ...httpRoute(broken), match: match({ sourceLabels: { tier: 'web' } }) }]),
    ],
    is: 'works mtls',
  },
  {
    name: 'both look at the same part of a request',
    routes: [v([{ ...delegated('part'), match: match({ request: ['uri'] }) }]), part([httpRoute(host, ['uri'])])],
    is: 'unknown unknown',
  },
  {
    name: 'not for gateways only',
    routes: [v([httpRoute(broken)], { gateways: ['istio-system/gateway'] })],
    is: 'works mtls',
  },
  {
    name: 'for gateways and the mesh',
    routes: [v([httpRoute(broken)], { gateways: ['istio-system/gateway', 'mesh'] })],
    is: 'fails mtls',
  },
  {
    name: 'not exported to the client',
    routes: [v([httpRoute(broken)], { exportTo: ['.'] }, [host], 'beta/v')],
    is: 'works mtls',
  },
  {
    name: 'the client’s own, private',
    routes: [v([httpRoute(host)], {}, [host], 'beta/v'), v([httpRoute(broken)], { exportTo: ['.'] })],
    is: 'fails mtls',
  },
  { name: 'the oldest of two', routes: [v([httpRoute(host)]), v([httpRoute(broken)])], is: 'works mtls' },
  {
    name: 'the exact host before a wildcard',
    routes: [v([httpRoute(broken)], {}, ['*.local']), v([httpRoute(host)])],
    is: 'works mtls',
  },
  { name: 'a wildcard', routes: [v([httpRoute(broken)], {}, ['*.beta.svc.cluster.local'])], is: 'fails mtls' },
  {
    name: 'not one that the Sidecar leaves out',
    routes: [v([httpRoute(broken)], {}, [host], 'beta/v')],
    sidecars: [
      sidecar('alpha/s', [
        '*/strict.beta.svc.cluster.local',
        'beta/server.beta.svc.cluster.local',
        '~beta/server.beta.svc.cluster.local',
      ]),
    ],
    is: 'works plaintext',
  },
];

const stream: readonly Case[] = [
  { name: 'TCP takes no HTTP route', port: 9000, routes: [v([httpRoute(broken)])], is: 'works mtls' },
  {
    name: 'a TCP route',
    port: 9000,
    routes: [v([], { tcp: [{ match: [], route: [destination(broken)] }] })],
    is: 'fails mtls',
  },
  {
    name: 'a TCP route to a port that carries HTTP',
    port: 9000,
    routes: [v([], { tcp: [{ match: [], route: [destination(`${host}:80`)] }] })],
    is: 'unknown mtls',
  },
  {
    name: 'a TCP route for another port',
    port: 9000,
    routes: [
      v([], {
        tcp: [
          {
            match: [{ gateways: [], sourceLabels: {}, port: 1, destinationSubnets: [] }],
            route: [destination(broken)],
          },
        ],
      }),
    ],
    is: 'works mtls',
  },
  {
    name: 'a TLS route for its own name',
    port: 443,
    routes: [
      v([], {
        tls: [
          {
            match: [{ gateways: [], sourceLabels: {}, sniHosts: [host], destinationSubnets: [] }],
            route: [destination('gone')],
          },
        ],
      }),
    ],
    is: 'fails none',
  },
  {
    name: 'a TLS route for other names',
    port: 443,
    routes: [
      v([], {
        tls: [
          {
            match: [{ gateways: [], sourceLabels: {}, sniHosts: ['x'], destinationSubnets: [] }],
            route: [destination(host)],
          },
        ],
      }),
    ],
    is: 'unknown unknown',
  },
];

describe('the route that a call takes', () => {
  for (const { name, routes, port = 80, sidecars = [], is } of [...http, ...stream]) {
    it(name, () => {
      const [peer, rule] = trap;
      const mesh = view({
        workloads: [client, server, strict],
        services,
        peerAuthentications: [peer],
        destinationRules: [subsets, rule],
        virtualServices: routes,
        sidecars,
      });
      const { outcome, wire } = call(mesh, 'alpha/client', 'beta/server', port);
      assert.equal(`${outcome} ${wire}`, is);
    });
  }

  it('does not matter to a client without a proxy', () => {
    const naked = workload('legacy/client', { proxy: 'none' });
    const mesh = view({ workloads: [naked, server], services, virtualServices: [v([httpRoute('gone')])] });
    assert.equal(call(mesh, 'legacy/client', 'beta/server').outcome, 'works');
  });

  it('leaves the dialled address where the destination is headless, and expects its identity there', () => {
    const headless = service([strict], ['http:80>8080'], { headless: true });
    const parts = {
      workloads: [client, server, strict],
      services: [service([server]), headless],
      virtualServices: [v([httpRoute(broken)])],
    };
    const { outcome, wire, because } = call(view(parts), 'alpha/client', 'beta/server');
    assert.equal(`${outcome} ${wire}`, 'fails mtls');
    assert.ok(
      because.some((sentence) => sentence.includes('/sa/server')),
      because.join('\n'),
    );
  });
});
