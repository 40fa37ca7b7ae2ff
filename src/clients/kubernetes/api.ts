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

/**
 * Does the work under the caller's signal and a deadline that starts now. Nothing of either is left behind: a worker's
 * signal lives for weeks, and `AbortSignal.any` would leave something at it with every call.
 */
export async function withDeadline<T>(
  { deadlineMs }: Api,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const giveUp = () => controller.abort(signal?.reason);
  const timeOut = () => controller.abort(new DOMException('The operation timed out.', 'TimeoutError'));
  const timer = setTimeout(timeOut, deadlineMs);
  signal?.addEventListener('abort', giveUp, { once: true });
  if (signal?.aborted) giveUp();
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
}
