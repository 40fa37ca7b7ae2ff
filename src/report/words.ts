import type { Severity } from '../model/finding.ts';
import type { Report } from '../model/report.ts';
import { placeOf } from '../model/target.ts';

/** One sign per severity. The words beside it always say the same. */
export const signs: Readonly<Record<Severity, string>> = { error: '✖', warning: '▲', unknown: '?', info: 'i', ok: '✔' };

/** `1 pod`, `6 pods`, `2 AuthorizationPolicies`. */
export function counted(count: number, one: string): string {
  if (count === 1) return `1 ${one}`;
  return `${count} ${one.endsWith('y') ? `${one.slice(0, -1)}ies` : `${one}s`}`;
}

/** `20 ms`, `0.4 s`, `12 s`. */
export function seconds(milliseconds: number): string {
  if (milliseconds < 100) return `${Math.max(1, Math.round(milliseconds))} ms`;
  return milliseconds < 9_950 ? `${(milliseconds / 1000).toFixed(1)} s` : `${Math.round(milliseconds / 1000)} s`;
}

/** The counts under the verdict: what was found, in numbers. */
export function countsOf(report: Report): string {
  return [connectionCounts(report), demandCounts(report)].filter((part) => part !== '').join(' · ');
}

function connectionCounts({ connections = [], target }: Report): string {
  if (connections.length === 0) return '';
  const number = (outcome: string) => connections.filter((one) => one.outcome === outcome).length;
  const [fails, unknown] = [number('fails'), number('unknown')];
  const all = counted(connections.length, 'connection');
  const parts = [
    ...(fails > 0
      ? [`${fails} of ${all} in ${placeOf(target)} ${fails === 1 ? 'fails' : 'fail'}`]
      : [`${all}, none fails`]),
    ...(unknown > 0 ? [`${unknown} cannot be told`] : []),
  ];
  return parts.join(' · ');
}

function demandCounts({ demands = [] }: Report): string {
  if (demands.length === 0) return '';
  const workloads = demands.filter(({ port }) => port === undefined);
  const byMode = Map.groupBy(workloads, ({ mode }) => mode);
  const parts = (['NONE', 'DISABLE', 'PERMISSIVE', 'STRICT'] as const).flatMap((mode) => {
    const count = byMode.get(mode)?.length ?? 0;
    return count > 0 ? [`${count} ${mode === 'NONE' ? 'outside the mesh' : mode}`] : [];
  });
  const ports = demands.length - workloads.length;
  return [
    `${counted(workloads.length, 'workload')}: ${parts.join(', ')}`,
    ...(ports > 0 ? [`${counted(ports, 'port')} with a rule of its own`] : []),
  ].join(' · ');
}
