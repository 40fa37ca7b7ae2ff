import { isAsWritten } from '../../fixes/plan.ts';
import type { Verification } from '../../model/fix.ts';
import type { Plan, Remediation } from '../../model/remediation.ts';
import { UsageError } from '../../model/sources.ts';
import type { FixDeps } from './deps.ts';
import { objectOf } from './make-plan.ts';

/** What is seen of a plan that was applied. After its time, what still waits has failed. */
export async function verification(
  { plan, verifyUntil }: Extract<Remediation, { state: 'applied' }>,
  deps: FixDeps,
): Promise<Verification> {
  const seen = await (plan.undoOf === undefined ? reportOf(plan, deps) : contentOf(plan, deps));
  if (seen.state !== 'waiting' || deps.now().getTime() < Date.parse(verifyUntil)) return seen;
  return { ...seen, state: 'failed' };
}

/** What the fix's own topic says now. */
async function reportOf(
  { fix, target, change }: Plan,
  { answer, sources, log, fixOf }: FixDeps,
): Promise<Verification> {
  const { cluster, namespace } = target;
  const { topic, judge } = fixOf(fix).verify;
  const place = { cluster, ...(namespace !== undefined && { namespace }) };
  try {
    const { report } = await answer({ topic, target: place }, sources, {});
    return judge(report, target, change);
  } catch (error) {
    if (error instanceof UsageError) return { state: 'waiting', says: error.message };
    log.error({ error, fix, target }, 'A fix could not be verified');
    return { state: 'waiting', says: 'I cannot tell whether it works: something in me broke while I looked' };
  }
}

/** Going back is done once the object says what it said before: what that leads to was known when it did. */
async function contentOf({ change, target }: Plan, { sources }: FixDeps): Promise<Verification> {
  const { kind } = change.resource;
  const object = await objectOf(change, sources, target);
  if ('refusal' in object) return { state: 'waiting', says: object.refusal.refused };
  if (isAsWritten(object.live, change.after))
    return { state: 'done', says: `${kind} ${change.name} is as it was before` };
  return { state: 'waiting', says: `${kind} ${change.name} is not as it was before` };
}
