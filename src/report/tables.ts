import { describeRef } from '../model/finding.ts';
import type { Connection, Demand, Report } from '../model/report.ts';
import { listed } from '../model/statement.ts';

/** Rows for people, worst first, whatever shows them. A last column `why` is for those who have the room. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The same without its reasons. */
export function withoutWhy({ columns, rows }: Table): Table {
  const kept = columns.flatMap((column, index) => (column === 'why' ? [] : [index]));
  const pick = (row: readonly string[]) => kept.map((index) => row[index] ?? '');
  return { columns: pick(columns), rows: rows.map(pick) };
}

/** The topic's facts. */
export function tablesOf(report: Report): readonly Table[] {
  return [
    ...(report.connections === undefined || report.connections.length === 0
      ? []
      : [connectionTable(report.connections, report)]),
    ...(report.demands === undefined || report.demands.length === 0 ? [] : [demandTable(report.demands, report)]),
  ];
}

const weakestFirst: readonly Demand['mode'][] = ['NONE', 'DISABLE', 'PERMISSIVE', 'STRICT'];

function demandTable(demands: readonly Demand[], { target }: Report): Table {
  const rows = demands
    .toSorted((a, b) => weakestFirst.indexOf(a.mode) - weakestFirst.indexOf(b.mode))
    .map(({ workload, port, mode, decidedBy, outside }) => [
      workload.namespace === target.namespace ? workload.name : `${workload.namespace}/${workload.name}`,
      port === undefined ? 'all' : String(port),
      mode === 'NONE' ? 'nothing' : mode,
      decidedBy.length === 0
        ? mode === 'NONE'
          ? 'no proxy'
          : "Istio's default"
        : decidedBy.map(describeRef).join(', '),
      outside.length === 0 ? '-' : listed(outside),
    ]);
  return { columns: ['workload', 'port', 'demands', 'decided by', 'pods outside the mesh'], rows };
}

const worstFirst: readonly Connection['outcome'][] = ['fails', 'unknown', 'works'];

/** Connections that differ in nothing but port or client are one row: `14 clients in 3 namespaces` to `reviews-v1:80,9080`. */
function connectionTable(connections: readonly Connection[], { target }: Report): Table {
  const isSeen = connections.some(({ seen }) => seen !== undefined);
  const byPair = groups(connections, ({ port: _, service: __, ...rest }) => rest).map((alike) => ({
    alike,
    ports: portsOf(alike),
  }));
  const rows = groups(byPair, ({ alike: [first], ports }) => ({ ...first, client: '', port: ports }))
    .toSorted(([a], [b]) => rank(a?.alike[0]) - rank(b?.alike[0]))
    .flatMap((same) => {
      const first = same[0]?.alike[0];
      if (first === undefined) return [];
      const { server, outcome, wire, demanded, sent, seen = '-', because } = first;
      const name = server.namespace === target.namespace ? server.workload : `${server.namespace}/${server.workload}`;
      const callers = clients(
        same.flatMap(({ alike: [one] }) => one ?? []),
        target.namespace,
      );
      const observed = isSeen ? [seen] : [];
      return [
        [outcome, `${callers} → ${name}:${same[0]?.ports}`, demanded, sent, wire, ...observed, because.join('; ')],
      ];
    });
  const columns = ['result', 'client → server', 'server demands', 'client sends', 'on the wire'];
  return { columns: [...columns, ...(isSeen ? ['seen'] : []), 'why'], rows };
}

function groups<T>(all: readonly T[], likeness: (one: T) => unknown): readonly (readonly T[])[] {
  return [...Map.groupBy(all, (one) => JSON.stringify(likeness(one))).values()];
}

function portsOf(connections: readonly Connection[]): string {
  return [...new Set(connections.map(({ port }) => port))].join(',');
}

function rank(connection: Connection | undefined): number {
  return connection === undefined ? worstFirst.length : worstFirst.indexOf(connection.outcome);
}

function clients(alike: readonly Connection[], home: string | undefined): string {
  const names = alike.map(({ client }) =>
    client.namespace === home ? client.workload : `${client.namespace}/${client.workload}`,
  );
  if (names.length <= 3) return names.join(', ');
  const namespaces = new Set(alike.map(({ client }) => client.namespace)).size;
  return namespaces === 1 ? `${names.length} clients` : `${names.length} clients in ${namespaces} namespaces`;
}
