import type { Pod } from '../model/workload.ts';
import { overlap } from './hosts.ts';
import type { Istiod } from './istiod.ts';
import type { MeshService } from './mesh-service.ts';
import type { Sent } from './transport.ts';

/**
 * Whether a pod takes tunnels (HBONE): those that ztunnel captures, and sidecars that were told to.
 *
 * @see istio pilot/pkg/serviceregistry/ambient/workloads.go
 */
export function takesTunnels(pod: Pod): boolean {
  return pod.dataPlane.mode === 'ambient' || pod.labels['networking.istio.io/tunnel'] === 'http';
}

/** ztunnel tunnels wherever the other side takes it. No DestinationRule and no Sidecar has a say. */
export function sentByZtunnel(to: Pod): { readonly sent: Sent; readonly because: readonly string[] } {
  if (takesTunnels(to)) return { sent: 'tunnel', because: ['ztunnel tunnels it (HBONE)'] };
  return { sent: 'plaintext', because: ['the server takes no tunnel (HBONE), so ztunnel sends plaintext'] };
}

/**
 * Why a call through the Service's waypoint cannot be foretold, if it cannot: what steers and guards there is not
 * judged here.
 */
export function waypointDoubt(service: MeshService, istiod: Istiod): string | undefined {
  const { waypoint, namespace, host } = service;
  if (waypoint === undefined) return undefined;
  const guarded = istiod.authorizationPolicies.get(namespace)?.some(({ targetRefs }) => targetRefs.length > 0) ?? false;
  const steered = istiod.virtualServices.some(({ hosts }) =>
    hosts.some((one) => one === service.name || overlap(one, host)),
  );
  if (!guarded && !steered) return undefined;
  return `it passes the waypoint ${waypoint}, and what is set there is not judged`;
}
