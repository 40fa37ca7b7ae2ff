import type { App, ViewSubmitAction } from '@slack/bolt';
import type { Actor } from '../../model/command.ts';
import { idIn } from '../../model/remediation.ts';
import { stateSentence } from '../../report/fix-status.ts';
import { isAsShown } from '../actions/fix-buttons.ts';
import { actorOfSent, isAtHome, stranger } from '../actor.ts';
import type { HandlerDeps } from '../deps.ts';
import { areOn } from '../fixes/answer.ts';
import { approvePlan } from '../fixes/decisions.ts';
import { publishHome } from '../home/publish.ts';
import { inTime } from '../in-time.ts';

/** The reason for approving alone. The form stays open with the reason why it was refused. */
export function registerBreakGlass(app: App, deps: HandlerDeps): void {
  app.view('fix-break-glass', async ({ body, ack, client }) => {
    if (body.type !== 'view_submission') return ack();
    const actor = actorOfSent(body);
    const working = submitted(body, actor, deps);
    const early = await inTime(working);
    const problem = early.done ? early.value : 'This takes long. Look at the card before you send it again.';
    await (problem === undefined ? ack() : ack({ response_action: 'errors', errors: { reason: problem } }));
    await working;
    await publishHome(actor, client, deps);
  });
}

/** Why it does not count; nothing where it does. */
async function submitted({ view }: ViewSubmitAction, actor: Actor, deps: HandlerDeps): Promise<string | undefined> {
  if (!isAtHome(actor, deps)) return stranger;
  if (!areOn(deps)) return 'Fixes are off here now.';
  try {
    const remediation = await deps.fixes.remediations.load(idIn(view.private_metadata));
    if (remediation === undefined || !isAsShown(view.private_metadata, remediation, deps))
      return 'I no longer know this plan. Ask for the fix again.';
    if (remediation.state !== 'proposed') return stateSentence(remediation);
    const breakGlass = view.state.values.reason?.reason?.value?.trim() ?? '';
    const { counts, says } = await approvePlan(remediation, { actor, breakGlass }, deps);
    return counts ? undefined : says;
  } catch (error) {
    deps.log.warn({ error, plan: view.private_metadata }, 'An emergency approval failed');
    return 'I could not do that now: my store (Redis) does not answer. Look at the card, then try again.';
  }
}
