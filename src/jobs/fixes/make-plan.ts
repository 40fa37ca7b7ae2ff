import { type PlanRequest, planOf, undoPlanOf } from '../../fixes/plan.ts';
import type { EvidenceByKind, Snapshot } from '../../model/evidence.ts';
import { describeFixTarget, type Fix, type FixTarget, isRefusal, type Refusal } from '../../model/fix.ts';
import type { Plan } from '../../model/remediation.ts';
import { type KubeObject, SourceError, type Sources, UsageError } from '../../model/sources.ts';
import { type AnswerOptions, refuseUnknownTarget, takeSnapshot } from '../answer.ts';

/** `unseen`: what the fix has to know could not be seen now. It may be there at the next look. */
export type Planned =
  | { readonly status: 'planned'; readonly plan: Plan }
  | { readonly status: 'refused' | 'unseen'; readonly refusal: Refusal };

/** Plans a fix from what is there now: unknown is never a plan. */
export async function makePlan(
  fix: Fix,
  request: PlanRequest,
  sources: Sources,
  options: AnswerOptions = {},
): Promise<Planned> {
  const seen = await lookFor(fix, request.target, sources, options);
  if (seen.status !== 'seen') return seen;
  const choice = fix.choose(seen.evidence, request.target, seen.snapshot);
  if (isRefusal(choice)) return { status: 'refused', refusal: choice };
  const object = await objectOf(choice, sources, request.target, options);
  return 'refusal' in object ? object : planned(planOf(fix, choice, object.live, request));
}

/** Plans how to take a plan back, where the fix has nothing against it and the object is as it was written. */
export async function makeUndoPlan(
  fix: Fix,
  plan: Plan,
  request: Omit<PlanRequest, 'target'>,
  sources: Sources,
  options: AnswerOptions = {},
): Promise<Planned> {
  if (fix.mayUndo !== undefined) {
    const seen = await lookFor(fix, plan.target, sources, options);
    if (seen.status !== 'seen') return seen;
    const refusal = fix.mayUndo(seen.evidence, plan.target, seen.snapshot);
    if (refusal !== undefined) return { status: 'refused', refusal };
  }
  const object = await objectOf(plan.change, sources, plan.target, options);
  return 'refusal' in object ? object : planned(undoPlanOf(plan, object.live, request));
}

function planned(made: Plan | Refusal): Planned {
  return isRefusal(made) ? { status: 'refused', refusal: made } : { status: 'planned', plan: made };
}

type Seen =
  | { readonly status: 'seen'; readonly snapshot: Snapshot; readonly evidence: EvidenceByKind }
  | Exclude<Planned, { readonly status: 'planned' }>;

async function lookFor(fix: Fix, target: FixTarget, sources: Sources, options: AnswerOptions): Promise<Seen> {
  const { cluster, namespace } = target;
  const place = { cluster, ...(namespace !== undefined && { namespace }) };
  const snapshot = await takeSnapshot([...new Set([...fix.needs, 'namespaces' as const])], place, sources, options);
  try {
    refuseUnknownTarget(snapshot);
  } catch (error) {
    if (error instanceof UsageError) return { status: 'refused', refusal: { refused: error.message } };
    throw error;
  }
  const values: Partial<Record<keyof EvidenceByKind, unknown>> = {};
  for (const kind of fix.needs) {
    const evidence = snapshot.evidence[kind];
    if (evidence?.status !== 'collected') return unseen(target, evidence);
    values[kind] = evidence.value;
  }
  return { status: 'seen', snapshot, evidence: values as EvidenceByKind };
}

/** The object as it is, with its managedFields; `null`: there is none. */
export async function objectOf(
  { resource, namespace, name }: Pick<Plan['change'], 'resource' | 'namespace' | 'name'>,
  { cluster }: Sources,
  target: FixTarget,
  { signal }: AnswerOptions = {},
): Promise<{ readonly live: KubeObject | null } | Extract<Planned, { readonly refusal: Refusal }>> {
  const where = { ...(namespace !== undefined && { namespace }), ...(signal !== undefined && { signal }) };
  try {
    return { live: (await cluster.get(resource, name, where)) ?? null };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return unseen(target, { detail: error.message, ...(error.next !== undefined && { next: error.next }) });
  }
}

function unseen(
  target: FixTarget,
  why: { readonly detail?: string; readonly next?: string } = {},
): { readonly status: 'unseen'; readonly refusal: Refusal } {
  const refused = `I cannot tell whether this is right for ${describeFixTarget(target)}: ${why.detail ?? 'not all was looked at.'}`;
  return { status: 'unseen', refusal: { refused, ...(why.next !== undefined && { next: why.next }) } };
}
