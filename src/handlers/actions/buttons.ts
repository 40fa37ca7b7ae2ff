import type { App, BlockAction } from '@slack/bolt';
import { admitted, type Sender, senderOf } from '../actor.ts';
import { tooMuch } from '../allowance.ts';
import { ask } from '../ask.ts';
import { builderButton } from '../builder/button.ts';
import { isInBuilder, openBuilder, updateBuilder } from '../builder/show.ts';
import type { HandlerDeps, StoredCommand } from '../deps.ts';
import { publishHome } from '../home/publish.ts';
import { inTime } from '../in-time.ts';
import { type Reply, sentence } from '../replies.ts';
import { fixActions, pressFix } from './fix-buttons.ts';
import type { Press, Slack } from './press.ts';

const runs = ['ask-again', 'run-it'];
/** They show a form and change nothing. */
const onlyOpens = ['fix-details', 'fix-break-glass'];

type Pressed = Omit<Press, 'actor'>;

/** What a click led to. */
interface Clicked {
  readonly reply?: Reply | undefined;
  /** Whose App Home may not be what it was. */
  readonly home?: Press['actor'];
}

/** Every button. One listener for all: with another for the rest, a click would be acknowledged twice. */
export function registerButtons(app: App, deps: HandlerDeps): void {
  app.action(/.*/, async ({ body, action, ack, respond, client }) => {
    const begun = performance.now();
    const opensLink = 'url' in action && action.url !== undefined;
    const isForm = body.type === 'block_actions' && isInBuilder(body);
    const press = body.type === 'block_actions' && !opensLink && !isForm ? pressOf(body) : undefined;
    const working: Promise<Clicked> =
      press === undefined ? Promise.resolve({}) : click(press, senderOf(body), client, deps);
    await inTime(working);
    await ack();
    deps.watch.acked((performance.now() - begun) / 1000);
    if (isForm) return updateBuilder(body, client, deps);
    const { reply, home } = await working;
    try {
      if (reply !== undefined) await respond({ response_type: 'ephemeral', replace_original: false, ...reply });
    } catch (error) {
      deps.log.warn({ error }, 'A click could not be answered');
    }
    if (home !== undefined) await publishHome(home, client, deps);
  });
}

function pressOf(body: BlockAction): Pressed {
  const [action] = body.actions;
  const value = action !== undefined && 'value' in action ? action.value : undefined;
  const { channel_id: channel = body.channel?.id, message_ts: ts } = body.container;
  return {
    action: action?.action_id ?? '',
    trigger: body.trigger_id,
    ...(typeof value === 'string' && { value }),
    ...(channel !== undefined && { channel: String(channel) }),
    ...(ts !== undefined && { ts: String(ts) }),
  };
}

async function click(pressed: Pressed, sender: Sender, client: Slack, deps: HandlerDeps): Promise<Clicked> {
  const { action, value, channel } = pressed;
  const { actor, refusal } = await admitted(sender, `A click on ${action}`, deps);
  if (refusal !== undefined) return { reply: sentence(refusal) };
  const press = { ...pressed, actor };
  if (value !== undefined && fixActions.has(action)) {
    const wait = tooMuch(actor.user, deps);
    if (wait !== undefined) return { reply: sentence(wait) };
    const reply = await pressFix({ ...press, value }, client, deps);
    return { reply, ...(!onlyOpens.includes(action) && { home: actor }) };
  }
  if (action === builderButton.action) return { reply: await openBuilder(press, client, deps) };
  if (runs.includes(action) && value !== undefined && channel !== undefined)
    return { reply: await rerun(value, { actor, channel }, deps) };
  return {
    reply: sentence(
      'This button is from another version of me and does nothing. Type `/mesh` to see what I answer now.',
    ),
  };
}

async function rerun(id: string, asking: Parameters<typeof ask>[1], deps: HandlerDeps): Promise<Reply | undefined> {
  try {
    const stored = await deps.asks.load(id);
    if (stored === undefined || !isOurs(stored, deps)) {
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

/** Whoever clicks was admitted: in an organisation they may be of another of its workspaces than who asked. */
export function isOurs({ team }: Pick<StoredCommand, 'team'>, { home }: Pick<HandlerDeps, 'home'>): boolean {
  return home.enterprise !== undefined || team === home.team;
}
