import type { App } from '@slack/bolt';
import type { Slack } from '../actions/press.ts';
import { admitted, type Sender, senderOfMention } from '../actor.ts';
import { ask } from '../ask.ts';
import type { HandlerDeps } from '../deps.ts';
import { type Reply, sentence } from '../replies.ts';

interface Mention {
  readonly sender: Sender;
  readonly channel: string;
  readonly words: string;
  /** The message at the top, where it was said in a thread. */
  readonly root?: string;
}

/** `@meshbot rerun` in the thread of an answer, a digest or a card, and `@meshbot mtls bookinfo` as `/mesh mtls bookinfo`. */
export function registerMention(app: App, deps: HandlerDeps): void {
  app.event('app_mention', async ({ event, body, client, context }) => {
    if (event.user === undefined || event.bot_id !== undefined) return;
    const sender = senderOfMention({ ...event, user: event.user }, body);
    const root = event.thread_ts;
    const words = withoutMention(event.text, context.botUserId);
    const mention = { sender, channel: event.channel, words, ...(root !== undefined && { root }) };
    const reply = await answerOnce(body.event_id, mention, deps);
    if (reply !== undefined) await tell(reply, mention, client, deps);
  });
}

function withoutMention(text: string, bot = ''): string {
  return text.replaceAll(/<@([A-Z0-9]+)(?:\|[^>]*)?>/g, (all, id: string) => (id === bot ? ' ' : all)).trim();
}

/** Slack sends an event again where it did not see that it arrived. */
async function answerOnce(eventId: string, mention: Mention, deps: HandlerDeps): Promise<Reply | undefined> {
  try {
    if (!(await deps.once(eventId))) return undefined;
    return await answer(mention, deps);
  } catch (error) {
    deps.log.warn({ error }, 'A mention could not be answered');
    return sentence('I cannot take questions now: my queue (Redis) does not answer. Ask again in a minute.');
  }
}

async function answer({ sender, channel, words, root }: Mention, deps: HandlerDeps): Promise<Reply | undefined> {
  const { actor, refusal } = await admitted(sender, 'A mention', deps);
  if (refusal !== undefined) return sentence(refusal);
  const asking = { actor, channel };
  if (!/^(?:re-?run|again|ask again|run again)[.!]?$/i.test(words)) return ask(words, asking, deps);
  const command = root === undefined ? undefined : await commandOf(root, asking.channel, deps);
  if (command !== undefined) return ask(command, asking, deps);
  return sentence(
    'I know no question to ask again here. Say it in the thread of an answer, a digest or a card of mine that is not older than a week, or type the question: `/mesh mtls bookinfo`.',
  );
}

/** What the message at the top of a thread answers: a question, a request for a fix, or a digest, however old its last one is. */
async function commandOf(root: string, channel: string, deps: HandlerDeps): Promise<string | undefined> {
  const stored = await deps.asks.load(`root:${channel}:${root}`);
  if (stored !== undefined) return stored.command;
  const { schedules, lastMessage } = deps.digests;
  for (const { id } of await schedules.list({ channel })) {
    if ((await lastMessage(id)) === root) return `digest run ${id}`;
  }
  return undefined;
}

async function tell({ text, blocks }: Reply, { channel, sender, root }: Mention, client: Slack, deps: HandlerDeps) {
  try {
    const place = { channel, user: sender.user, ...(root !== undefined && { thread_ts: root }) };
    await client.chat.postEphemeral({ ...place, text, blocks });
  } catch (error) {
    deps.log.warn({ error }, 'A mention could not be answered');
  }
}
