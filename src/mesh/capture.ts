import type { Pod } from '../model/workload.ts';

/** Ports that are never captured: metrics, health and the proxy's own. */
const ownPorts: readonly number[] = [15020, 15021, 15090];

/**
 * Whether a connection to this port of a pod passes its sidecar. If not, no policy of the mesh guards it.
 *
 * @see istio tools/istio-iptables/pkg/capture/run.go
 */
export function capturesInbound(pod: Pod, port: number): boolean {
  if (pod.dataPlane.mode !== 'sidecar' || ownPorts.includes(port) || uncaptured(pod)) return false;
  const included = annotation(pod, 'includeInboundPorts') ?? '*';
  if (included !== '*') return ports(included).includes(port);
  return !ports(annotation(pod, 'excludeInboundPorts')).includes(port);
}

/** Whether what the pod's application sends to a port passes its sidecar. `depends`: on addresses that we do not know. */
export function capturesOutbound(pod: Pod, port: number): 'yes' | 'no' | 'depends' {
  if (pod.dataPlane.mode === 'gateway') return 'yes';
  if (pod.dataPlane.mode !== 'sidecar' || uncaptured(pod)) return 'no';
  if (ports(annotation(pod, 'excludeOutboundPorts')).includes(port)) return 'no';
  if (ports(annotation(pod, 'includeOutboundPorts')).includes(port)) return 'yes';
  const included = annotation(pod, 'includeOutboundIPRanges') ?? '*';
  if (included === '') return 'no';
  return included === '*' && !annotation(pod, 'excludeOutboundIPRanges') ? 'yes' : 'depends';
}

function uncaptured(pod: Pod): boolean {
  return pod.annotations['sidecar.istio.io/interceptionMode'] === 'NONE';
}

function annotation(pod: Pod, name: string): string | undefined {
  return pod.annotations[`traffic.sidecar.istio.io/${name}`]?.trim();
}

function ports(list: string | undefined): readonly number[] {
  return (list ?? '').split(',').filter(Boolean).map(Number);
}
