import type { EvidenceKind, Unread } from './evidence.ts';
import type { Finding, Ref, Severity } from './finding.ts';
import type { MissingReason } from './sources.ts';
import type { Target } from './target.ts';
import type { MtlsMode } from './tls-config.ts';

/** What was looked at for one kind of evidence, or why it could not be. */
export type Looked = {
  readonly kind: EvidenceKind;
  readonly source: string;
  /** RFC 3339. */
  readonly at: string;
} & (
  | {
      readonly status: 'collected';
      readonly seen: number;
      readonly of: number;
      readonly unit: string;
      readonly notes: readonly string[];
      /** What may not be read and may bear on the answer. Absent: nothing. */
      readonly unread?: readonly Unread[];
    }
  | { readonly status: 'missing'; readonly reason: MissingReason; readonly detail: string; readonly next?: string }
);

/** A workload by name. */
export interface WorkloadName {
  readonly namespace: string;
  readonly workload: string;
  /** Absent where only the name is known. A CronJob and a Deployment may have the same name. */
  readonly kind?: string;
}

/** What one workload demands of its callers, on one port or on all the others. */
export interface Demand {
  readonly workload: Ref;
  /** A container port with a rule of its own; absent: every other port. */
  readonly port?: number;
  /** `NONE`: no pod of it enforces any policy. Where its pods differ, the weakest. */
  readonly mode: MtlsMode | 'NONE';
  /** The policies that decide it. Empty where Istio's built-in default does. */
  readonly decidedBy: readonly Ref[];
  /** Pods that no policy reaches, by name. */
  readonly outside: readonly string[];
}

export type Wire = 'mtls' | 'plaintext' | 'tls' | 'none' | 'unknown';

/** One client, one server, one Service port: whether that works, and why. */
export interface Connection {
  readonly client: WorkloadName;
  readonly server: WorkloadName;
  readonly service: string;
  /** The Service's port. */
  readonly port: number;
  readonly outcome: 'works' | 'fails' | 'unknown';
  /** What goes over the wire; `none` where nothing does. */
  readonly wire: Wire;
  /** How calls arrived lately, on any port of the server; absent: no metrics tell. */
  readonly seen?: 'mtls' | 'plaintext' | 'both' | 'nothing';
  /** What the server demands at its target port. */
  readonly demanded: string;
  /** What the client sends. */
  readonly sent: string;
  /** Sentences that name the objects which decide it. */
  readonly because: readonly string[];
}

/** The answer to one question, worst finding first. Renderers read this and nothing else. */
export interface Report {
  readonly version: 1;
  readonly topic: string;
  readonly target: Target;
  /** RFC 3339: when the evidence was taken. */
  readonly takenAt: string;
  /** The worst severity of the findings; `info` alone is `ok`. */
  readonly verdict: Exclude<Severity, 'info'>;
  /** The verdict as a sentence. */
  readonly headline: string;
  readonly findings: readonly Finding[];
  readonly coverage: readonly Looked[];
  /** Topic `mtls`: what each workload demands. */
  readonly demands?: readonly Demand[];
  /** Topic `mtls`: who reaches whom, and how. */
  readonly connections?: readonly Connection[];
}
