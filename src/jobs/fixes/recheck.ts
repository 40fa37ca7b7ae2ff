import { changedBy, type PlanRequest, writesTheSame } from '../../fixes/plan.ts';
import { describeChanged } from '../../model/fix.ts';
import { stillAllowed } from '../../model/policy-apply.ts';
import { holdsCluster, type Plan, type Remediation } from '../../model/remediation.ts';
import { sentence } from '../../model/transition.ts';
import { shortId } from '../../report/fix-card.ts';
import { titleOf } from '../../report/fix-status.ts';
import type { FixDeps } from './deps.ts';
import { makePlan, makeUndoPlan, objectOf, type Planned } from './make-plan.ts';
import { offerAnew } from './offer.ts';
import { UnreadableRemediation } from './remediations.ts';

/** What becomes of an approved plan. `why`: a sentence. */
export type Recheck =
  | { readonly outcome: 'clear' }
  /** Not now; nothing is lost by waiting. */
  | { readonly outcome: 'wait'; readonly why: string }
  | { readonly outcome: 'refuse'; readonly why: string }
  | { readonly outcome: 'drift'; readonly why: string; readonly replacedBy?: string };

/** Looks whether all that an approved plan rests on still holds: nothing stops it, the people, and the cluster. */
export async function recheck(r: Remediation, deps: FixDeps): Promise<Recheck> {
  if ((await deps.remediations.freeze.get()) !== undefined) {
    return { outcome: 'wait', why: 'All fixes are stopped. It is applied once they go on, unless it expires before.' };
  }
  return (await behind(r.plan, deps)) ?? (await recheckPeople(r, deps)) ?? recheckPlan(r.plan, deps);
}

/** One at a time: what is seen while another is applied would be old by the time it is this one's turn. */
async function behind({ id }: Plan, { remediations, cluster }: FixDeps): Promise<Recheck | undefined> {
  const holder = await remediations.holder(cluster);
  if (holder === undefined || holder === id) return undefined;
  const other = await remediations.load(holder).catch((error: unknown) => {
    if (error instanceof UnreadableRemediation) return undefined;
    throw error;
  });
  const what = other === undefined ? '.' : `: ${sentence(titleOf(other.plan.title))}`;
  const how = other === undefined || holdsCluster(other) ? 'is being applied first' : 'comes first';
  return { outcome: 'wait', why: `Plan ${shortId({ id: holder })}… ${how}${what}` };
}

async function recheckPeople({ plan, approvals }: Remediation, deps: FixDeps): Promise<Recheck | undefined> {
  try {
    const requester = await deps.person(plan.requestedBy.user);
    const given = approvals.map(async (approval) => ({ approval, person: await deps.person(approval.by.user) }));
    const people = { requester, approvals: await Promise.all(given) };
    const decision = stillAllowed(deps.policy, plan, people, deps.now().toISOString());
    if (decision.allowed) return undefined;
    return { outcome: decision.code === 'outside-window' ? 'wait' : 'refuse', why: decision.why };
  } catch (error) {
    deps.log.warn({ plan: plan.id, error }, 'Slack does not tell who approved');
    return { outcome: 'wait', why: 'Slack does not tell whether those who approved still may. I ask again soon.' };
  }
}

async function recheckPlan(plan: Plan, deps: FixDeps): Promise<Recheck> {
  const made = await planAgain(plan, deps);
  if (made.status === 'unseen') return { outcome: 'wait', why: made.refusal.refused };
  if (made.status === 'planned' && writesTheSame(made.plan, plan)) return { outcome: 'clear' };
  const why = made.status === 'refused' ? made.refusal.refused : await whatChanged(plan, deps);
  const replacedBy = await offerAnew(plan, deps);
  return { outcome: 'drift', why, ...(replacedBy !== undefined && { replacedBy }) };
}

/** The plan as it would be made now. */
async function planAgain(plan: Plan, { sources, remediations, fixOf }: FixDeps): Promise<Planned> {
  const fix = fixOf(plan.fix);
  if (plan.undoOf === undefined) return makePlan(fix, requestOf(plan), sources);
  const original = await remediations.load(plan.undoOf);
  if (original !== undefined) return makeUndoPlan(fix, original.plan, requestOf(plan), sources);
  return { status: 'refused', refusal: { refused: `Plan ${plan.undoOf} is not kept any more.` } };
}

function requestOf(plan: Plan): PlanRequest {
  const { id, target, requestedBy, requestedAt, channel, expiresAt, rule } = plan;
  return { id, target, requestedBy, requestedAt, channel, expiresAt, rule };
}

async function whatChanged({ change, target, requestedAt }: Plan, { sources }: FixDeps): Promise<string> {
  const what = describeChanged(change);
  const object = await objectOf(change, sources, target);
  if ('refusal' in object) return object.refusal.refused;
  if (object.live === null) return `${what} is gone.`;
  const who = changedBy(object.live, requestedAt);
  return who === undefined ? `${what} is not as it was.` : `${what} was changed by ${who}.`;
}
