import type { Refusal } from '../../model/fix.ts';
import { beginUndo } from '../../model/life.ts';
import { ruleOf } from '../../model/policy-decisions.ts';
import { isSettled, type Plan, type Remediation } from '../../model/remediation.ts';
import { type FixDeps, move } from './deps.ts';
import { makeUndoPlan } from './make-plan.ts';
import { minutesAfter, offer, requestUnder } from './offer.ts';
import type { ProposeJob } from './queue.ts';

/** It shows what is there at the click, so it is decided soon. */
const undoExpiresMinutes = 15;

/** Proposes to take a plan back. It is shown on that plan's card, and one person who may approve decides. */
export async function proposeUndo(
  job: ProposeJob,
  original: Remediation | undefined,
  deps: FixDeps,
  signal: AbortSignal,
): Promise<Refusal | undefined> {
  if (original === undefined) return { refused: 'That plan is not kept any more, so it cannot be undone by a click.' };
  const id = job.requestId;
  if ((await deps.remediations.load(id)) === undefined) {
    const refusal = (await notNow(original, deps)) ?? (await offerUndo(job, original.plan, deps, signal));
    if (refusal !== undefined) return refusal;
  }
  await move(original, deps, (current, at) =>
    mayBegin(current) && current.undoneBy !== id ? beginUndo(current, id, job.requestedBy, at) : undefined,
  );
  await deps.queues.wake(deps.cluster, id);
  return undefined;
}

type Undoable = Extract<Remediation, { readonly state: 'verified' | 'unverified' }>;

function mayBegin(r: Remediation): r is Undoable {
  return r.state === 'verified' || r.state === 'unverified';
}

async function notNow(r: Remediation, { remediations, now, fixOf }: FixDeps): Promise<Refusal | undefined> {
  if (r.state === 'undone') return { refused: 'This has been undone already.' };
  if (!mayBegin(r)) return { refused: 'This is not applied, so there is nothing to undo.' };
  const { undoWithinMinutes } = fixOf(r.plan.fix);
  if (now().getTime() > Date.parse(minutesAfter(new Date(r.written.at), undoWithinMinutes))) {
    const next = 'Change it by hand, or ask for a fix of what is there now.';
    return { refused: `This could be undone by a click for ${undoWithinMinutes} min, and they are over.`, next };
  }
  const other = r.undoneBy === undefined ? undefined : await remediations.load(r.undoneBy);
  if (other === undefined || isSettled(other)) return undefined;
  return { refused: 'Somebody wants to undo this already.', next: 'Decide it on the card.' };
}

async function offerUndo(
  { requestId: id, requestedBy, requestedAt }: ProposeJob,
  plan: Plan,
  deps: FixDeps,
  signal: AbortSignal,
): Promise<Refusal | undefined> {
  const rule = ruleOf(deps.policy, plan);
  if ('allowed' in rule) return { refused: rule.why };
  const alone = { ...rule, approvals: 1, selfApproval: true, expiresMinutes: undoExpiresMinutes };
  const { target, channel } = plan;
  // Its time begins now: it may have waited for a worker.
  const request = requestUnder(alone, { id, target, requestedBy, requestedAt, channel }, deps);
  const made = await makeUndoPlan(deps.fixOf(plan.fix), plan, request, deps.sources, { signal });
  if (made.status !== 'planned') return made.refusal;
  await offer(made.plan, deps);
  return undefined;
}
