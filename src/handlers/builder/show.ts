import type { BlockAction } from '@slack/bolt';
import { UsageError } from '../../model/sources.ts';
import { type BuilderChoice, builderIds, builderView } from '../../report/builder.ts';
import type { Press, Slack } from '../actions/press.ts';
import type { HandlerDeps } from '../deps.ts';
import { type Reply, sentence } from '../replies.ts';
import { commandOf, enteredChoice, firstChoice } from './choice.ts';
import { noteChoice } from './newest.ts';

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

/**
 * Shows the form for what is chosen now. Of two quick choices the older one may be shown first, and Slack then refuses
 * the newer one, which was made in the form before: it is shown all the same. Only where the bot runs more than once
 * may the older one stay; what is asked in the end is what is chosen, never what is shown.
 */
export async function updateBuilder(body: BlockAction, client: Slack, deps: HandlerDeps): Promise<void> {
  const { view } = body;
  if (view === undefined) return;
  const isNewest = noteChoice(body);
  const shown = { view_id: view.id, view: viewOf(enteredChoice(view), deps) };
  try {
    await client.views.update({ ...shown, hash: view.hash }).catch(async (error: unknown) => {
      if (!isConflict(error) || !isNewest()) throw error;
      await client.views.update(shown);
    });
  } catch (error) {
    deps.log.info({ error }, 'A form was not updated');
  }
}

/** The form is not what it was when the choice was made. */
function isConflict(error: unknown): boolean {
  return error instanceof Error && error.message.includes('hash_conflict');
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
