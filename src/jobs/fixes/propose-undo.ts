import type { Refusal } from '../../model/fix.ts';
import { beginUndo } from '../../model/life.ts';
import { ruleOf } from '../../model/policy-decisions.ts';
import { isSettled, type Plan, type Remediation } from '../../model/remediation.ts';
import { shortId } from '../../report/fix-card.ts';
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
  const kept = await deps.remediations.load(id);
  const obstacle = await notNow(original, deps);
  if (kept === undefined) {
    const refusal = obstacle ?? (await offerUndo(job, original.plan, deps, signal));
    if (refusal !== undefined) return refusal;
  }
  // A worker died after it was kept: meanwhile it may have been decided, or another one begun.
  const isLate = kept !== undefined && (isSettled(kept) || obstacle !== undefined);
  if (!isLate) await beginWith(id, original, job, deps);
  await deps.queues.wake(deps.cluster, id);
  return undefined;
}

async function beginWith(id: string, original: Remediation, { requestedBy }: ProposeJob, deps: FixDeps): Promise<void> {
  await move(original, deps, (current, at) => {
    const isAsLooked = mayBegin(current) && mayBegin(original) && undoIn(current) === undoIn(original);
    return isAsLooked ? beginUndo(current, id, requestedBy, at) : undefined;
  });
}

type Undoable = Extract<Remediation, { readonly state: 'applied' | 'verified' | 'unverified' }>;

/** The way back waits for no check: also a plan that is not verified yet can be taken back. */
function mayBegin(r: Remediation): r is Undoable {
  return r.state === 'applied' || r.state === 'verified' || r.state === 'unverified';
}

function undoIn(r: Undoable): string | undefined {
  return 'undoneBy' in r ? r.undoneBy : undefined;
}

async function notNow(r: Remediation, { remediations, now, fixOf }: FixDeps): Promise<Refusal | undefined> {
  if (r.state === 'undone') return { refused: 'This has been undone already.' };
  if (!mayBegin(r)) return { refused: 'This is not applied, so there is nothing to undo.' };
  const { undoWithinMinutes } = fixOf(r.plan.fix);
  if (now().getTime() > Date.parse(minutesAfter(new Date(r.written.at), undoWithinMinutes))) {
    const next = 'Change it by hand, or ask for a fix of what is there now.';
    return { refused: `This could be undone by a click for ${undoWithinMinutes} min, and they are over.`, next };
  }
  const earlier = undoIn(r);
  const other = earlier === undefined ? undefined : await remediations.load(earlier);
  if (other !== undefined && 'written' in other) return takenBack(other);
  if (other === undefined || isSettled(other)) return undefined;
  return { refused: 'Somebody wants to undo this already.', next: 'Decide it on the card.' };
}

function takenBack({ plan }: Remediation): Refusal {
  const refused = `This was taken back already, by plan ${shortId(plan)}…: it waits to be confirmed, or could not be.`;
  return { refused, next: 'Look at the object, and ask for a fix of what is there now.' };
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
