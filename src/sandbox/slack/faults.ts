/** What goes wrong with a call. */
export type FaultKind =
  | { readonly status: 429; readonly retryAfter?: number }
  | { readonly status: 500 | 502 | 503 }
  /** The call is answered like this: `{error: 'internal_error'}`. */
  | { readonly error: string }
  /** The connection ends before Slack has done anything. */
  | { readonly drop: 'request' }
  /** Slack does what was asked, and the connection ends before it has said so. */
  | { readonly drop: 'reply' }
  | { readonly delayMs: number };

export interface FaultRule {
  /** A method, or `*` for all. */
  readonly method: string;
  readonly fault: FaultKind;
  /** How many calls are hit; 1 unless said otherwise. */
  readonly times?: number;
  /** Only every nth call is hit. */
  readonly every?: number;
  /** So many calls are let through first. */
  readonly after?: number;
}

export interface Faults {
  add(rule: FaultRule): void;
  clear(): void;
  /** The fault that hits this call, if any. */
  next(method: string): FaultKind | undefined;
}

export function createFaults(): Faults {
  const rules: { readonly rule: FaultRule; seen: number; hits: number }[] = [];
  return {
    add: (rule) => {
      rules.push({ rule, seen: 0, hits: 0 });
    },
    clear: () => {
      rules.length = 0;
    },
    next(method) {
      const matching = rules.filter(({ rule }) => rule.method === '*' || rule.method === method);
      for (const entry of matching) {
        const { fault, every = 1, after = 0, times = every > 1 ? Number.POSITIVE_INFINITY : 1 } = entry.rule;
        entry.seen += 1;
        if (entry.hits >= times || entry.seen <= after || (entry.seen - after) % every !== 0) continue;
        entry.hits += 1;
        return fault;
      }
      return undefined;
    },
  };
}
