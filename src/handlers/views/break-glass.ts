import type { App, ViewSubmitAction } from '@slack/bolt';
import type { Actor } from '../../model/command.ts';
import { idIn } from '../../model/remediation.ts';
import { stateSentence } from '../../report/fix-status.ts';
import { isAsShown } from '../actions/fix-buttons.ts';
import { admitted, senderOf } from '../actor.ts';
import { tooMuch } from '../allowance.ts';
import type { HandlerDeps } from '../deps.ts';
import { areOn } from '../fixes/are-on.ts';
import { peopleReason } from '../fixes/decide.ts';
import { approvePlan } from '../fixes/decisions.ts';
import { publishHome } from '../home/publish.ts';
import { inTime } from '../in-time.ts';

/** The reason for approving alone. The form stays open with the reason why it was refused. */
export function registerBreakGlass(app: App, deps: HandlerDeps): void {
  app.view('fix-break-glass', async ({ body, ack, client }) => {
    if (body.type !== 'view_submission') return ack();
    const working = submitted(body, deps);
    const early = await inTime(working);
    const problem = early.done ? early.value.problem : 'This takes long. Look at the card before you send it again.';
    await (problem === undefined ? ack() : ack({ response_action: 'errors', errors: { reason: problem } }));
    const { home } = await working;
    if (home !== undefined) await publishHome(home, client, deps);
  });
}

interface Submitted {
  /** Why it does not count; nothing where it does. */
  readonly problem?: string | undefined;
  /** Whose App Home may not be what it was. */
  readonly home?: Actor;
}

async function submitted(body: ViewSubmitAction, deps: HandlerDeps): Promise<Submitted> {
  const { actor, refusal } = await admitted(senderOf(body), 'An emergency approval', deps);
  const problem = refusal ?? tooMuch(actor.user, deps);
  return problem === undefined ? { problem: await approved(body, actor, deps), home: actor } : { problem };
}

/** Why it does not count; nothing where it does. */
async function approved({ view }: ViewSubmitAction, actor: Actor, deps: HandlerDeps): Promise<string | undefined> {
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
    const store = 'I could not do that now: my store (Redis) does not answer. Look at the card, then try again.';
    return peopleReason(error) ?? store;
  }
}
