import type { Traffic } from '../model/observed.ts';
import { type Series, SourceError } from '../model/sources.ts';

/** The labels of Istio's counters that say who called whom, and how. */
export const trafficLabels = [
  'source_workload',
  'source_workload_namespace',
  'destination_workload',
  'destination_workload_namespace',
  'destination_service_name',
  'connection_security_policy',
] as const;

/** @throws SourceError where the labels that matter are not there. */
export function trafficOf(
  series: readonly Pick<Series, 'labels' | 'value'>[],
  protocol: Traffic['protocol'],
): readonly Traffic[] {
  return series.filter(({ value }) => Number.isFinite(value)).map((one) => callOf(one, protocol));
}

function callOf({ labels: label, value }: Pick<Series, 'labels' | 'value'>, protocol: Traffic['protocol']): Traffic {
  const client = named(label.source_workload_namespace, label.source_workload);
  const server = named(label.destination_workload_namespace, label.destination_workload);
  const service = label.destination_service_name;
  const wire = wireOf(label.connection_security_policy);
  if (wire === undefined || server === undefined) throw unlabelled();
  return {
    ...(client !== undefined && { client }),
    server,
    ...(service !== undefined && service !== 'unknown' && { service }),
    protocol,
    wire,
    count: Math.max(1, Math.round(value)),
  };
}

function named(namespace: string | undefined, workload: string | undefined) {
  const known = (value: string | undefined): value is string => !['', '-', 'unknown', undefined].includes(value);
  return known(namespace) && known(workload) ? { namespace, workload } : undefined;
}

/** ztunnel says `unknown` where a sidecar says `none`. @see istio/ztunnel src/proxy/metrics.rs */
function wireOf(policy: string | undefined): Traffic['wire'] | undefined {
  if (policy === 'mutual_tls') return 'mtls';
  return policy === 'none' || policy === 'unknown' ? 'plaintext' : undefined;
}

function unlabelled(): SourceError {
  return new SourceError(
    'partial',
    'The metrics do not say how calls arrived: connection_security_policy, or the server’s name, is not among their labels.',
    { next: 'Look for a Telemetry object or a recording rule that drops these labels, and let them in again.' },
  );
}
