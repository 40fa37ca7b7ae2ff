import { isAsWritten, repeats } from '../../fixes/plan.ts';
import { canonical } from '../../model/canonical.ts';
import { describeChanged } from '../../model/fix.ts';
import type { KubernetesIdentity, Plan, Remediation } from '../../model/remediation.ts';
import type { WriteOutcome } from '../../model/writer.ts';
import type { ApplyDeps } from './apply-deps.ts';

export type NotWritten = Exclude<WriteOutcome, { readonly status: 'written' }>;

/** Why a plan would not be written as it is. `why`: a sentence. */
export type Hindrance =
  | { readonly kind: 'drifted' | 'refused'; readonly why: string }
  /** What the dry run came to. */
  | { readonly kind: 'not-written'; readonly outcome: NotWritten };

/**
 * Looks without any write whether the object is as it was, the recipe makes the same of it, and the API server would
 * take just that, from whoever it is written as. Absent: nothing stands in the way.
 *
 * @throws SourceError where that cannot be seen.
 */
export async function hindranceTo(
  { plan, writeAs }: Pick<Remediation, 'plan' | 'writeAs'>,
  { writer, fixOf }: Pick<ApplyDeps, 'writer' | 'fixOf'>,
): Promise<Hindrance | undefined> {
  const { change } = plan;
  const what = describeChanged(change);
  const live = await writer.read(change);
  const refusal = repeats(fixOf(plan.fix), plan, live);
  const isOther = canonical(idOf(live)) !== canonical(idOf(change.before));
  if (isOther || (refusal !== undefined && !isAsWritten(live, change.before)))
    return { kind: 'drifted', why: refusal?.refused ?? `${what} was written since, with the same content` };
  if (refusal !== undefined)
    return { kind: 'refused', why: [refusal.refused, refusal.next].filter((one) => one !== undefined).join(' ') };
  if (writeAs !== undefined && !(await writer.isAllowed(change, writeAs)))
    return { kind: 'refused', why: mayNot(plan, writeAs) };
  const outcome = await writer.write(change, { dryRun: true, ...(writeAs !== undefined && { as: writeAs }) });
  if (outcome.status !== 'written') return { kind: 'not-written', outcome };
  if (isAsWritten(outcome.object, change.after)) return undefined;
  return { kind: 'drifted', why: `the API server or a webhook would make something else of ${what} than was shown` };
}

function mayNot({ change, requestedBy }: Plan, { user }: KubernetesIdentity): string {
  const where = change.namespace === undefined ? '' : ` in ${change.namespace}`;
  return `${user}, who is ${requestedBy.user} in Slack, may not change ${change.resource.plural}${where}. Ask an admin for the right, or somebody who has it to ask for the fix.`;
}

function idOf(object: Plan['change']['before']): readonly unknown[] {
  return [object?.metadata.uid, object?.metadata.resourceVersion];
}
