import type { App, BlockAction } from '@slack/bolt';
import { actorOfSent, isAtHome, stranger } from '../actor.ts';
import { ask } from '../ask.ts';
import { builderButton } from '../builder/button.ts';
import { isInBuilder, openBuilder, updateBuilder } from '../builder/show.ts';
import type { HandlerDeps } from '../deps.ts';
import { publishHome } from '../home/publish.ts';
import { inTime } from '../in-time.ts';
import { type Reply, sentence } from '../replies.ts';
import { fixActions, pressFix } from './fix-buttons.ts';
import type { Press, Slack } from './press.ts';

const runs = ['ask-again', 'run-it'];

/** Every button. One listener for all: with another for the rest, a click would be acknowledged twice. */
export function registerButtons(app: App, deps: HandlerDeps): void {
  app.action(/.*/, async ({ body, action, ack, respond, client }) => {
    const begun = performance.now();
    const opensLink = 'url' in action && action.url !== undefined;
    const isForm = body.type === 'block_actions' && isInBuilder(body);
    const press = body.type === 'block_actions' && !opensLink && !isForm ? pressOf(body) : undefined;
    const working = press === undefined ? Promise.resolve(undefined) : click(press, client, deps);
    await inTime(working);
    await ack();
    deps.watch.acked((performance.now() - begun) / 1000);
    if (isForm) return updateBuilder(body, client, deps);
    const reply = await working;
    try {
      if (reply !== undefined) await respond({ response_type: 'ephemeral', replace_original: false, ...reply });
    } catch (error) {
      deps.log.warn({ error }, 'A click could not be answered');
    }
    if (press !== undefined && fixActions.has(press.action)) await publishHome(press.actor, client, deps);
  });
}

function pressOf(body: BlockAction): Press {
  const [action] = body.actions;
  const value = action !== undefined && 'value' in action ? action.value : undefined;
  const { channel_id: channel = body.channel?.id, message_ts: ts } = body.container;
  const actor = actorOfSent(body);
  return {
    actor,
    action: action?.action_id ?? '',
    trigger: body.trigger_id,
    ...(typeof value === 'string' && { value }),
    ...(channel !== undefined && { channel: String(channel) }),
    ...(ts !== undefined && { ts: String(ts) }),
  };
}

async function click(press: Press, client: Slack, deps: HandlerDeps): Promise<Reply | undefined> {
  const { actor, action, value, channel } = press;
  if (!isAtHome(actor, deps)) return sentence(stranger);
  if (value !== undefined && fixActions.has(action)) return pressFix({ ...press, value }, client, deps);
  if (action === builderButton.action) return openBuilder(press, client, deps);
  if (!runs.includes(action) || value === undefined || channel === undefined) {
    return sentence(
      'This button is from another version of me and does nothing. Type `/mesh` to see what I answer now.',
    );
  }
  return rerun(value, { actor, channel }, deps);
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
