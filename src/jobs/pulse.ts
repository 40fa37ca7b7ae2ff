import type { Log } from '../model/log.ts';

/** The part of a Redis client that a sign of life takes. */
interface Redis {
  readonly status: string;
  set(key: string, value: string, unit: 'EX', seconds: number): Promise<unknown>;
}

const aliveSeconds = 15;
const seenSeconds = 30 * 24 * 3600;

/** Does the work now and then again, one after the other; a failure is logged. Gives what stops it. */
export function every(ms: number, work: () => Promise<void>, log: Log, failed: string): () => void {
  let running = false;
  const run = async (): Promise<void> => {
    if (running) return;
    running = true;
    await work()
      .catch((error: unknown) => log.warn({ error }, failed))
      .finally(() => (running = false));
  };
  void run();
  const timer = setInterval(() => void run(), ms);
  return () => clearInterval(timer);
}

/** Lets people be told when nobody is there to do their work. Gives what stops it. */
export function heartbeat(
  redis: Redis,
  { alive, seen }: { readonly alive: string; readonly seen: string },
  log: Log,
): () => void {
  const beat = async (): Promise<void> => {
    if (redis.status !== 'ready') return;
    const now = new Date().toISOString();
    await redis.set(seen, now, 'EX', seenSeconds);
    await redis.set(alive, now, 'EX', aliveSeconds);
  };
  return every((aliveSeconds * 1000) / 3, beat, log, 'No heartbeat');
}
