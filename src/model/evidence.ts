import type { ControlPlane, Namespaces } from './control-plane.ts';
import type { UserWorkloadMonitoring } from './monitoring.ts';
import type { Observed } from './observed.ts';
import type { Proxies } from './proxy.ts';
import type { ServiceEntry } from './service-entry.ts';
import type { MissingReason } from './sources.ts';
import type { Target } from './target.ts';
import type { DestinationRule, PeerAuthentication } from './tls-config.ts';
import type { AuthorizationPolicy, Sidecar, VirtualService } from './traffic-config.ts';
import type { Service, Workload } from './workload.ts';

/** Every kind of evidence a check may need. To add a kind: one line here, one collector. */
export interface EvidenceByKind {
  readonly authorizationPolicies: readonly AuthorizationPolicy[];
  readonly controlPlane: ControlPlane;
  readonly destinationRules: readonly DestinationRule[];
  readonly namespaces: Namespaces;
  readonly observed: Observed;
  readonly peerAuthentications: readonly PeerAuthentication[];
  readonly proxies: Proxies;
  readonly serviceEntries: readonly ServiceEntry[];
  readonly services: readonly Service[];
  readonly sidecars: readonly Sidecar[];
  readonly userWorkloadMonitoring: UserWorkloadMonitoring;
  readonly virtualServices: readonly VirtualService[];
  readonly workloads: readonly Workload[];
}

export type EvidenceKind = keyof EvidenceByKind;

/** How much was looked at: 6 of 6 pods. */
export interface Coverage {
  readonly seen: number;
  readonly of: number;
  /** In the singular: `pod`. */
  readonly unit: string;
  /** What was assumed or left out, as sentences. */
  readonly notes: readonly string[];
  /** What may not be read and may bear on the answer. Absent: nothing. */
  readonly unread?: readonly Unread[];
}

/** Something that may bear on an answer and that we have no right to read. */
export interface Unread {
  /** A sentence. */
  readonly says: string;
  readonly next?: string;
  /** Whose callers are left out for it. */
  readonly namespace?: string;
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
