import type { Labels } from './workload.ts';

export type MtlsMode = 'STRICT' | 'PERMISSIVE' | 'DISABLE';

/** A mode left out is UNSET: it inherits. An empty selector covers the whole namespace. */
export interface PeerAuthentication {
  readonly kind: 'PeerAuthentication';
  readonly namespace: string;
  readonly name: string;
  /** RFC 3339; empty in files that do not say. */
  readonly createdAt: string;
  readonly changedAt?: string;
  readonly selector: Labels;
  readonly mode?: MtlsMode;
  readonly portModes: Readonly<Record<string, MtlsMode | null>>;
  /** The label istio.io/rev: only that istiod reads the object. */
  readonly revision?: string;
}

export interface ClientTls {
  /** Istio reads a missing mode as DISABLE. */
  readonly mode: 'DISABLE' | 'SIMPLE' | 'MUTUAL' | 'ISTIO_MUTUAL';
  /** A Secret with the certificates; sidecars read it only in a rule with a `workloadSelector`. */
  readonly credentialName?: string;
  /** Of whom the client takes certificates; absent: of the public authorities that its proxy knows. */
  readonly caCertificates?: string;
  readonly insecureSkipVerify?: true;
  /** The name that the client asks the server for. */
  readonly sni?: string;
  /** Whom the client accepts as server; empty or absent: the Service's own identities. */
  readonly subjectAltNames?: readonly string[];
}

export interface TrafficPolicy {
  readonly tls?: ClientTls;
  readonly loadBalancer?: string;
  /** Each replaces the whole policy for its Service port, also with what it leaves out. */
  readonly ports: readonly { readonly port: number; readonly tls?: ClientTls; readonly loadBalancer?: string }[];
}

export interface DestinationRule {
  readonly kind: 'DestinationRule';
  readonly namespace: string;
  readonly name: string;
  readonly createdAt: string;
  readonly changedAt?: string;
  readonly host: string;
  /** Absent: the mesh's default. */
  readonly exportTo?: readonly string[];
  readonly workloadSelector?: Labels;
  readonly trafficPolicy?: TrafficPolicy;
  readonly subsets: readonly {
    readonly name: string;
    readonly labels: Labels;
    readonly trafficPolicy?: TrafficPolicy;
  }[];
  readonly revision?: string;
}
