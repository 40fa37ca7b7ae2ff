import { seenBy } from '../access.ts';
import { typeCommand } from '../acts/command.ts';
import { close, submit } from '../acts/forms.ts';
import { askOptions, press, takeShortcut } from '../acts/press.ts';
import { openHome, say } from '../acts/speak.ts';
import type { Done, Stage } from '../acts/stage.ts';
import { elementsIn } from '../elements.ts';
import { given, type Json, record, records, text } from '../json.ts';
import { currentOf, storedMessage } from '../messages.ts';
import type { InMessage } from '../payloads.ts';
import { SlackError } from '../slack-error.ts';
import type { Channel, Person, View, Workspace } from '../state.ts';

type Act = (stage: Stage, person: Person, body: Json) => Promise<Json>;

/** What people do on the page, by the last part of the path. */
export const acts: Readonly<Record<string, Act>> = {
  async command(stage, person, body) {
    const channel = channelSeen(stage, person, body);
    return outcome(await typeCommand(stage, person, channel, text(body.text)));
  },
  async message(stage, person, body) {
    const channel = channelSeen(stage, person, body);
    // The page shows the message at once; whether the app hears of it is between Slack and the app.
    const { message } = say(stage, person, channel, text(body.text), given(body.thread_ts));
    return { ok: true, ts: message.ts };
  },
  async action(stage, person, body) {
    const place = placeOf(stage, person, body);
    const placed = elementsIn(blocksOf(place)).find(
      ({ blockId, element }) => blockId === body.block_id && text(element.action_id) === text(body.action_id),
    );
    if (placed === undefined) throw new SlackError('not_found');
    const values = record(record(body.state).values);
    return outcome(await press(stage, person, place, placed, { value: entered(placed.element, body), values }));
  },
  async submit(stage, person, body) {
    const done = await submit(stage, person, viewOf(stage, person, body), record(body.values));
    return { ...outcome(done), ...(done.errors !== undefined && { errors: done.errors }) };
  },
  async close(stage, person, body) {
    return outcome(await close(stage, person, viewOf(stage, person, body)));
  },
  async shortcut(stage, person, body) {
    const place = placeOf(stage, person, { channel: body.channel, message_ts: body.message_ts });
    if (!('message' in place)) throw new SlackError('message_not_found');
    return outcome(await takeShortcut(stage, person, text(body.callback_id), place));
  },
  async home(stage, person) {
    openHome(stage, person);
    return { ok: true };
  },
  async options(stage, person, body) {
    const { block_id, action_id, value } = body;
    const asked = { block_id: text(block_id), action_id: text(action_id), value: text(value) };
    const done = await askOptions(stage, person, placeOf(stage, person, body), asked);
    return done.ok ? { ok: true, ...done.response } : outcome(done);
  },
};

function outcome({ ok, error, response }: Done): Json {
  return { ok, response, ...(error !== undefined && { error }) };
}

function channelSeen({ context }: Stage, person: Person, body: Json): Channel {
  const channel = seenBy(context.workspace, person.id).find(({ id }) => id === body.channel);
  if (channel === undefined) throw new SlackError('channel_not_found');
  return channel;
}

function placeOf(stage: Stage, person: Person, body: Json): InMessage | View {
  if (given(body.view_id) !== undefined) return viewOf(stage, person, body);
  const channel = channelOfMessage(stage, person, body);
  const message = storedMessage(stage.context.workspace, channel.id, text(body.message_ts));
  if (message === undefined) throw new SlackError('message_not_found');
  return { channel, message };
}

/** Questions for options name a message alone. */
function channelOfMessage(stage: Stage, person: Person, body: Json): Channel {
  if (given(body.channel) !== undefined) return channelSeen(stage, person, body);
  const { workspace } = stage.context;
  const found = seenBy(workspace, person.id).find(({ id }) => storedMessage(workspace, id, text(body.message_ts)));
  if (found === undefined) throw new SlackError('message_not_found');
  return found;
}

function viewOf({ context }: Stage, person: Person, body: Json): View {
  const { views, homes }: Workspace = context.workspace;
  const id = body.view_id === 'home' ? homes.get(person.id) : text(body.view_id);
  const view = views.get(id ?? '');
  if (view?.user !== person.id) throw new SlackError('not_found');
  return view;
}

function blocksOf(place: InMessage | View): readonly Json[] {
  return 'message' in place ? currentOf(place.message).blocks : records(place.body.blocks);
}

/** What was chosen or typed; the value of a button is the app's own. */
function entered(element: Json, body: Json): Json {
  const isTyped = /input$/.test(text(element.type)) || element.type === 'feedback_buttons';
  const names = Object.keys(body).filter(
    (name) => name.startsWith('selected_') || name === 'rich_text_value' || (name === 'value' && isTyped),
  );
  return Object.fromEntries(names.map((name) => [name, body[name]]));
}
