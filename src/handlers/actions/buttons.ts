import type { App, BlockAction } from '@slack/bolt';
import { actorOf, isAtHome, stranger } from '../actor.ts';
import { ask } from '../ask.ts';
import type { HandlerDeps } from '../deps.ts';
import { type Reply, sentence } from '../replies.ts';

const runs = ['ask-again', 'run-it'];

/** Every button. One listener for all: with another for the rest, a click would be acknowledged twice. */
export function registerButtons(app: App, deps: HandlerDeps): void {
  app.action(/.*/, async ({ body, action, ack, respond }) => {
    const begun = performance.now();
    const opensLink = 'url' in action && action.url !== undefined;
    const reply = body.type === 'block_actions' && !opensLink ? await click(body, deps) : undefined;
    await ack();
    deps.watch.acked((performance.now() - begun) / 1000);
    if (reply === undefined) return;
    try {
      await respond({ response_type: 'ephemeral', replace_original: false, ...reply });
    } catch (error) {
      deps.log.warn({ error }, 'A click could not be answered');
    }
  });
}

async function click(body: BlockAction, deps: HandlerDeps): Promise<Reply | undefined> {
  const [action] = body.actions;
  const value = action !== undefined && 'value' in action ? action.value : undefined;
  const channel = body.container.channel_id ?? body.channel?.id;
  const actor = actorOf({
    team: body.user.team_id ?? body.team?.id,
    enterprise: body.team?.enterprise_id ?? body.enterprise?.id,
    user: body.user.id,
  });
  if (!isAtHome(actor, deps)) return sentence(stranger);
  if (action === undefined || !runs.includes(action.action_id) || value === undefined || channel === undefined) {
    return sentence(
      'This button is from another version of me and does nothing. Type `/mesh` to see what I answer now.',
    );
  }
  return rerun(value, { actor, channel: String(channel) }, deps);
}

async function rerun(id: string, asking: Parameters<typeof ask>[1], deps: HandlerDeps): Promise<Reply | undefined> {
  try {
    const stored = await deps.asks.load(id);
    if (stored === undefined || stored.team !== asking.actor.team) {
      return sentence(
        'This button is too old: I no longer know its question. Type it again, for example `/mesh mtls bookinfo`.',
      );
    }
    return await ask(stored.command, asking, deps);
  } catch (error) {
    deps.log.warn({ error }, 'A button could not be looked up');
    return sentence(
      'I cannot look that up now: my queue (Redis) does not answer. Nothing was started; click again in a minute.',
    );
  }
}
