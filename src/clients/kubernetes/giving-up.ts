import { SourceError } from '../../model/sources.ts';
import { seconds } from './values.ts';

/** For work that others wait for too: whoever gives up stops waiting, and the work goes on. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  // What it comes to is of no interest then, not even a failure.
  work.catch(() => undefined);
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', onAbort));
}

const lookAtLoad = 'Ask again; if it stays so, look at the load of the API server, or give it more time.';

/** A deadline is the world's fault, whoever set it; a caller who changed their mind hears their own reason. */
export function gaveUp(reason: unknown, server: string, waitedMs: number, next = lookAtLoad): unknown {
  if (!(reason instanceof Error) || reason.name !== 'TimeoutError') return reason;
  return new SourceError('timeout', `${server} did not answer within ${seconds(waitedMs)}.`, {
    next,
    cause: reason,
  });
}
