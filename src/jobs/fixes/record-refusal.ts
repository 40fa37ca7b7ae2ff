import { describeFixTarget } from '../../model/fix.ts';
import { sentence } from '../../model/transition.ts';
import type { DeliveryRecord } from '../records.ts';
import type { FixDeps } from './deps.ts';
import type { ProposeJob } from './queue.ts';

/** Once for each request, however often its answer has to be delivered. Whoever asked is answered also without it. */
export async function recordRefusal(
  refused: string,
  { requestId, fix, target, requestedBy }: ProposeJob,
  { parts }: DeliveryRecord,
  { audit, records, log, now }: Pick<FixDeps, 'audit' | 'records' | 'log' | 'now'>,
): Promise<void> {
  if (parts.has('recorded')) return;
  try {
    await audit.append({
      kind: 'refused',
      at: now().toISOString(),
      says: sentence(`No plan: ${refused}`),
      by: requestedBy,
      cluster: target.cluster,
      fix,
      target: describeFixTarget(target),
      plan: requestId,
    });
    await records.setPart(requestId, 'recorded', 'yes');
  } catch (error) {
    log.warn({ error, fix, target }, 'A refusal could not be recorded');
  }
}
