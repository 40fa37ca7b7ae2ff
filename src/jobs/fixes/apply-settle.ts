import { planAnnotation } from '../../fixes/content.ts';
import { changedBy, isAsWritten } from '../../fixes/plan.ts';
import { canonical } from '../../model/canonical.ts';
import { describeChanged } from '../../model/fix.ts';
import { fail, giveUp } from '../../model/life.ts';
import type { Remediation } from '../../model/remediation.ts';
import { type KubeObject, SourceError } from '../../model/sources.ts';
import type { Settled } from '../settle.ts';
import type { ApplyDeps } from './apply-deps.ts';
import { later, meet, recordWritten } from './apply-record.ts';

/** Settles a change that was begun and whose end nobody saw, by the object. It is never written again. */
export async function settlePlan(r: Remediation, deps: ApplyDeps): Promise<Settled> {
  if (r.state !== 'applying') return { status: 'done' };
  const { plan } = r;
  let live: KubeObject | null;
  try {
    live = await deps.writer.read(plan.change);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    deps.log.warn({ error, plan: plan.id }, 'It cannot be seen whether a change was made');
    return later;
  }
  if (isAsWritten(live, plan.change.after) || live?.metadata.annotations?.[planAnnotation] === plan.id)
    return recordWritten(r, live, deps);
  // With another resourceVersion the write can no longer be made, but it may have been made and changed since.
  if (!isUntouched(live, plan.change.before))
    return meet({ kind: 'step', step: (one, at) => giveUp(one, whoElse(r, live), at) }, r, deps);
  if (deps.now().getTime() - Date.parse(r.startedAt) < deps.inFlightMs) return later;
  return meet(
    {
      kind: 'step',
      step: (one, at) =>
        fail(one, 'the write was interrupted, and the object is as before. Ask for the fix again.', at),
    },
    r,
    deps,
  );
}

function isUntouched(live: KubeObject | null, before: KubeObject | null): boolean {
  const idOf = (object: KubeObject | null) => [object?.metadata.uid, object?.metadata.resourceVersion];
  return canonical(idOf(live)) === canonical(idOf(before));
}

function whoElse({ plan }: Remediation, live: KubeObject | null): string {
  if (live === null) return `${describeChanged(plan.change)} is gone.`;
  const who = changedBy(live, plan.requestedAt);
  return who === undefined
    ? `${describeChanged(plan.change)} is not as it was.`
    : `${describeChanged(plan.change)} was changed by ${who}.`;
}

/** Settles every begun change of this cluster that this process is not at work on. One that breaks stops no other. */
export async function settleInterrupted(deps: ApplyDeps): Promise<void> {
  for (const id of await deps.remediations.open(deps.cluster)) {
    if (deps.working.has(id)) continue;
    deps.working.add(id);
    try {
      const r = await deps.remediations.load(id);
      if (r?.state === 'applying' && r.plan.target.cluster === deps.cluster) await settlePlan(r, deps);
    } catch (error) {
      deps.log.warn({ error, plan: id }, 'A begun change could not be settled');
    } finally {
      deps.working.delete(id);
    }
  }
}
