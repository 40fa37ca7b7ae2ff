import { connections } from '../../src/mesh/connections.ts';
import {
  authorizationPolicy,
  destinationRule,
  httpRoute,
  service,
  view,
  virtualService,
  workload,
} from '../../test/mesh/view.ts';

/** `connections.ts SERVICES CLIENTS`: foretells all connections of a mesh in memory, and prints what that took. */

const namespaces = 40;
const [services, clients] = process.argv.slice(2).map(Number);
const mesh = generated(services ?? 0, clients ?? 0);
const begun = performance.now();
const found = connections(mesh.view, {
  clients: (one) => mesh.clients.has(one),
  servers: (one) => !mesh.clients.has(one),
});
const ms = performance.now() - begun;
process.stdout.write(JSON.stringify({ ms, found: found.length, peakMb: process.resourceUsage().maxRSS / 1024 }));

/** Every fourth Service has a DestinationRule, a VirtualService and an AuthorizationPolicy of its own. */
function generated(serviceCount: number, clientCount: number) {
  const many = (count: number, name: string) =>
    Array.from({ length: count }, (_, index) => workload(`ns${index % namespaces}/${name}${index}`));
  const [servers, callers] = [many(serviceCount, 'server'), many(clientCount, 'client')];
  const fourth = servers.filter((_, index) => index % 4 === 0);
  const allows = [{ from: [{ namespaces: ['ns*'] }], to: [], when: [] }];
  return {
    clients: new Set(callers),
    view: view({
      workloads: [...servers, ...callers],
      services: servers.map((one) => service([one])),
      destinationRules: fourth.map(({ namespace, name }) =>
        destinationRule(`${namespace}/${name}`, name, { tls: 'ISTIO_MUTUAL' }),
      ),
      virtualServices: fourth.map(({ namespace, name }) =>
        virtualService(`${namespace}/${name}`, [name], { http: [httpRoute(name)] }),
      ),
      authorizationPolicies: fourth.map(({ namespace, name }) =>
        authorizationPolicy(`${namespace}/${name}`, 'ALLOW', allows, { selector: { app: name } }),
      ),
    }),
  };
}
