import { areOptions } from '../blocks/validate.ts';
import type { Placed } from '../elements.ts';
import { type Json, records, text } from '../json.ts';
import {
  type InMessage,
  messageActionPayload,
  shortcutPayload,
  suggestionPayload,
  viewActionPayload,
} from '../payloads.ts';
import type { Signature } from '../signed-http.ts';
import type { Envelope } from '../socket-mode.ts';
import type { Person, View } from '../state.ts';
import { barred, canSee, type Done, refused, type Stage } from './stage.ts';

type Place = InMessage | View;

/** Uses an element of a message or view: presses a button, or chooses `value`. */
export async function press(
  stage: Stage,
  person: Person,
  place: Place,
  { blockId, element }: Placed,
  { value = {}, values = {}, signature }: { value?: Json; values?: Json; signature?: Signature | undefined } = {},
): Promise<Done> {
  const reason = whyNot(person, place);
  if (reason !== undefined) return refused(reason);
  const { type, action_id, text: label, value: own, style } = element;
  const action = {
    type,
    action_id,
    block_id: blockId,
    action_ts: stage.context.workspace.nextTs(),
    ...(label !== undefined && { text: label }),
    ...(own !== undefined && { value: own }),
    ...(style !== undefined && { style }),
    ...value,
  };
  const payload =
    'message' in place
      ? messageActionPayload(stage.context, person, place, action, values)
      : viewActionPayload(stage.context, person, place, action, values);
  return interact(stage, payload, signature);
}

/** What the app offers in an external select. */
export async function askOptions(
  stage: Stage,
  person: Person,
  place: Place,
  asked: { readonly block_id: string; readonly action_id: string; readonly value: string },
): Promise<Done & { readonly options: readonly Json[] }> {
  const reason = whyNot(person, place);
  if (reason !== undefined) return { ...refused(reason), options: [] };
  const done = await interact(stage, suggestionPayload(stage.context, person, place, asked));
  if (done.ok && !areOptions(done.response)) return { ...refused('invalid_options'), options: [] };
  const { options, option_groups } = done.response;
  return { ...done, options: [...records(options), ...records(option_groups).flatMap((one) => records(one.options))] };
}

/** A shortcut from the menu of a message, or from anywhere. */
export function takeShortcut(stage: Stage, person: Person, callbackId: string, place?: InMessage): Promise<Done> {
  return interact(stage, shortcutPayload(stage.context, person, callbackId, place));
}

export async function interact({ delivery }: Stage, payload: Json, signature?: Signature): Promise<Done> {
  const takesAnswer = ['view_submission', 'block_suggestion'].includes(text(payload.type));
  const envelope: Envelope = { type: 'interactive', payload, accepts_response_payload: takesAnswer };
  const delivered = await delivery.send(envelope, signature);
  if (!delivered.ok) return { ...refused(delivered.error), status: delivered.status };
  return { ok: true, response: delivered.payload, status: delivered.status };
}

function whyNot(person: Person, place: Place): string | undefined {
  if (!('message' in place)) return place.user === person.id ? undefined : 'not_found';
  return canSee(person, place.message) ? barred(person, place.channel) : 'message_not_found';
}
