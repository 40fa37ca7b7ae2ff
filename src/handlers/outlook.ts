import type { HandlerDeps } from './deps.ts';
import { noWorkerReply, type Reply, sentence } from './replies.ts';

const manyWaiting = 5;

/** Says so when the answer will take a while. Not knowing is no reason to alarm anybody. */
export async function outlook(cluster: string, deps: HandlerDeps): Promise<Reply | undefined> {
  try {
    const { waiting, workerAlive, workerSeenAt } = await deps.queues.state(cluster);
    if (!workerAlive) return noWorkerReply(cluster, workerSeenAt);
    return waiting < manyWaiting ? undefined : sentence(`Your question is queued behind ${waiting} others.`);
  } catch (error) {
    deps.log.warn({ error }, 'The state of the queue is unknown');
    return undefined;
  }
}
