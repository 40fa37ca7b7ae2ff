/** A right that a worker lacks. */
export interface LackedRight {
  /** `list pods`, `get configmaps istio`. */
  readonly right: string;
  /** What is not seen without it. */
  readonly evidence: readonly string[];
  /** Fixes that make no plan without it. Absent: none. */
  readonly fixes?: readonly string[];
  /** The manifest that grants it. */
  readonly grant: string;
}

/** In how many namespaces a worker may ask the proxies themselves. It is given namespace by namespace, or not at all. */
export interface ForwardRights {
  readonly held: number;
  readonly asked: number;
  /** The manifest that grants it. */
  readonly grant: string;
}

/** How the last call to Slack went that tells whether there is access at all. */
export interface SlackSight {
  /** RFC 3339. */
  readonly at: string;
  /** Slack's word for why not: `account_inactive`. Absent: it answered. */
  readonly code?: string;
}

/** How the last query of Prometheus went. */
export interface MetricsSight {
  /** Its address. */
  readonly source: string;
  /** Why there is no answer, as a sentence. Absent: it answered. */
  readonly why?: string;
}

/** What the API server says of a worker's rights, or why it does not. */
export type RightsState =
  | {
      readonly status: 'known';
      readonly account: string;
      readonly held: number;
      readonly lacks: readonly LackedRight[];
      /** Absent: no namespace is known yet that could be asked about. */
      readonly forward?: ForwardRights;
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
  /** Absent: it does not say. */
  readonly slack?: SlackSight;
  /** Absent: it asks no Prometheus. */
  readonly metrics?: MetricsSight;
}
