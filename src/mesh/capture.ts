import type { Pod } from '../model/workload.ts';
import { once } from './once.ts';

/** Ports that are never captured: metrics, health and the proxy's own. */
const ownPorts: readonly number[] = [15020, 15021, 15090];

/**
 * Whether a connection to this port of a pod passes its sidecar. If not, no policy of the mesh guards it.
 *
 * @see istio tools/istio-iptables/pkg/capture/run.go
 */
export function capturesInbound(pod: Pod, port: number): boolean {
  if (pod.dataPlane.mode !== 'sidecar' || ownPorts.includes(port)) return false;
  const { none, inbound } = settingsOf(pod);
  if (none) return false;
  return inbound.included === '*' ? !inbound.excluded.includes(port) : inbound.included.includes(port);
}

/** Whether what the pod's application sends to a port passes its sidecar. `depends`: on addresses that we do not know. */
export function capturesOutbound(pod: Pod, port: number): 'yes' | 'no' | 'depends' {
  if (pod.dataPlane.mode === 'gateway') return 'yes';
  if (pod.dataPlane.mode !== 'sidecar') return 'no';
  const { none, outbound } = settingsOf(pod);
  if (none || outbound.excluded.includes(port)) return 'no';
  return outbound.included.includes(port) ? 'yes' : outbound.byAddress;
}

const settingsOf = once(({ annotations }: Pod) => {
  const setting = (name: string) => annotations[`traffic.sidecar.istio.io/${name}`]?.trim();
  const included = setting('includeInboundPorts') ?? '*';
  const ranges = setting('includeOutboundIPRanges') ?? '*';
  const others = ranges === '*' && !setting('excludeOutboundIPRanges') ? 'yes' : 'depends';
  return {
    none: annotations['sidecar.istio.io/interceptionMode'] === 'NONE',
    inbound: { included: included === '*' ? '*' : ports(included), excluded: ports(setting('excludeInboundPorts')) },
    outbound: {
      included: ports(setting('includeOutboundPorts')),
      excluded: ports(setting('excludeOutboundPorts')),
      byAddress: ranges === '' ? 'no' : others,
    },
  } as const;
});

function ports(list = ''): readonly number[] {
  return list.split(',').filter(Boolean).map(Number);
}
