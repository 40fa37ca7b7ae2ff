import type { App, SlashCommand } from '@slack/bolt';
import { admitted } from '../actor.ts';
import { ask } from '../ask.ts';
import type { HandlerDeps } from '../deps.ts';
import { inTime } from '../in-time.ts';
import { type Reply, sentence } from '../replies.ts';

/**
 * `/mesh …`. Acknowledged once the question is kept, with words only where the channel will not show some soon. Where
 * that takes long, it is acknowledged before, and the words follow.
 */
export function registerMesh(app: App, deps: HandlerDeps): void {
  app.command('/mesh', async ({ command, ack, respond }) => {
    const begun = performance.now();
    const working = answer(command, deps);
    const early = await inTime(working);
    const isSaid = await acknowledge(() => ack(early.done ? ephemeral(early.value) : undefined), deps);
    deps.watch.acked((performance.now() - begun) / 1000);
    const reply = ephemeral(await working);
    if (reply !== undefined && !(early.done && isSaid)) await respond(reply);
  });
}

async function acknowledge(ack: () => Promise<void>, { log }: HandlerDeps): Promise<boolean> {
  try {
    await ack();
    return true;
  } catch (error) {
    log.warn({ error }, 'A command could not be acknowledged');
    return false;
  }
}

function ephemeral(reply: Reply | undefined) {
  return reply === undefined ? undefined : { response_type: 'ephemeral' as const, ...reply };
}

async function answer(command: SlashCommand, deps: HandlerDeps): Promise<Reply | undefined> {
  const sender = { team: command.team_id, user: command.user_id };
  const { actor, refusal } = await admitted(sender, 'A command', deps);
  if (refusal !== undefined) return sentence(refusal);
  return ask(command.text, { actor, channel: command.channel_id }, deps);
}
