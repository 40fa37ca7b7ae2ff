import type { Connection } from './connection.ts';
import type { Discovery } from './discovery.ts';

/** What lists and gets work with. */
export interface Api {
  readonly connection: Connection;
  readonly discovery: Discovery;
  /** For one list or one get, whatever it takes. */
  readonly deadlineMs: number;
  readonly pageSize: number;
}

/** The caller's signal, and the deadline that starts now. */
export function within({ deadlineMs }: Api, signal: AbortSignal | undefined): AbortSignal {
  const timeout = AbortSignal.timeout(deadlineMs);
  return signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
}
