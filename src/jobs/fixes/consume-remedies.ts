import type { ConnectionOptions, Job } from 'bullmq';
import { type Consumer, consumeQueue, type Work } from '../consume-queue.ts';
import { every } from '../pulse.ts';
import { runAdvance } from './advance.ts';
import type { FixDeps } from './deps.ts';
import { runPropose } from './propose.ts';
import { type AdvanceJob, advanceJobSchema, type ProposeJob, proposeJobSchema, remedyQueueName } from './queue.ts';

export type { Consumer } from '../consume-queue.ts';

export interface RemedyConsumerSettings {
  readonly redis: ConnectionOptions;
  readonly deps: FixDeps;
  readonly concurrency: number;
  /** After how long without a sign of life a worker's job goes to another. */
  readonly lockMs: number;
  /** How often every plan that is not over is looked at, whatever got lost. */
  readonly sweepEveryMs: number;
  /** Runs the work for one plan, so that whatever it calls can tell which one it is for. */
  readonly within: <T>(requestId: string, work: () => Promise<T>) => Promise<T>;
}

/** Plans the fixes of one cluster and brings each plan on, until closed. */
export function consumeRemedies({ redis, deps, sweepEveryMs, within, ...settings }: RemedyConsumerSettings): Consumer {
  const { cluster, log } = deps;
  const queue = remedyQueueName(cluster);
  const consumer = consumeQueue({
    connection: redis,
    queue,
    log,
    read: (job) => workOf(job, deps, within),
    ...settings,
  });
  const stopSweeping = every(sweepEveryMs, () => sweep(deps), log, 'Plans cannot be looked at');
  return {
    running: consumer.running,
    close(graceMs) {
      stopSweeping();
      return consumer.close(graceMs);
    },
  };
}

function workOf(job: Job, deps: FixDeps, within: RemedyConsumerSettings['within']): Work | undefined {
  const schema = job.name === 'propose' ? proposeJobSchema : advanceJobSchema;
  const parsed = schema.safeParse(job.data);
  if (!parsed.success) {
    deps.log.error({ job: job.id, problems: parsed.error.issues }, 'A job makes no sense');
    return undefined;
  }
  return 'requestId' in parsed.data ? proposing(parsed.data, deps, within) : advancing(parsed.data, job, deps, within);
}

function proposing(data: ProposeJob, deps: FixDeps, within: RemedyConsumerSettings['within']): Work {
  const { requestId } = data;
  return {
    id: requestId,
    run(job, signal) {
      const release = async (): Promise<void> => void (await job.removeDeduplicationKey());
      const run = { stalled: job.stalledCounter, signal, release };
      return within(requestId, () => runPropose(data, { ...deps, log: deps.log.child({ requestId }) }, run));
    },
  };
}

function advancing(
  { id }: AdvanceJob,
  { id: jobId = id }: Job,
  deps: FixDeps,
  within: RemedyConsumerSettings['within'],
): Work {
  return {
    id: jobId,
    async run(job) {
      // Whoever wakes this plan from now on is not answered by this run: it may have looked already.
      await job.removeDeduplicationKey();
      return within(id, () => runAdvance(id, { ...deps, log: deps.log.child({ requestId: id }) }));
    },
  };
}

async function sweep({ cluster, remediations, queues }: FixDeps): Promise<void> {
  for (const id of await remediations.open(cluster)) await queues.wake(cluster, id);
}
