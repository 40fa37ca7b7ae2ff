import { describeRef } from '../model/finding.ts';
import type { Pod } from '../model/workload.ts';
import { capturesInbound } from './capture.ts';
import type { Istiod } from './istiod.ts';
import type { MeshEndpoint } from './mesh-service.ts';
import { podKey } from './mesh-view.ts';
import { modeAt, mtlsOf } from './peer-authentication.ts';
import { type Protocol, protocolNamed } from './protocol.ts';
import { sidecarFor } from './sidecar-scope.ts';
import type { Door } from './transport.ts';

/** A door, and what made it so. */
export interface JudgedDoor extends Door {
  /** The policy, or the absence of one, in words that stand alone: `PeerAuthentication istio-system/default (STRICT)`. */
  readonly by: string;
}

/**
 * How a pod takes connections at one of its ports. A port that no Service leads to, or that `Sidecar.ingress` leaves
 * out, is guarded all the same; only its protocol is guessed.
 *
 * @see istio pilot/pkg/networking/core/listener_inbound.go: buildInboundChainConfigs
 */
export function doorOf({ pod, port }: MeshEndpoint, declared: Protocol, istiod: Istiod): JudgedDoor {
  const { mode: plane } = pod.dataPlane;
  if (plane !== 'sidecar' && plane !== 'ambient') return open(declared, 'the server has no proxy');
  if (plane === 'sidecar' && !capturesInbound(pod, port)) {
    return open(declared, `port ${port} of pod ${podKey(pod)} is excluded from its proxy`);
  }
  const { mode, decidedBy } = modeAt(mtlsOf(pod, istiod.peerAuthentications), port);
  const by =
    decidedBy === undefined ? 'no PeerAuthentication applies (PERMISSIVE)' : `${describeRef(decidedBy)} (${mode})`;
  // ztunnel knows no DISABLE: it takes plaintext as well as mTLS. It looks into no protocol.
  if (plane === 'ambient')
    return { mode: mode === 'DISABLE' ? 'PERMISSIVE' : mode, protocol: 'tcp', ambient: true, by };
  return { mode, protocol: inboundProtocol(pod, port, istiod), by };
}

function open(protocol: Protocol, by: string): JudgedDoor {
  return { mode: 'NONE', protocol, by };
}

function inboundProtocol(pod: Pod, port: number, istiod: Istiod): Protocol {
  const { namespace, labels } = pod;
  const ingress = sidecarFor({ namespace, labels, isGateway: false }, istiod)?.ingress ?? [];
  if (ingress.length === 0) return istiod.inbound.get(podKey(pod))?.get(port) ?? 'auto';
  return protocolNamed(ingress.find((one) => one.port.number === port)?.port.protocol ?? '') ?? 'auto';
}
