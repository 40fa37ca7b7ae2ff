import type { App, SlashCommand } from '@slack/bolt';
import { actorOf, isAtHome, stranger } from '../actor.ts';
import { ask } from '../ask.ts';
import type { HandlerDeps } from '../deps.ts';
import { type Reply, sentence } from '../replies.ts';

/** `/mesh …`. Acknowledged once the question is kept, with words only where the channel will not show some soon. */
export function registerMesh(app: App, deps: HandlerDeps): void {
  app.command('/mesh', async ({ command, ack, respond }) => {
    const begun = performance.now();
    const reply = await answer(command, deps);
    try {
      await (reply === undefined ? ack() : ack({ response_type: 'ephemeral', ...reply }));
    } catch (error) {
      deps.log.warn({ error }, 'A command could not be acknowledged');
      if (reply !== undefined) await respond({ response_type: 'ephemeral', ...reply });
    }
    deps.watch.acked((performance.now() - begun) / 1000);
  });
}

async function answer(command: SlashCommand, deps: HandlerDeps): Promise<Reply | undefined> {
  const actor = actorOf({ team: command.team_id, enterprise: command.enterprise_id, user: command.user_id });
  if (!isAtHome(actor, deps)) {
    deps.log.warn({ user: actor.user, team: actor.team }, 'Refused a stranger');
    deps.watch.command('none', 'stranger');
    return sentence(stranger);
  }
  return ask(command.text, { actor, channel: command.channel_id }, deps);
}
