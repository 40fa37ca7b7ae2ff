import type { Observed, Traffic } from '../model/observed.ts';
import type { Connection, WorkloadName } from '../model/report.ts';
import type { Pod, Service, Workload } from '../model/workload.ts';
import { selects } from './selector.ts';

type Name = Pick<Workload, 'namespace' | 'name'>;

/** The calls that arrived at one workload. */
export function trafficTo({ namespace, name }: Name, { traffic }: Observed): readonly Traffic[] {
  return traffic.filter(({ server }) => server.namespace === namespace && server.workload === name);
}

/** Pods whose traffic their proxies count. */
export function countedPods({ pods }: Workload): readonly Pod[] {
  return pods.filter(
    ({ dataPlane: { mode }, phase, terminating }) =>
      (mode === 'sidecar' || mode === 'ambient') && phase === 'Running' && !terminating,
  );
}

/** Pods whose metrics do not come in. Of ztunnel that is known only by what it counted for the workload. */
export function unscrapedPods(workload: Workload, observed: Observed): readonly string[] {
  const { namespace } = workload;
  const scraped = new Set(
    observed.proxies.filter((one) => one.scraped && one.namespace === namespace).map(({ pod }) => pod),
  );
  const isCounted = trafficTo(workload, observed).length > 0;
  return countedPods(workload)
    .filter(({ name, dataPlane }) => (dataPlane.mode === 'ambient' ? !isCounted : !scraped.has(name)))
    .map(({ name }) => name);
}

/** Whether a Service leads to the workload, so that somebody is expected to call it. */
export function isServed({ namespace, labels }: Workload, services: readonly Service[]): boolean {
  return services.some(
    (service) =>
      service.namespace === namespace && Object.keys(service.selector).length > 0 && selects(service.selector, labels),
  );
}

/** Whether somebody may call the workload: a Service leads to it, or its containers name ports that they listen on. */
export function isCallable(workload: Workload, services: readonly Service[]): boolean {
  return workload.ports.length > 0 || isServed(workload, services);
}

/** Traffic by its sender; the empty name is of those that the metrics cannot name. */
export function bySender(traffic: readonly Traffic[]): ReadonlyMap<string, readonly Traffic[]> {
  return Map.groupBy(traffic, ({ client }) => (client === undefined ? '' : `${client.namespace}/${client.workload}`));
}

/** Callers of a workload that are foretold to reach it in plaintext: one of them may be whom the metrics cannot name. */
export function plaintextCallers({ namespace, name }: Name, foretold: readonly Connection[]): readonly string[] {
  const callers = foretold
    .filter(
      ({ server, wire, outcome }) => isName(server, namespace, name) && wire === 'plaintext' && outcome === 'works',
    )
    .map(({ client }) => `${client.namespace}/${client.workload}`);
  return [...new Set(callers)].toSorted();
}

/** Calls of one caller that the configuration does not let happen in this way. */
export interface Contradiction {
  readonly client: string;
  readonly seen: Traffic['wire'];
  readonly why: string;
}

/** Metrics name no ports: a caller contradicts only where no port of the server explains what was seen. */
export function contradictions(
  { namespace, name }: Name,
  observed: Observed,
  foretold: readonly Connection[],
): readonly Contradiction[] {
  const expected = foretold.filter(({ server }) => isName(server, namespace, name));
  return [...bySender(trafficTo({ namespace, name }, observed))].flatMap(([client, traffic]) => {
    const own = expected.filter((one) => `${one.client.namespace}/${one.client.workload}` === client);
    const wires = new Set(own.map(({ wire }) => (wire === 'tls' ? 'plaintext' : wire)));
    if (wires.size === 0 || wires.has('unknown')) return [];
    const odd = new Set(traffic.map(({ wire }) => wire).filter((wire) => !wires.has(wire)));
    const likely = [...wires].map((wire) => words[wire]).join(' or ');
    const reasons = 'the configuration changed, the proxy is stale, or the call passes the Service by';
    return Array.from(odd, (seen) => ({
      client,
      seen,
      why: `${words[seen]} was seen, and ${likely} is foretold: ${reasons}`,
    }));
  });
}

const words = { mtls: 'mTLS', plaintext: 'plaintext', tls: 'TLS', none: 'no call', unknown: 'anything' } as const;

/** Adds what was seen to each connection, where the metrics of all the server's proxies come in. */
export function withSeen(
  connections: readonly Connection[],
  observed: Observed | undefined,
  workloads: readonly Workload[],
): readonly Connection[] {
  if (observed === undefined) return connections;
  const blind = new Set(
    workloads
      .filter((one) => countedPods(one).length === 0 || unscrapedPods(one, observed).length > 0)
      .map(({ namespace, name }) => `${namespace}/${name}`),
  );
  const pair = (client: WorkloadName, server: WorkloadName) =>
    [client.namespace, client.workload, server.namespace, server.workload].join('/');
  const known = observed.traffic.flatMap(({ client, server, wire }) =>
    client === undefined ? [] : [{ pair: pair(client, server), wire }],
  );
  const seen = Map.groupBy(known, (one) => one.pair);
  return connections.map((one) => {
    const wires = new Set(seen.get(pair(one.client, one.server))?.map(({ wire }) => wire));
    const [first] = wires;
    if (first !== undefined) return { ...one, seen: wires.size > 1 ? 'both' : first };
    return blind.has(`${one.server.namespace}/${one.server.workload}`) ? one : { ...one, seen: 'nothing' };
  });
}

function isName(one: WorkloadName, namespace: string, name: string): boolean {
  return one.namespace === namespace && one.workload === name;
}
