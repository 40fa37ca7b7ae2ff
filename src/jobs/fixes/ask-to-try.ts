import type { Remediation } from '../../model/remediation.ts';
import type { FixDeps, Looked } from './deps.ts';

const againMs = 60_000;

/**
 * Has the fixer look whether a proposed plan could be applied, so that nobody approves in vain: until it could, once a
 * minute. Nothing waits for it.
 */
export async function askToTry(r: Remediation, { queues, cluster, now }: FixDeps): Promise<Looked> {
  const { plan, tried } = r;
  const isRecent = tried !== undefined && now().getTime() - Date.parse(tried.at) < againMs;
  // The way back is not tried: whoever wants it must not be kept from it.
  if (plan.undoOf === undefined && tried?.outcome !== 'ok' && !isRecent) await queues.try(cluster, plan.id);
  return { remediation: r };
}
