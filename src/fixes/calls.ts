import type { Connection } from '../model/report.ts';
import { listed } from '../model/statement.ts';

type Call = Pick<Connection, 'client' | 'service' | 'port'>;

/** Calls in words, folded by where they go, and what one of them does or many do: `14 callers → api:80 work`. */
export function callsIn(calls: readonly Call[], one: string, many: string): string {
  const byPlace = Map.groupBy(calls, ({ service, port }) => `${service}:${port}`);
  const folded = Array.from(byPlace, ([place, to]) => ({ place, callers: [...new Set(to.map(nameOf))] }));
  const isOne = folded.length === 1 && folded[0]?.callers.length === 1;
  return `${listed(folded.map(({ place, callers }) => `${callersOf(callers)} → ${place}`))} ${isOne ? one : many}`;
}

function callersOf(names: readonly string[]): string {
  return names.length <= 2 ? listed(names) : `${names.length} callers`;
}

function nameOf({ client }: Call): string {
  return client.workload;
}
