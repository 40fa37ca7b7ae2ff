import type { Change } from './fix.ts';
import type { KubernetesIdentity } from './remediation.ts';
import type { KubeObject } from './sources.ts';

export interface WriteOptions {
  /** The API server does everything but keep it: admission included. */
  readonly dryRun: boolean;
  /** Absent: as ourselves. */
  readonly as?: KubernetesIdentity;
}

/**
 * What became of a write.
 *
 * - `drifted`: the object is not as the change expects; nothing was written.
 * - `forbidden`: RBAC does not allow it.
 * - `rejected`: the API server or an admission webhook does not accept the result.
 * - `unavailable`: no answer came, or none that tells. `maybe`: it may have been written all the same.
 */
export type WriteOutcome =
  | { readonly status: 'written'; readonly object: KubeObject | null }
  | { readonly status: 'drifted'; readonly detail: string }
  | { readonly status: 'forbidden'; readonly detail: string }
  | { readonly status: 'rejected'; readonly by: string; readonly detail: string }
  | { readonly status: 'unavailable'; readonly detail: string; readonly written: 'no' | 'maybe' };

/** What is told of a change in an Event on the changed object. */
export interface ChangeNote {
  readonly reason: string;
  readonly message: string;
}

/** The Kubernetes API as the fixer needs it. What cannot be read is a SourceError; what cannot be written, an outcome. */
export interface ClusterWriter {
  readonly name: string;
  /** The object as it is now, with managedFields; `null` where there is none. */
  read(change: Pick<Change, 'resource' | 'namespace' | 'name'>): Promise<KubeObject | null>;
  /** Never tried twice. Fails where the object is not `before` by uid and resourceVersion. */
  write(change: Change, options: WriteOptions): Promise<WriteOutcome>;
  /** Whether this person may make this change, as the API server decides it. */
  isAllowed(change: Change, as: KubernetesIdentity): Promise<boolean>;
  /** Why all writes are stopped by the ConfigMap that stops them; absent where they are not. */
  frozen(): Promise<string | undefined>;
  /** An Event on the object. A failure is the caller's to log: it undoes nothing. */
  note(change: Change, note: ChangeNote): Promise<void>;
}
