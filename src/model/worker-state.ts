/** A right that a worker lacks. */
export interface LackedRight {
  /** `list pods`, `get configmaps istio`. */
  readonly right: string;
  /** What is not seen without it. */
  readonly evidence: readonly string[];
  /** The manifest that grants it. */
  readonly grant: string;
}

/** What the API server says of a worker's rights, or why it does not. */
export type RightsState =
  | {
      readonly status: 'known';
      readonly account: string;
      readonly held: number;
      readonly lacks: readonly LackedRight[];
    }
  | { readonly status: 'unknown'; readonly why: string };

/** What a worker says of itself. */
export interface WorkerState {
  readonly version: 1;
  /** The version of the program. */
  readonly release: string;
  /** RFC 3339. */
  readonly startedAt: string;
  /** RFC 3339: when it said this. */
  readonly at: string;
  /** Where it looks: the address of the API server, or files. */
  readonly source: string;
  /** SHA-256 of the policy in force there. Absent: fixes are off. */
  readonly policy?: string;
  /** Absent: there is nobody to ask, as with files. */
  readonly rights?: RightsState;
}
