import { approvalsNeeded, hasApproved, isEnough, isOwn } from './approvals.ts';
import type { Actor } from './command.ts';
import type { Approval, KubernetesIdentity, Plan, Remediation, Step, Written } from './remediation.ts';
import {
  after,
  close,
  demand,
  diffEntry,
  entryOf,
  IllegalTransition,
  sentence,
  type Transition,
} from './transition.ts';

export { beginUndo, undone } from './life-undo.ts';
export { type IllegalReason, IllegalTransition, type StepName, type Transition } from './transition.ts';

const undecided = ['proposed', 'approved', 'cleared'] as const;
const unwritten = ['proposed', 'approved', 'cleared', 'applying'] as const;
const tried = ['approved', 'cleared', 'applying'] as const;

/** The beginning. `writeAs`: whoever asked, where the API server knows them. */
export function propose(plan: Plan, writeAs?: KubernetesIdentity): Transition {
  const step: Step = { at: plan.requestedAt, says: `Proposed: ${plan.title}.`, by: plan.requestedBy };
  const next: Remediation = {
    plan,
    version: 1,
    approvals: [],
    steps: [step],
    ...(writeAs !== undefined && { writeAs }),
    state: 'proposed',
  };
  return { next, entry: { ...entryOf(plan, 'proposed', step), ...diffEntry(plan) } };
}

/**
 * One more approval: `approved` once enough different people gave one, or with one in an emergency, which replaces an
 * ordinary one of the same person.
 */
export function approve(r: Remediation, approval: Approval): Transition {
  demand(r, 'approve', ['proposed']);
  const { by, at, breakGlass } = approval;
  if (approval.digest !== r.plan.digest) throw new IllegalTransition(r, 'approve', 'digest');
  if (isOver(r.plan, at)) throw new IllegalTransition(r, 'approve', 'time');
  if (isOwn(r, approval) && !r.plan.rule.selfApproval && !breakGlass) {
    throw new IllegalTransition(r, 'approve', 'self');
  }
  if (hasApproved(r, approval) && !breakGlass) throw new IllegalTransition(r, 'approve', 'again');
  const others = r.approvals.filter((one) => !hasApproved({ approvals: [one] }, approval));
  const approvals = [...others, approval];
  const step: Step = { at, says: approvalSays(r.plan, approval, approvals.length), by };
  const life = { ...after(r, step), approvals };
  const next: Remediation = isEnough(life)
    ? { ...life, state: 'approved', approvedAt: at }
    : { ...life, state: 'proposed' };
  return { next, entry: entryOf(r.plan, 'approved', step) };
}

/** Somebody who may approve does not want it. Possible until the fixer begins. */
export function decline(r: Remediation, by: Actor, at: string, why?: string): Transition {
  demand(r, 'decline', undecided);
  const says = why ? sentence(`Declined: ${why}`) : 'Declined.';
  return close(r, 'declined', { at, by, says }, why || says);
}

/** Its time is over: nobody approved, or it could not be begun in time. */
export function expire(r: Remediation, at: string): Transition {
  demand(r, 'expire', undecided);
  if (!isOver(r.plan, at)) throw new IllegalTransition(r, 'expire', 'time');
  const says = r.state === 'proposed' ? 'Expired without enough approvals.' : 'Expired before it could be applied.';
  return close(r, 'expired', { at, says }, says);
}

/** All that it rests on was looked at again and still holds. */
export function clear(r: Remediation, at: string): Transition {
  demand(r, 'clear', ['approved']);
  const step: Step = { at, says: 'Checked again: all that it rests on still holds.' };
  const { outdatedAt } = r;
  const late = outdatedAt === undefined ? {} : { outdatedAt };
  const next: Remediation = { ...after(r, step), state: 'cleared', clearedAt: at, ...late };
  return { next, entry: entryOf(r.plan, 'cleared', step) };
}

/** What was looked at for {@link clear} may be another by now: it is looked at again. */
export function outdate(r: Remediation, at: string): Transition {
  demand(r, 'outdate', ['cleared']);
  const step: Step = { at, says: 'Checked too long ago: to be checked again.' };
  // The last approval is the one that made it enough.
  const approvedAt = r.approvals.at(-1)?.at ?? at;
  const next: Remediation = { ...after(r, step), state: 'approved', approvedAt, outdatedAt: at };
  return { next, entry: entryOf(r.plan, 'outdated', step) };
}

/** Policy, freeze, identity, or the API server do not let it be done. `detail`: why, as a sentence. */
export function refuse(r: Remediation, detail: string, at: string): Transition {
  demand(r, 'refuse', unwritten);
  return close(r, 'refused', { at, says: sentence(`Not applied: ${detail}`) }, detail);
}

/** The object, or what the plan rests on, changed. `detail`: what and by whom, as a sentence. */
export function drift(r: Remediation, detail: string, at: string, replacedBy?: string): Transition {
  demand(r, 'drift', unwritten);
  return close(r, 'drifted', { at, says: sentence(`Not applied, because it changed: ${detail}`) }, detail, replacedBy);
}

/**
 * The fixer is about to write. Whoever takes this step writes, nobody else and never again; fails where the approvals
 * are not enough, or its time is over.
 */
export function begin(r: Remediation, at: string): Transition {
  demand(r, 'begin', ['cleared']);
  if (isOver(r.plan, at)) throw new IllegalTransition(r, 'begin', 'time');
  if (!isEnough(r)) throw new IllegalTransition(r, 'begin', 'approvals');
  const step: Step = { at, says: r.writeAs === undefined ? 'Applying.' : `Applying as ${r.writeAs.user}.` };
  return { next: { ...after(r, step), state: 'applying', startedAt: at }, entry: entryOf(r.plan, 'applying', step) };
}

/** It is written; its checks have until `verifyUntil` to see it. */
export function wrote(r: Remediation, written: Written, verifyUntil: string, at: string): Transition {
  demand(r, 'wrote', ['applying']);
  const step: Step = { at, says: written.as === undefined ? 'Applied.' : `Applied as ${written.as}.` };
  const next: Remediation = { ...after(r, step), state: 'applied', written, verifyUntil };
  return { next, entry: entryOf(r.plan, 'applied', step) };
}

/** It was tried and is surely not written. `detail`: why, as a sentence. */
export function fail(r: Remediation, detail: string, at: string): Transition {
  demand(r, 'fail', tried);
  return close(r, 'failed', { at, says: sentence(`Failed, and nothing was written: ${detail}`) }, detail);
}

/** The end of a write that nobody saw, and the object does not tell any more. `detail`: what it is now, as a sentence. */
export function giveUp(r: Remediation, detail: string, at: string): Transition {
  demand(r, 'give up', ['applying']);
  const says = sentence(`Interrupted, and it cannot be told whether it was applied: ${detail}`);
  return close(r, 'unclear', { at, says }, detail);
}

/** Its checks see it work, which counts once it has lasted; they have until `verifyUntil`. `says`: a sentence. */
export function works(r: Remediation, says: string, verifyUntil: string, at: string): Transition {
  demand(r, 'works', ['applied']);
  const { written } = r;
  const step: Step = { at, says: sentence(`It works, and is watched on, since trouble may show late: ${says}`) };
  const next: Remediation = { ...after(r, step), state: 'applied', written, verifyUntil, worksSince: at };
  return { next, entry: entryOf(r.plan, 'works', step) };
}

/** It worked, and a later look did not see it work, for whatever reason. `says`: a sentence. */
export function lapse(r: Remediation, says: string, at: string): Transition {
  demand(r, 'lapse', ['applied']);
  const { written, verifyUntil } = r;
  const step: Step = { at, says: sentence(`It could not be seen to work just now, so its time begins anew: ${says}`) };
  return {
    next: { ...after(r, step), state: 'applied', written, verifyUntil },
    entry: entryOf(r.plan, 'lapsed', step),
  };
}

/** What its own checks say. `says`: a sentence. */
export function verify(
  r: Remediation,
  { state, says }: { readonly state: 'verified' | 'unverified'; readonly says: string },
  at: string,
): Transition {
  demand(r, 'verify', ['applied']);
  const step: Step = { at, says: sentence(state === 'verified' ? `Verified: ${says}` : `Not verified: ${says}`) };
  const next: Remediation = { ...after(r, step), state, written: r.written, settledAt: at, says };
  return { next, entry: entryOf(r.plan, state, step) };
}

function isOver({ expiresAt }: Plan, at: string): boolean {
  return !(Date.parse(at) < Date.parse(expiresAt));
}

function approvalSays(plan: Plan, { roles, breakGlass }: Approval, count: number): string {
  if (breakGlass) return sentence(`Approved alone, in an emergency: ${breakGlass}`);
  const role = roles.length === 0 ? '' : ` as ${roles.join(', ')}`;
  const needed = approvalsNeeded(plan);
  return needed === 1 ? `Approved${role}.` : `Approved${role}: ${count} of ${needed}.`;
}
