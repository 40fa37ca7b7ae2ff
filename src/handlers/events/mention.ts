import type { App } from '@slack/bolt';
import type { Slack } from '../actions/press.ts';
import { actorOf, isAtHome, stranger } from '../actor.ts';
import { ask } from '../ask.ts';
import type { Asking, HandlerDeps } from '../deps.ts';
import { type Reply, sentence } from '../replies.ts';

interface Mention extends Asking {
  readonly words: string;
  /** The message at the top, where it was said in a thread. */
  readonly root?: string;
}

/** `@meshbot rerun` in the thread of an answer, and `@meshbot mtls bookinfo` as `/mesh mtls bookinfo`. */
export function registerMention(app: App, deps: HandlerDeps): void {
  app.event('app_mention', async ({ event, body, client, context }) => {
    if (event.user === undefined || event.bot_id !== undefined) return;
    const { team_id: team, enterprise_id: enterprise } = body;
    const actor = actorOf({ team: event.team ?? team, enterprise, user: event.user });
    const root = event.thread_ts;
    const words = withoutMention(event.text, context.botUserId);
    const mention = { actor, channel: event.channel, words, ...(root !== undefined && { root }) };
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

async function answer({ words, root, ...asking }: Mention, deps: HandlerDeps): Promise<Reply | undefined> {
  if (!isAtHome(asking.actor, deps)) return sentence(stranger);
  if (!/^(?:re-?run|again|ask again|run again)[.!]?$/i.test(words)) return ask(words, asking, deps);
  const command = root === undefined ? undefined : await commandOf(root, asking.channel, deps);
  if (command !== undefined) return ask(command, asking, deps);
  return sentence(
    'I know no question to ask again here. Say it in the thread of one of my answers, not older than a week, or type the question: `/mesh mtls bookinfo`.',
  );
}

/** What the message at the top of a thread answers: a question, or a digest. */
async function commandOf(root: string, channel: string, deps: HandlerDeps): Promise<string | undefined> {
  const stored = await deps.asks.load(`root:${channel}:${root}`);
  if (stored !== undefined) return stored.command;
  const { schedules, lastMessage } = deps.digests;
  for (const { id } of await schedules.list({ channel })) {
    if ((await lastMessage(id)) === root) return `digest run ${id}`;
  }
  return undefined;
}

async function tell({ text, blocks }: Reply, { channel, actor, root }: Mention, client: Slack, deps: HandlerDeps) {
  try {
    const place = { channel, user: actor.user, ...(root !== undefined && { thread_ts: root }) };
    await client.chat.postEphemeral({ ...place, text, blocks });
  } catch (error) {
    deps.log.warn({ error }, 'A mention could not be answered');
  }
}
