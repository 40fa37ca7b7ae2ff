import type { Labels } from './workload.ts';

/**
 * Istio objects that steer and guard traffic, reduced to what the rules in `mesh/` read. Plain JSON.
 * A list that Istio cannot tell from an absent one is simply empty; where absent and empty differ, the field says so.
 */
export interface Identity {
  readonly namespace: string;
  readonly name: string;
  /** RFC 3339; empty in files that do not say. Age decides between rivals. */
  readonly createdAt: string;
  /** RFC 3339: when its text was last written, if that was after it was made. */
  readonly changedAt?: string;
  /** The label istio.io/rev: only that istiod reads the object. */
  readonly revision?: string;
}

/** What a workload can see and reach. One applies to a workload, never several. */
export interface Sidecar extends Identity {
  readonly kind: 'Sidecar';
  /** Absent: the whole namespace, or in the root namespace the whole mesh. `{}` selects every pod and outranks absent. */
  readonly workloadSelector?: Labels;
  /** Empty: everything that is exported to the namespace. */
  readonly egress: readonly SidecarEgress[];
  /** Empty: the ports of the Services that select the pod. */
  readonly ingress: readonly SidecarIngress[];
  /** Absent: the mesh's. `outboundTrafficPolicy: {}` is REGISTRY_ONLY, the first value of the enumeration. */
  readonly outboundTrafficPolicy?: 'ALLOW_ANY' | 'REGISTRY_ONLY';
}

export interface SidecarEgress {
  /** `namespace/host`, with `.` for the own namespace, `*` for any, `~` for none and `~namespace` to leave out. */
  readonly hosts: readonly string[];
  /** Absent: every port that no other listener names. */
  readonly port?: { readonly number: number; readonly protocol: string };
  /** Bound to an address of its own, or not captured by iptables: ordinary calls do not pass it. */
  readonly bound: boolean;
}

export interface SidecarIngress {
  /** The port that clients' proxies connect to. */
  readonly port: { readonly number: number; readonly protocol: string };
  /** Where the proxy hands on to, such as `127.0.0.1:8080`; absent: the same port of the pod. */
  readonly defaultEndpoint?: string;
  /** Whether the proxy ends TLS itself (`tls` is set); counts only where mTLS is DISABLE. */
  readonly tls: boolean;
}

export interface AuthorizationPolicy extends Identity {
  readonly kind: 'AuthorizationPolicy';
  /** `matchLabels`; empty covers the namespace, or in the root namespace the mesh. */
  readonly selector: Labels;
  /** `targetRefs` and `targetRef`, as `Kind/name`. Such a policy has no effect on sidecars and ztunnel. */
  readonly targetRefs: readonly string[];
  /** Absent in the object: ALLOW. */
  readonly action: 'ALLOW' | 'DENY' | 'AUDIT' | 'CUSTOM';
  /** The annotation istio.io/dry-run is "true": it is only counted, never enforced. */
  readonly dryRun: boolean;
  /** The extension provider that a CUSTOM policy asks. */
  readonly provider?: string;
  /** Empty: nothing matches, so an ALLOW policy lets nothing in. A rule without any field matches everything. */
  readonly rules: readonly AuthorizationRule[];
}

/** Matches where one of `from`, one of `to` and all of `when` do. Empty lists match everything. */
export interface AuthorizationRule {
  /** The `source` of each entry. */
  readonly from: readonly AuthorizationSource[];
  /** The `operation` of each entry. */
  readonly to: readonly AuthorizationOperation[];
  readonly when: readonly AuthorizationCondition[];
}

/** Field names are Istio's; an absent list demands nothing. All fields present must match. */
export type AuthorizationSource = {
  readonly [F in (typeof sourceFields)[number] | Not<(typeof sourceFields)[number]>]?: readonly string[];
};

export type AuthorizationOperation = {
  readonly [F in (typeof operationFields)[number] | Not<(typeof operationFields)[number]>]?: readonly string[];
};

/** `ports` becomes `notPorts`. */
type Not<F extends string> = `not${Capitalize<F>}`;

export const sourceFields = [
  'principals',
  'requestPrincipals',
  'namespaces',
  'serviceAccounts',
  'trustDomains',
  'ipBlocks',
  'remoteIpBlocks',
] as const;

export const operationFields = ['hosts', 'ports', 'methods', 'paths'] as const;

export interface AuthorizationCondition {
  /** `source.namespace`, `request.headers[x-token]`, … */
  readonly key: string;
  readonly values: readonly string[];
  readonly notValues: readonly string[];
}

export interface VirtualService extends Identity {
  readonly kind: 'VirtualService';
  readonly hosts: readonly string[];
  /** Empty: only the mesh's sidecars. `mesh` among others: them too. */
  readonly gateways: readonly string[];
  /** Absent or empty: the mesh's default. */
  readonly exportTo?: readonly string[];
  readonly http: readonly HttpRoute[];
  readonly tls: readonly TlsRoute[];
  readonly tcp: readonly TcpRoute[];
}

export interface HttpRoute {
  /** One of them must match; empty matches everything. */
  readonly match: readonly HttpMatch[];
  readonly route: readonly RouteDestination[];
  /** Answered by the client's proxy: no server is asked. */
  readonly answeredBy?: 'redirect' | 'directResponse';
  /** The rest of the route is in another VirtualService; absent `namespace` is this one's. */
  readonly delegate?: { readonly namespace?: string; readonly name: string };
  /** Percentage of requests that the client's proxy fails on purpose (`fault.abort`); absent: none. */
  readonly abortPercent?: number;
}

/** What the client decides, so that it is known beforehand. */
interface StaticMatch {
  readonly gateways: readonly string[];
  readonly sourceLabels: Labels;
  readonly sourceNamespace?: string;
  /** The Service port that was dialled. */
  readonly port?: number;
}

export interface HttpMatch extends StaticMatch {
  /**
   * Fields that each request decides: `uri`, `headers`, `method`, … Left out are those that match every request
   * (`uri` with the prefix `/` or the regular expression `.*`).
   */
  readonly request: readonly string[];
}

export interface TlsRoute {
  readonly match: readonly (StaticMatch & {
    readonly sniHosts: readonly string[];
    readonly destinationSubnets: readonly string[];
  })[];
  readonly route: readonly RouteDestination[];
}

export interface TcpRoute {
  /** Empty matches everything. */
  readonly match: readonly (StaticMatch & { readonly destinationSubnets: readonly string[] })[];
  readonly route: readonly RouteDestination[];
}

export interface RouteDestination {
  /** As written: a short name belongs to the VirtualService's namespace. */
  readonly host: string;
  /** Absent: the port that was dialled. */
  readonly port?: number;
  readonly subset?: string;
  /** Absent in the object: 0, which is everything where the destination is alone and nothing where it is not. */
  readonly weight: number;
}
