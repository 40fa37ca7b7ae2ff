import type { ClusterEndpoints } from '../model/proxy.ts';
import type { PeerAuthentication } from '../model/tls-config.ts';
import type { Pod } from '../model/workload.ts';
import { type Cluster, sentTo } from './client-tls.ts';
import { endpointAddress } from './envoy-endpoints.ts';
import type { Istiod } from './istiod.ts';
import { modeAt, mtlsOf } from './peer-authentication.ts';

/** An endpoint of an auto mTLS cluster whose mark makes the client send something else than the objects foretell. */
export interface EndpointDifference {
  readonly pod: Pod;
  /** `10.244.0.12:9080`. */
  readonly address: string;
  readonly sends: 'mtls' | 'plaintext';
  readonly foretold: 'mtls' | 'plaintext';
  readonly decidedBy?: PeerAuthentication;
}

/** Only endpoints that are known from both sides: one that is missing, or of a pod that is gone, is none of its own. */
export function endpointDifferences(
  { mtls, plaintext }: ClusterEndpoints,
  cluster: Cluster,
  istiod: Istiod,
): readonly EndpointDifference[] {
  const sends = new Map([
    ...mtls.map((address) => [address, 'mtls'] as const),
    ...plaintext.map((address) => [address, 'plaintext'] as const),
  ]);
  return cluster.port.endpoints.flatMap((endpoint): readonly EndpointDifference[] => {
    const { pod, port } = endpoint;
    if (pod.ip === undefined || pod.terminating) return [];
    const address = endpointAddress(pod.ip, port);
    const seen = sends.get(address);
    const foretold = sentTo(endpoint, cluster, istiod).sent === 'mtls' ? 'mtls' : 'plaintext';
    if (seen === undefined || seen === foretold) return [];
    const { decidedBy } = modeAt(mtlsOf(pod, istiod.peerAuthentications), port);
    return [{ pod, address, sends: seen, foretold, ...(decidedBy !== undefined && { decidedBy }) }];
  });
}
