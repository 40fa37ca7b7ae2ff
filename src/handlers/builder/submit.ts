import type { App, ViewSubmitAction } from '@slack/bolt';
import { UsageError } from '../../model/sources.ts';
import { builderIds, builderSaid } from '../../report/builder.ts';
import { admitted, senderOf } from '../actor.ts';
import { ask } from '../ask.ts';
import type { HandlerDeps } from '../deps.ts';
import { inTime } from '../in-time.ts';
import { type Reply, sentence } from '../replies.ts';
import { commandOf, enteredChoice } from './choice.ts';

type Outcome = { readonly errors: Record<string, string> } | { readonly reply: Reply | undefined };

/** Asks what the form says, as if it were typed in the channel that was chosen. */
export function registerBuilder(app: App, deps: HandlerDeps): void {
  app.view(builderIds.view, async ({ body, ack, client }) => {
    if (body.type !== 'view_submission') return ack();
    const working = submitted(body, deps);
    const early = await inTime(working);
    if (!early.done) await ack({ response_action: 'update', view: builderSaid(sentence('Asking…').blocks) });
    const outcome = await working;
    if (!early.done) {
      const blocks =
        'reply' in outcome ? outcome.reply?.blocks : sentence(Object.values(outcome.errors).join(' ')).blocks;
      const view = builderSaid(blocks ?? sentence('Asked. You may close this.').blocks);
      await client.views.update({ view_id: body.view.id, view });
    } else if ('errors' in outcome) await ack({ response_action: 'errors', errors: outcome.errors });
    else if (outcome.reply === undefined) await ack();
    else await ack({ response_action: 'update', view: builderSaid(outcome.reply.blocks) });
  });
}

async function submitted({ view, user }: ViewSubmitAction, deps: HandlerDeps): Promise<Outcome> {
  const { actor, refusal } = await admitted(senderOf({ user }), 'A form', deps);
  if (refusal !== undefined) return { reply: sentence(refusal) };
  const choice = enteredChoice(view);
  const { channel } = choice;
  if (channel === undefined) return { errors: { channel: 'Choose where the answer is to appear.' } };
  try {
    return { reply: await ask(commandOf(choice, deps.vocabulary), { actor, channel }, deps) };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const blocks = view.blocks.map(({ block_id: id }) => id);
    const block = blocks.find((id) => id?.startsWith('namespace')) ?? 'topic';
    return { errors: { [block]: error.message.replaceAll('`', '') } };
  }
}
