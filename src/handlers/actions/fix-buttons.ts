import { describeFixTarget } from '../../model/fix.ts';
import { idIn, isSettled, type Remediation, sealed } from '../../model/remediation.ts';
import { breakGlassView, detailsView } from '../../report/fix-details.ts';
import { stateSentence } from '../../report/fix-status.ts';
import { commandText } from '../commands/parse.ts';
import type { FixingDeps, HandlerDeps } from '../deps.ts';
import { areOn } from '../fixes/are-on.ts';
import { type Deed, peopleReason, refuse } from '../fixes/decide.ts';
import { approvePlan, declinePlan, mayAskToUndo } from '../fixes/decisions.ts';
import { enqueue, planRefusal } from '../fixes/request.ts';
import { type Reply, sentence } from '../replies.ts';
import { isOnItsCard } from './fix-guard.ts';
import type { Press, Slack } from './press.ts';

type FixPress = Press & { readonly value: string };
type Handle = (
  remediation: Remediation,
  press: FixPress,
  client: Slack,
  deps: FixingDeps,
) => Promise<Reply | undefined>;

const handles: Readonly<Record<string, Handle>> = {
  'fix-approve': async (remediation, { actor }, _, deps) => {
    return sentence((await approvePlan(remediation, { actor }, deps)).says);
  },
  'fix-decline': async (remediation, { actor }, _, deps) => {
    return sentence((await declinePlan(remediation, actor, deps)).says);
  },
  'fix-undo': undo,
  'fix-details': async (remediation, { actor, channel = '', trigger }, client, deps) => {
    const refusal = await planRefusal(remediation.plan.target, { actor, channel }, deps);
    if (refusal !== undefined) return sentence(refusal);
    await client.views.open({ trigger_id: trigger, view: detailsView(remediation) });
    return undefined;
  },
  'fix-break-glass': async (remediation, { trigger }, client) => {
    if (remediation.state !== 'proposed') return sentence(stateSentence(remediation));
    await client.views.open({ trigger_id: trigger, view: breakGlassView(remediation.plan) });
    return undefined;
  },
};

/** The buttons on the card of a plan. Their value names the plan that the card showed. */
export const fixActions: ReadonlySet<string> = new Set(Object.keys(handles));

/** Never throws. What it gives is for whoever pressed; the card tells everybody. */
export async function pressFix(press: FixPress, client: Slack, deps: HandlerDeps): Promise<Reply | undefined> {
  const { action, value, actor } = press;
  if (!areOn(deps))
    return sentence('Fixes are off here now: this button does nothing. docs/policy.md says how to turn them on.');
  try {
    const remediation = await deps.fixes.remediations.load(idIn(value));
    if (remediation === undefined) {
      return sentence(
        'This button is too old: I no longer know its plan. Ask for the fix again: `/mesh fix` lists them.',
      );
    }
    if (!(await isOnItsCard(remediation, press, deps))) {
      deps.log.warn(
        { plan: value, action, user: actor.user },
        'A button was pressed on something that is not its card',
      );
      const why = 'This is a copy of the card, or not its own: its buttons do nothing. Use the original.';
      await refuse(deedOf(remediation, actor, `Pressing ${action}`), why, deps);
      return sentence(why);
    }
    if (!isAsShown(value, remediation, deps)) return await otherPlan(press, remediation, deps);
    return await handles[action]?.(remediation, press, client, deps);
  } catch (error) {
    deps.log.warn({ error, plan: value, action }, 'A click on a fix failed');
    const other =
      'I could not do that now: Slack or my store (Redis) does not answer. Look at the card, then click again.';
    return sentence(peopleReason(error) ?? other);
  }
}

/** Whether what is stored is what the card showed when it was made. */
export function isAsShown(value: string, { plan }: Remediation, { fixes }: FixingDeps): boolean {
  return value === sealed({ id: plan.id, digest: fixes.digestOf(plan) });
}

/** What is stored is not what the card showed: somebody changed it in between, and not by way of meshbot. */
async function otherPlan({ actor }: FixPress, remediation: Remediation, deps: FixingDeps): Promise<Reply> {
  const why = 'the stored plan is not the one that the card shows';
  deps.log.error({ plan: remediation.plan.id, user: actor.user }, 'A stored plan is not the one that was shown');
  await refuse(deedOf(remediation, actor, 'Deciding'), why, deps);
  return sentence(
    'The plan was changed since it was shown, so nothing is done. Ask for the fix again, and tell an admin: `/mesh audit` has the record.',
  );
}

function deedOf({ plan }: Remediation, actor: Press['actor'], what: string): Deed {
  const { id, fix, target, digest } = plan;
  return { actor, what, cluster: target.cluster, fix, target: describeFixTarget(target), plan: id, digest };
}

/** Has it looked up what going back would change. Approving that is another click, on the same card. */
async function undo(
  remediation: Remediation,
  { actor }: FixPress,
  _: Slack,
  deps: FixingDeps,
): Promise<Reply | undefined> {
  const { plan, state, card } = remediation;
  if (state !== 'applied' && state !== 'verified' && state !== 'unverified')
    return sentence(stateSentence(remediation));
  const earlier = 'undoneBy' in remediation ? remediation.undoneBy : undefined;
  const open = earlier === undefined ? undefined : await deps.fixes.remediations.load(earlier);
  if (open !== undefined && !isSettled(open))
    return sentence('What undoing changes stands on the card already, with its own buttons.');
  const refusal = await mayAskToUndo(remediation, actor, deps);
  if (refusal !== undefined) return sentence(refusal.says);
  const channel = card?.channel ?? plan.channel;
  const unseen = await planRefusal(plan.target, { actor, channel }, deps);
  if (unseen !== undefined) return sentence(unseen);
  const job = {
    version: 1 as const,
    requestId: deps.fixes.newPlanId(),
    fix: plan.fix,
    target: plan.target,
    channel,
    requestedBy: actor,
    requestedAt: deps.now().toISOString(),
    command: commandText({ kind: 'fix', fix: plan.fix, target: plan.target }, deps.vocabulary),
    undoOf: plan.id,
  };
  return (
    (await enqueue(job, deps)) ??
    sentence('I look at what undoing would change. It appears on the card, to be confirmed.')
  );
}
