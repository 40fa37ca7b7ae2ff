import type { Remediation } from '../../model/remediation.ts';
import type { FixingDeps } from '../deps.ts';
import type { Press } from './press.ts';

/** Whether it was pressed on the one message that shows the plan. A plan that takes another back is shown on its card. */
export async function isOnItsCard(
  { card, plan }: Remediation,
  { channel, ts }: Press,
  { fixes }: FixingDeps,
): Promise<boolean> {
  const original = plan.undoOf === undefined ? undefined : await fixes.remediations.load(plan.undoOf);
  const place = original?.card ?? card;
  return place !== undefined && place.channel === channel && place.ts === ts;
}
