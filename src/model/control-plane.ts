import type { Labels } from './workload.ts';

/** A label selector of the Kubernetes API. */
export interface LabelSelector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
    readonly values?: readonly string[];
  }[];
}

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
