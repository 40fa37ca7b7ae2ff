import { isAsWritten } from '../../fixes/plan.ts';
import type { Verification } from '../../model/fix.ts';
import type { Plan, Remediation } from '../../model/remediation.ts';
import { UsageError } from '../../model/sources.ts';
import type { FixDeps } from './deps.ts';
import { objectOf } from './make-plan.ts';

type Applied = Extract<Remediation, { readonly state: 'applied' }>;

/** `works`: it would be done, but that has to last first. */
export type Seen = Verification | { readonly state: 'works'; readonly says: string };

/** What is seen of a plan that was applied. After its time, what still waits has failed. */
export async function verification(r: Applied, deps: FixDeps): Promise<Seen> {
  const { plan, verifyUntil } = r;
  const seen = await (plan.undoOf === undefined ? reportOf(plan, deps) : contentOf(plan, deps));
  const now = deps.now().getTime();
  if (seen.state === 'done' && now < lastsUntil(r, deps)) return { ...seen, state: 'works' };
  if (seen.state !== 'waiting' || now < Date.parse(verifyUntil)) return seen;
  return { ...seen, state: 'failed' };
}

/** When its working has lasted long enough, if it goes on, in milliseconds since 1970. */
export function lastsUntil({ plan, worksSince }: Applied, { fixOf, now }: Pick<FixDeps, 'fixOf' | 'now'>): number {
  const { lastsSeconds = 0 } = plan.undoOf === undefined ? fixOf(plan.fix).verify : {};
  return (worksSince === undefined ? now().getTime() : Date.parse(worksSince)) + lastsSeconds * 1_000;
}

/** Until when it may wait once it was seen to work: a look that failed does not end it. RFC 3339. */
export function watchUntil({ plan, written }: Applied, { fixOf }: Pick<FixDeps, 'fixOf'>): string {
  const { withinSeconds, lastsSeconds = 0 } = fixOf(plan.fix).verify;
  return new Date(Date.parse(written.at) + (withinSeconds + 2 * lastsSeconds) * 1_000).toISOString();
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
