import type { MeshView } from '../mesh/mesh-view.ts';
import type { Alignment } from '../mesh/tls-alignment.ts';
import type { TlsPlace } from '../mesh/tls-place.ts';
import { describeRef } from '../model/finding.ts';
import type { Risk } from '../model/fix.ts';
import type { Connection } from '../model/report.ts';
import { listed } from '../model/statement.ts';
import type { DestinationRule } from '../model/tls-config.ts';
import { callsIn } from './calls.ts';

export function titleOf(rule: DestinationRule, { places, remedy }: Alignment): string {
  const modes = listed([...new Set(places.map(({ mode }) => mode))]);
  const what = describeRef(rule);
  return remedy === 'remove' ? `Remove TLS ${modes} from ${what}` : `Set TLS of ${what} from ${modes} to ${remedy}`;
}

export function riskOf({ touched }: Alignment): Risk {
  const callers = new Set(touched.map(({ before: { client } }) => `${client.namespace}/${client.workload}`)).size;
  if (callers <= 5) return 'low';
  return callers <= 25 ? 'medium' : 'high';
}

export function effectsOf(
  rule: DestinationRule,
  { places, mended, touched }: Alignment,
  view: MeshView,
): readonly string[] {
  const isMended = new Set(mended.map(({ before }) => before));
  const others = touched.filter(({ before }) => !isMended.has(before));
  const judged = listed([...new Set(view.workloads.map(({ namespace }) => namespace))]);
  return [
    `${callsIn(mended.map(now), 'works', 'work')} again: ${sentOf(mended)}.`,
    ...(others.length === 0 ? [] : [`${callsIn(others.map(now), 'sends', 'send')} ${sentOf(others)}.`]),
    isForOwn(rule, view)
      ? `No other call changes; callers in ${judged} were judged.`
      : `Of the calls that were judged, those of callers in ${judged}, no other changes.`,
    `Of the rule, only this changes: TLS ${listed(places.map(placeOf))}.`,
    'It takes effect within seconds, without restarts. Connections are opened anew within 45 s.',
  ];
}

function now({ before }: Alignment['touched'][number]): Connection {
  return before;
}

function sentOf(changes: Alignment['touched']): string {
  return listed([...new Set(changes.map(({ before, after }) => `${after.sent} instead of ${before.sent}`))]);
}

function placeOf({ mode, ...place }: Alignment['places'][number]): string {
  return `${mode}${placeIn(place)}`;
}

/** ` of subset v1 at port 80`. */
export function placeIn({ subset, port }: TlsPlace): string {
  const of = subset === undefined ? '' : ` of subset ${subset}`;
  return `${of}${port === undefined ? '' : ` at port ${port}`}`;
}

/** `web → api:80 and api → api:80`. */
export function callsNamed(calls: readonly Connection[]): string {
  return listed([...new Set(calls.map(({ client, service, port }) => `${client.workload} → ${service}:${port}`))]);
}

/** Whether only callers in the rule's own namespace go by it: all of those are seen. */
function isForOwn({ exportTo, namespace, workloadSelector }: DestinationRule, { controlPlane }: MeshView): boolean {
  const shown = exportTo ?? controlPlane.revisions[0]?.defaultDestinationRuleExportTo ?? ['*'];
  const isPrivate = shown.length > 0 && shown.every((one) => one === '.' || one === namespace);
  return isPrivate || workloadSelector !== undefined;
}

export function doubtsOf(rule: DestinationRule, { touched }: Alignment, view: MeshView): readonly string[] {
  const { namespace } = rule;
  const others = [...new Set(view.workloads.map((one) => one.namespace))].filter((one) => one !== namespace);
  const judged = others.length === 0 ? 'none was seen calling' : `only those in ${listed(others)} were seen and judged`;
  const open = touched.filter(({ before }) => before.outcome === 'unknown');
  return [
    ...(isForOwn(rule, view) ? [] : [`The rule is for callers in other namespaces too: ${judged}.`]),
    ...(open.length === 0
      ? []
      : [`Whether ${callsIn(open.map(now), 'works', 'work')} is not known, before and after.`]),
  ];
}
