import type { Target } from './target.ts';
import type { AuthorizationPolicy, ServiceEntry, Sidecar, VirtualService } from './traffic-config.ts';

export type Labels = Readonly<Record<string, string>>;

/** A label selector of the Kubernetes API. */
export interface LabelSelector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
    readonly values?: readonly string[];
  }[];
}

export type MtlsMode = 'STRICT' | 'PERMISSIVE' | 'DISABLE';

/** One istiod and the mesh configuration it runs with. */
export interface Revision {
  /** `default` where the installation has no revision of its own. */
  readonly name: string;
  /** Where istiod and its ConfigMaps live. */
  readonly namespace: string;
  readonly flavour: 'istio' | 'ossm2' | 'ossm3';
  /** Whether the mesh ConfigMap was read, or Istio's defaults are assumed because files hold none. */
  readonly meshConfig: { readonly configMap: string; readonly assumed: boolean };
  readonly rootNamespace: string;
  readonly enableAutoMtls: boolean;
  readonly trustDomain: string;
  /** Other names under which identities of this mesh are known. */
  readonly trustDomainAliases?: readonly string[];
  /** Absent: `cluster.local`. */
  readonly clusterDomain?: string;
  /** A namespace that none of these select does not exist for this istiod. Empty: all do. */
  readonly discoverySelectors: readonly LabelSelector[];
  readonly outboundTrafficPolicy: string;
  readonly defaultDestinationRuleExportTo: readonly string[];
  readonly defaultServiceExportTo?: readonly string[];
  readonly defaultVirtualServiceExportTo?: readonly string[];
  readonly deployments: readonly Istiod[];
}

export interface Istiod {
  readonly name: string;
  readonly namespace: string;
  readonly image: string;
  readonly ready: number;
  readonly replicas: number;
}

/** Which pods the API server sends to which istiod. One entry per webhook of a MutatingWebhookConfiguration. */
export interface InjectionWebhook {
  readonly configuration: string;
  readonly revision: string;
  /** Set where the webhook belongs to a tag that points at the revision. */
  readonly tag?: string;
  readonly namespaceSelector: LabelSelector;
  readonly objectSelector: LabelSelector;
}

export interface ControlPlane {
  readonly revisions: readonly Revision[];
  readonly webhooks: readonly InjectionWebhook[];
}

export interface Namespace {
  readonly name: string;
  readonly labels: Labels;
}

export interface Namespaces {
  /** False where only the target's own namespace could be read: then no other name is known to be wrong. */
  readonly complete: boolean;
  readonly items: readonly Namespace[];
}

export type DataPlane =
  /** An istio-proxy container, among the containers or as a native sidecar among the init containers. */
  | { readonly mode: 'sidecar'; readonly native: boolean; readonly image: string; readonly ready: boolean }
  /** Captured by ztunnel on its node. */
  | { readonly mode: 'ambient' }
  /** A gateway or waypoint: its proxy is its application. */
  | { readonly mode: 'gateway'; readonly ready: boolean }
  | { readonly mode: 'none' };

export interface ContainerPort {
  readonly name?: string;
  readonly port: number;
  readonly protocol: string;
}

export interface Pod {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  /** Only those of Istio that a check reads. */
  readonly annotations: Labels;
  readonly createdAt: string;
  readonly phase: string;
  readonly ready: boolean;
  /** Being deleted: it takes no new traffic. */
  readonly terminating: boolean;
  readonly hostNetwork: boolean;
  readonly serviceAccount: string;
  readonly node?: string;
  readonly ip?: string;
  readonly ports: readonly ContainerPort[];
  readonly dataPlane: DataPlane;
  /** The revision whose injector made the sidecar. */
  readonly revision?: string;
}

export interface Workload {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Labels of the pod template: policies select by these. */
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly serviceAccount: string;
  /** Pods it should have now; absent where that depends on a schedule or on nodes. */
  readonly replicas?: number;
  /** Ports of the pod template's containers. */
  readonly ports: readonly ContainerPort[];
  readonly hostNetwork: boolean;
  /** Those that run or are about to. Finished ones are left out. */
  readonly pods: readonly Pod[];
}

export interface ServicePort {
  readonly name?: string;
  readonly port: number;
  readonly protocol: string;
  readonly appProtocol?: string;
  /** A number, or the name of a container port that is looked up in each pod. */
  readonly targetPort: number | string;
}

export interface Endpoint {
  readonly ip: string;
  readonly ready: boolean;
  /** The pod behind it, where there is one. */
  readonly pod?: string;
  readonly ports: readonly { readonly name?: string; readonly port: number }[];
}

export interface Service {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly type: string;
  readonly headless: boolean;
  /** RFC 3339: where two Services disagree on a pod's port, the older one is believed. */
  readonly createdAt?: string;
  readonly selector: Labels;
  readonly ports: readonly ServicePort[];
  readonly endpoints: readonly Endpoint[];
}

/** A mode left out is UNSET: it inherits. An empty selector covers the whole namespace. */
export interface PeerAuthentication {
  readonly kind: 'PeerAuthentication';
  readonly namespace: string;
  readonly name: string;
  /** RFC 3339; empty in files that do not say. */
  readonly createdAt: string;
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

/** Every kind of evidence a check may need. To add a kind: one line here, one collector. */
export interface EvidenceByKind {
  readonly authorizationPolicies: readonly AuthorizationPolicy[];
  readonly controlPlane: ControlPlane;
  readonly destinationRules: readonly DestinationRule[];
  readonly namespaces: Namespaces;
  readonly peerAuthentications: readonly PeerAuthentication[];
  readonly serviceEntries: readonly ServiceEntry[];
  readonly services: readonly Service[];
  readonly sidecars: readonly Sidecar[];
  readonly virtualServices: readonly VirtualService[];
  readonly workloads: readonly Workload[];
}
export type EvidenceKind = keyof EvidenceByKind;

/**
 * Why evidence is missing. `unauthenticated`: our own credentials were refused. `invalid`: an object is there that
 * cannot be understood. `partial`: the source answered in part.
 */
export type MissingReason =
  | 'forbidden'
  | 'invalid'
  | 'not-in-source'
  | 'not-installed'
  | 'partial'
  | 'timeout'
  | 'unauthenticated'
  | 'unreachable';

/** How much was looked at: 6 of 6 pods. */
export interface Coverage {
  readonly seen: number;
  readonly of: number;
  /** In the singular: `pod`. */
  readonly unit: string;
  /** What was assumed or left out, as sentences. */
  readonly notes: readonly string[];
}

export type Evidence<K extends EvidenceKind> = {
  readonly source: string;
  /** RFC 3339. */
  readonly at: string;
} & (
  | { readonly status: 'collected'; readonly coverage: Coverage; readonly value: EvidenceByKind[K] }
  | { readonly status: 'missing'; readonly reason: MissingReason; readonly detail: string; readonly next?: string }
);

/** All the evidence of one run. Plain JSON: it can be saved, replayed and committed as a fixture. */
export interface Snapshot {
  readonly version: 1;
  readonly target: Target;
  /** RFC 3339: the "now" of every judgement. */
  readonly takenAt: string;
  readonly evidence: { readonly [K in EvidenceKind]?: Evidence<K> };
}
