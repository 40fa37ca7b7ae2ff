import type { Asked } from './bot-status.ts';

/** Whether one fix that the policy allows has its rights, place by place. */
export interface FixRightsState {
  readonly fix: string;
  /** The manifest that grants them. */
  readonly grant: string;
  /** How many places were asked about: namespaces, or the cluster. */
  readonly asked: number;
  /** How many more there are. */
  readonly notAsked: number;
  readonly lacks: readonly LackedPlace[];
}

export interface LackedPlace {
  /** A namespace. Absent: the cluster. */
  readonly namespace?: string;
  /** `patch peerauthentications.security.istio.io`. */
  readonly rights: readonly string[];
  /** The policy names this fix and this place, rather than matching them with a `*`. */
  readonly isNamed: boolean;
}

/** What a fixer says of itself. */
export interface FixerState {
  readonly version: 1;
  /** The version of the program. */
  readonly release: string;
  /** RFC 3339. */
  readonly startedAt: string;
  /** RFC 3339: when it said this. */
  readonly at: string;
  /** SHA-256 of the policy in force there. */
  readonly policy: Asked<string>;
  /** The ConfigMap that stops all changes; `because` is absent where they go on. Absent: it looks at none. */
  readonly freeze?: Asked<{ readonly because?: string }>;
  /** Absent: there is nobody to ask, as with files. */
  readonly rights?: Asked<readonly FixRightsState[]>;
}
