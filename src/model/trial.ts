/** What the fixer found of a proposed plan without writing: by a dry run, and by all that it looks at before one. */
export interface Trial {
  /**
   * - `ok`: the API server takes it.
   * - `refused`: whoever approved it, it would not be applied: rights, policy, an admission webhook, a freeze.
   * - `drifted`: it does not fit what is there any more.
   * - `unknown`: the cluster did not answer.
   */
  readonly outcome: 'ok' | 'refused' | 'drifted' | 'unknown';
  /** RFC 3339: of the last look. */
  readonly at: string;
  /** Sentences, with the next step. Absent where nothing stands in its way. */
  readonly why?: string;
}
