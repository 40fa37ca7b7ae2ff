import type { BlockAction } from '@slack/bolt';
import { UsageError } from '../../model/sources.ts';
import { type BuilderChoice, builderIds, builderView } from '../../report/builder.ts';
import type { Press, Slack } from '../actions/press.ts';
import type { HandlerDeps } from '../deps.ts';
import { type Reply, sentence } from '../replies.ts';
import { commandOf, enteredChoice, firstChoice } from './choice.ts';

/** Opens the form at once: a click is good for three seconds. */
export async function openBuilder(
  { trigger, channel }: Press,
  client: Slack,
  deps: HandlerDeps,
): Promise<Reply | undefined> {
  try {
    await client.views.open({ trigger_id: trigger, view: viewOf(firstChoice(deps.vocabulary, channel), deps) });
    return undefined;
  } catch (error) {
    deps.log.warn({ error }, 'A form could not be opened');
    return sentence('Slack did not open the form. Press the button again, or type `/mesh help`.');
  }
}

/** Whether something was chosen in the form. */
export function isInBuilder({ view }: BlockAction): boolean {
  return view?.callback_id === builderIds.view;
}

/** Shows the form for what is chosen now. Where something else was chosen meanwhile, that shows it. */
export async function updateBuilder({ view }: BlockAction, client: Slack, deps: HandlerDeps): Promise<void> {
  if (view === undefined) return;
  try {
    await client.views.update({ view_id: view.id, hash: view.hash, view: viewOf(enteredChoice(view), deps) });
  } catch (error) {
    deps.log.info({ error }, 'A form was not updated');
  }
}

function viewOf(choice: BuilderChoice, { vocabulary }: HandlerDeps) {
  return builderView(vocabulary, choice, commandOrNothing(choice, vocabulary));
}

function commandOrNothing(choice: BuilderChoice, vocabulary: HandlerDeps['vocabulary']): string | undefined {
  try {
    return commandOf(choice, vocabulary);
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}
