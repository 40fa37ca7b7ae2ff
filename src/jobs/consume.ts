import type { ConnectionOptions, Job } from 'bullmq';
import { type CheckDeps, runCheck } from './check.ts';
import { type Consumer, consumeQueue, type Work } from './consume-queue.ts';
import { heartbeat } from './pulse.ts';
import { checkJobSchema, queueName, type Redis, workerKeys } from './queue.ts';

export type { Consumer } from './consume-queue.ts';

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

/** Answers questions about one cluster from its queue until closed. */
export function consumeChecks({ redis, concurrency, lockMs, deps, onTaken, within }: ConsumerSettings): Consumer {
  const { cluster, log } = deps;

  function read({ id: job, data }: Job): Work | undefined {
    const parsed = checkJobSchema.safeParse(data);
    if (!parsed.success) {
      log.error({ job, problems: parsed.error.issues }, 'A job makes no sense');
      return undefined;
    }
    const { requestId, requestedAt } = parsed.data;
    return {
      id: requestId,
      run(job, signal) {
        if (job.attemptsStarted === 1) onTaken(Math.max(0, deps.now().getTime() - Date.parse(requestedAt)) / 1000);
        const release = async (): Promise<void> => void (await job.removeDeduplicationKey());
        const run = { stalled: job.stalledCounter, signal, release };
        return within(requestId, () => runCheck(parsed.data, { ...deps, log: log.child({ requestId }) }, run));
      },
    };
  }

  const consumer = consumeQueue({ connection: redis, queue: queueName(cluster), concurrency, lockMs, log, read });
  const stopBeating = heartbeat(redis, workerKeys(cluster), log);
  return {
    running: consumer.running,
    close(graceMs) {
      stopBeating();
      return consumer.close(graceMs);
    },
  };
}
