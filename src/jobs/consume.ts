import { type ConnectionOptions, DelayedError, type Job, UnrecoverableError, Worker } from 'bullmq';
import type { Log } from '../model/log.ts';
import { type CheckDeps, runCheck } from './check.ts';
import { checkJobSchema, prefix, queueName, type Redis, workerKeys } from './queue.ts';
import type { Settled } from './settle.ts';

export interface ConsumerSettings {
  readonly redis: Redis & ConnectionOptions;
  readonly concurrency: number;
  readonly deps: CheckDeps;
  /** After how long without a sign of life a worker's job goes to another. */
  readonly lockMs: number;
  /** Told how long a question waited. */
  readonly onTaken: (waitedSeconds: number) => void;
  /** Runs the work for one request, so that whatever it calls can tell which one it is for. */
  readonly within: <T>(requestId: string, work: () => Promise<T>) => Promise<T>;
}

export interface Consumer {
  readonly running: () => number;
  /** Takes no more jobs, waits for those it has, and gives back what is not done in time. */
  close(graceMs: number): Promise<void>;
}

const aliveSeconds = 15;
const seenSeconds = 30 * 24 * 3600;

/** Answers questions about one cluster from its queue until closed. */
export function consumeChecks({ redis, concurrency, lockMs, deps, onTaken, within }: ConsumerSettings): Consumer {
  const { cluster, log } = deps;
  const stop = new AbortController();
  let closing = false;
  const running = new Set<string>();

  async function take(job: Job, token: string | undefined): Promise<void> {
    // A pause does not end the wait for the next job that is under way.
    if (closing) return putOff(job, token, 0);
    const parsed = checkJobSchema.safeParse(job.data);
    if (!parsed.success) {
      log.error({ job: job.id, problems: parsed.error.issues }, 'A job makes no sense');
      throw new UnrecoverableError('The job makes no sense');
    }
    const { requestId, requestedAt } = parsed.data;
    // BullMQ gives a job twice to one worker when its lock ran out while Redis was away.
    if (running.has(requestId)) return putOff(job, token, lockMs);
    running.add(requestId);
    try {
      if (job.attemptsStarted === 1) onTaken(Math.max(0, deps.now().getTime() - Date.parse(requestedAt)) / 1000);
      const release = async (): Promise<void> => void (await job.removeDeduplicationKey());
      const run = { stalled: job.stalledCounter, signal: stop.signal, release };
      const check = () => runCheck(parsed.data, { ...deps, log: log.child({ requestId }) }, run);
      await end(await within(requestId, check), job, token);
    } finally {
      running.delete(requestId);
    }
  }

  const worker = new Worker(queueName(cluster), take, {
    connection: redis,
    prefix,
    concurrency,
    lockDuration: lockMs,
    stalledInterval: lockMs / 3,
    // Our own count of stalls ends the job with a message; BullMQ's would end it without one.
    maxStalledCount: 1_000,
  });
  worker.on('error', (error) => log.warn({ error }, 'The queue does not answer'));
  worker.on('failed', (job, error) => log.error({ job: job?.id, error }, 'A job failed'));
  const pulse = heartbeat(redis, cluster, log);

  return {
    running: () => running.size,
    async close(graceMs) {
      closing = true;
      clearInterval(pulse);
      await worker.pause(true);
      await until(() => running.size === 0, graceMs);
      stop.abort();
      await until(() => running.size === 0, 2_000);
      await worker.close(true);
    },
  };
}

async function end(settled: Settled, job: Job, token: string | undefined): Promise<void> {
  if (settled.status === 'later') await putOff(job, token, settled.delayMs);
}

async function putOff(job: Job, token: string | undefined, delayMs: number): Promise<never> {
  await job.moveToDelayed(Date.now() + delayMs, token);
  throw new DelayedError();
}

/** Lets the bot tell people that nobody is there to answer. */
function heartbeat(redis: Redis, cluster: string, log: Log): NodeJS.Timeout {
  const { alive, seen } = workerKeys(cluster);
  const beat = async (): Promise<void> => {
    if (redis.status !== 'ready') return;
    const now = new Date().toISOString();
    await redis.set(seen, now, 'EX', seenSeconds);
    await redis.set(alive, now, 'EX', aliveSeconds);
  };
  const quietly = (): void => void beat().catch((error: unknown) => log.warn({ error }, 'No heartbeat'));
  quietly();
  return setInterval(quietly, (aliveSeconds * 1000) / 3);
}

async function until(done: () => boolean, timeoutMs: number): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!done() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 50));
}
