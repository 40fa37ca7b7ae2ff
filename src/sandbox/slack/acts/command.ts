import { withIds } from '../escape.ts';
import { given, type Json } from '../json.ts';
import { addMessage } from '../messages.ts';
import { contentOf } from '../methods/chat.ts';
import { commandPayload } from '../payloads.ts';
import type { Signature } from '../signed-http.ts';
import { SlackError } from '../slack-error.ts';
import type { Channel, Person } from '../state.ts';
import { barred, type Done, refused, type Stage } from './stage.ts';

/** Types `/mesh …` in a channel. Commands do not exist in threads. */
export async function typeCommand(
  { context, delivery }: Stage,
  person: Person,
  channel: Channel,
  line: string,
  signature?: Signature,
): Promise<Done> {
  const { workspace, settings } = context;
  const [name = '', rest = ''] = [line.trim().split(/\s/, 1)[0], line.trim().replace(/^\S+\s*/, '')];
  const command = settings.commands.find((one) => one.command === name);
  if (command === undefined || !settings.scopes.has('commands')) return refused('unknown_command');
  const reason = barred(person, channel) ?? (channel.archived ? 'is_archived' : undefined);
  if (reason !== undefined) return refused(reason);
  const words = command.shouldEscape === true ? withIds(workspace, rest) : rest;
  const payload = commandPayload(context, person, channel, name, words);
  const envelope = { type: 'slash_commands', payload, accepts_response_payload: true } as const;
  const delivered = await delivery.send(envelope, signature);
  if (!delivered.ok) return { ...refused(delivered.error), status: delivered.status };
  return { ...show({ context, delivery }, person, channel, delivered.payload), status: delivered.status };
}

/** The body of an acknowledgement is a message to the one who asked, unless it says otherwise. */
function show({ context }: Stage, person: Person, channel: Channel, response: Json): Omit<Done, 'status'> {
  if (given(response.text) === undefined && given(response.blocks) === undefined && !Array.isArray(response.blocks)) {
    return { ok: true, response };
  }
  try {
    addMessage(context.workspace, {
      ...contentOf(response),
      channel: channel.id,
      user: context.workspace.app.botUser,
      ...(response.response_type !== 'in_channel' && { ephemeralTo: person.id }),
    });
    return { ok: true, response };
  } catch (error) {
    if (!(error instanceof SlackError)) throw error;
    return { ok: false, error: error.code, response };
  }
}
