import type { Actor } from '../model/command.ts';
import {
  type Change,
  type Choice,
  describeChanged,
  describeFixTarget,
  type Fix,
  type FixTarget,
  isRefusal,
  type Parameters,
  type Refusal,
} from '../model/fix.ts';
import type { ApprovalRule, Plan } from '../model/remediation.ts';
import type { KubeObject } from '../model/sources.ts';
import { bare, contentHash, isSame, planAnnotation, sha256, undoAnnotation } from './content.ts';
import { diffOf } from './diff.ts';
import { ownedElsewhere, ownershipDoubts } from './ownership.ts';
import { isWithinRights } from './rights.ts';

/** What a plan is besides what the fix says. */
export interface PlanRequest {
  /** Unguessable; also the remediation's. */
  readonly id: string;
  readonly target: FixTarget;
  readonly requestedBy: Actor;
  /** RFC 3339. */
  readonly requestedAt: string;
  readonly channel: string;
  /** RFC 3339. */
  readonly expiresAt: string;
  readonly rule: ApprovalRule;
}

/** The plan for an object as it is now, with its managedFields; `null`: there is none. */
export function planOf(fix: Fix, choice: Choice, object: KubeObject | null, request: PlanRequest): Plan | Refusal {
  const { resource, namespace, name, parameters, title = fix.title, risk, effects, doubts = [] } = choice;
  const worked = workOut(fix, object, { ...request, ...(parameters && { parameters }) });
  if (isRefusal(worked)) return worked;
  const change = { resource, ...(namespace !== undefined && { namespace }), name, ...worked };
  return withDigest({
    ...request,
    fix: fix.id,
    title,
    risk,
    ...(parameters !== undefined && { parameters }),
    change,
    effects,
    doubts: [...doubts, ...(object === null ? [] : ownershipDoubts(object))],
    undone: fix.undone,
    diff: diffOf(worked.before, worked.after),
  });
}

/**
 * The plan that takes another one back. Refuses, naming who changed the object, where it is not as that plan wrote it.
 * What it writes is what was there before, to the letter: without an annotation of its own.
 */
export function undoPlanOf(plan: Plan, live: KubeObject | null, request: Omit<PlanRequest, 'target'>): Plan | Refusal {
  const { fix, target, title, risk, parameters, change } = plan;
  const what = describeChanged(change);
  if (live === null) return { refused: `${what} is gone: there is nothing to take back.` };
  if (!isAsWritten(live, change.after)) return changedSince(what, live, plan.requestedAt);
  const { uid, resourceVersion } = live.metadata;
  const earlier = change.undo ?? change.before;
  const after = earlier && {
    ...earlier,
    metadata: { ...earlier.metadata, ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) },
  };
  const before = bare(live);
  const { undo: _, ...place } = change;
  return withDigest({
    ...request,
    fix,
    target,
    title: `Undo: ${title}`,
    risk,
    ...(parameters !== undefined && { parameters }),
    change: { ...place, before, after },
    effects: [after === null ? `${what} is deleted: there was none before.` : `${what} is as it was before.`],
    doubts: [],
    undone: 'Not by a click: ask for the fix again.',
    diff: diffOf(before, after),
    undoOf: plan.id,
  });
}

/** SHA-256 in hex over all of a plan: what is shown, what is written, who asked, and what approving it takes. */
export function digestOf(plan: Omit<Plan, 'digest'> & Partial<Pick<Plan, 'digest'>>): string {
  const { digest: _, ...approved } = plan;
  return sha256(approved);
}

/** Whether two plans write the same, whatever they say of it: what follows from a change is seen anew each time. */
export function writesTheSame(one: Plan, other: Plan): boolean {
  const written = ({ id, fix, target, parameters, change, undoOf }: Plan) =>
    sha256({ id, fix, target, parameters, change, undoOf });
  return written(one) === written(other);
}

/** Whether an object says what was written, whatever the API server added. `null`: there is none. */
export function isAsWritten(live: KubeObject | null, after: KubeObject | null): boolean {
  return isSame(live, after);
}

/** Who last changed it, since a time in RFC 3339 where one is given: `kubectl-edit at 2026-11-24T12:00:00Z`. */
export function changedBy({ metadata: { managedFields = [] } }: KubeObject, since = ''): string | undefined {
  const from = Date.parse(since) || Number.NEGATIVE_INFINITY;
  const last = managedFields
    .flatMap(({ manager, subresource = '', time }) =>
      manager === undefined || time === undefined || subresource !== '' ? [] : [{ manager, time }],
    )
    // The API server drops the fraction of a second.
    .filter(({ time }) => Date.parse(time) + 999 >= from)
    .toSorted((a, b) => Date.parse(a.time) - Date.parse(b.time))
    .at(-1);
  return last && `${last.manager} at ${last.time}`;
}

/**
 * Why a plan is not to be written, if it is not: it is not the one that was approved, or not what this recipe makes of
 * the object as it is, or reaches beyond what the recipe may change. An undo has to lead to just what the object
 * itself, by its annotation, says that it was.
 */
export function repeats(fix: Fix, plan: Plan, live: KubeObject | null): Refusal | undefined {
  const { change, parameters } = plan;
  const what = describeChanged(change);
  if (digestOf(plan) !== plan.digest || plan.fix !== fix.id) return notThePlan(plan, 'it is not what was approved');
  if (!isWithinRights(fix, plan)) return notThePlan(plan, `fix ${fix.id} may not change ${what} there`);
  if (!isSame(live, change.before)) {
    return live === null ? { refused: `${what} is gone.` } : changedSince(what, live, plan.requestedAt);
  }
  if (plan.undoOf !== undefined) return isUndo(plan, live) ? undefined : notThePlan(plan, 'it is no undo');
  const worked = workOut(fix, live, { ...plan, ...(parameters && { parameters }) });
  if (isRefusal(worked)) return worked;
  const same = isSame(worked.after, change.after) && isSame(worked.undo ?? null, change.undo ?? null);
  return same ? undefined : notThePlan(plan, `fix ${fix.id} makes something else of ${what}`);
}

function isUndo({ change, undoOf }: Plan, live: KubeObject | null): boolean {
  const { [planAnnotation]: by, [undoAnnotation]: earlier } = live?.metadata.annotations ?? {};
  return by === undoOf && earlier === contentHash(change.after);
}

function workOut(
  fix: Fix,
  live: KubeObject | null,
  { id, target, parameters = {} }: { id: string; target: FixTarget; parameters?: Parameters },
): Pick<Change, 'before' | 'after' | 'undo'> | Refusal {
  const edited = fix.edit(live, target, parameters);
  if (isRefusal(edited)) return edited;
  const before = live === null ? null : bare(live);
  const after = bare(edited.after);
  if (isSame(before, after)) return { refused: `There is nothing to change for ${describeFixTarget(target)}.` };
  const owned = live === null ? undefined : ownedElsewhere(live, after);
  if (owned !== undefined) return owned;
  const undo = edited.undo && bare(edited.undo);
  const stamps = { [planAnnotation]: id, [undoAnnotation]: contentHash(undo ?? before) };
  const annotations = { ...after.metadata.annotations, ...stamps };
  return { before, after: { ...after, metadata: { ...after.metadata, annotations } }, ...(undo && { undo }) };
}

function withDigest(plan: Omit<Plan, 'digest'>): Plan {
  return { ...plan, digest: digestOf(plan) };
}

function changedSince(what: string, live: KubeObject, since: string): Refusal {
  const by = changedBy(live, since);
  const who = by === undefined ? 'was changed' : `was changed by ${by}`;
  return { refused: `${what} ${who}.`, next: 'Look at it, and ask for the fix again if it is still needed.' };
}

function notThePlan({ id }: Plan, why: string): Refusal {
  return { refused: `Plan ${id} is not carried out: ${why}.`, next: 'Ask for the fix again.' };
}
