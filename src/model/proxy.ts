import type { MissingReason } from './sources.ts';
import type { MtlsMode } from './tls-config.ts';

/** What running proxies were found to have: held against what the objects say that they should have. */
export interface Proxies {
  readonly seen: readonly RunningProxy[];
  /** Pods that were asked and did not answer. */
  readonly unseen: readonly UnseenProxy[];
}

/** A ready sidecar, reduced to what checks read. No keys, no certificates themselves. */
export interface RunningProxy {
  readonly namespace: string;
  readonly pod: string;
  readonly workload: string;
  readonly istioVersion?: string;
  /** Absent where the proxy captures nothing that comes in. */
  readonly inbound?: InboundModes;
  /** Clusters for hosts of the namespace in question, as they are in use now. */
  readonly outbound: readonly OutboundCluster[];
  /** Why nothing is known of their endpoints. */
  readonly endpointsUnread?: string;
  /** Clusters with a change that is not in use yet: calls still go the old way. */
  readonly warming: readonly ClusterName[];
  /** Absent where the proxy holds no certificate of the mesh. */
  readonly certificates?: ProxyCertificates;
}

export interface InboundModes {
  /** By container port. */
  readonly ports: Readonly<Record<string, MtlsMode>>;
  /** Ports without a filter chain of their own. */
  readonly others?: MtlsMode;
}

/** What `outbound|9080|v1|reviews.bookinfo.svc.cluster.local` says. */
export interface ClusterName {
  /** The Service's port. */
  readonly port: number;
  readonly subset?: string;
  readonly host: string;
}

export interface OutboundCluster extends ClusterName {
  /** How connections are opened; `auto`: as each endpoint says. */
  readonly opens: 'auto' | 'mtls' | 'tls' | 'plaintext';
  /** The DestinationRule that istiod made it from. */
  readonly rule?: { readonly namespace: string; readonly name: string };
  /** Absent where nothing could be read of them, or the cluster has none. */
  readonly endpoints?: ClusterEndpoints;
}

/** Addresses behind a cluster, `10.244.0.12:9080`, by what the mesh tells the proxy of them: auto mTLS goes by it. */
export interface ClusterEndpoints {
  /** With tlsMode `istio`: auto mTLS sends them mTLS. */
  readonly mtls: readonly string[];
  readonly plaintext: readonly string[];
}

export interface ProxyCertificates {
  /** The certificate by which the proxy is known. */
  readonly own: Validity & { readonly identity: string };
  /** What it trusts. */
  readonly roots: readonly Validity[];
}

export interface Validity {
  readonly serial: string;
  /** RFC 3339, both. */
  readonly from: string;
  readonly until: string;
}

export interface UnseenProxy {
  readonly namespace: string;
  readonly pod: string;
  readonly reason: MissingReason;
  readonly detail: string;
}
