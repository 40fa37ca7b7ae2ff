import type { Connection } from '../model/report.ts';

/** Connections of one client to one Service port: they differ in the workload that answers. */
export type Call = readonly [Connection, ...Connection[]];

export function callsOf(connections: readonly Connection[]): readonly Call[] {
  const key = ({ client, server, service, port }: Connection) =>
    [client.kind, client.namespace, client.workload, server.namespace, service, port].join('/');
  return [...Map.groupBy(connections, key).values()].filter(
    (call): call is [Connection, ...Connection[]] => call.length > 0,
  );
}

/** What some connections of a call lead to: the Service where they are all of it, otherwise each workload by name. */
export function placesOf(alike: readonly Connection[], call: Call, home: string | undefined): readonly string[] {
  const [{ server, service, port }] = call;
  const names = alike.length === call.length ? [service] : alike.map((one) => one.server.workload);
  return names.map((name) => `${server.namespace === home ? '' : `${server.namespace}/`}${name}:${port}`);
}

/** The Service of a call, which stays the same while workloads come and go: `bookinfo/reviews:9080`. */
export function serviceOf([{ server, service, port }]: Call): string {
  return `${server.namespace}/${service}:${port}`;
}
