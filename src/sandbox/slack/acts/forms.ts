import { checkView } from '../blocks/validate.ts';
import { elementsIn, initialValue } from '../elements.ts';
import { type Json, record, records, text } from '../json.ts';
import { closeModal, pushModal, updateView } from '../modals.ts';
import { closedPayload, submissionPayload } from '../payloads.ts';
import { SlackError } from '../slack-error.ts';
import type { Person, View } from '../state.ts';
import { interact } from './press.ts';
import { type Done, refused, type Stage } from './stage.ts';

export interface Submitted extends Done {
  /** What is wrong with the form, by block id: from Slack for required fields, otherwise from the app. */
  readonly errors?: Json;
}

/** Sends a form. `values` are those of Slack's `state.values`; fields that are not in it keep what they started with. */
export async function submit(stage: Stage, person: Person, view: View, values: Json): Promise<Submitted> {
  if (view.user !== person.id || view.type !== 'modal') return refused('not_found');
  const complete = withInitial(view, values);
  const lacking = missing(view, complete);
  if (Object.keys(lacking).length > 0) return { ...refused('missing_input'), errors: lacking };
  const done = await interact(stage, submissionPayload(stage.context, person, view, complete));
  return done.ok ? answered(stage, person, view, done) : done;
}

export async function close(stage: Stage, person: Person, view: View): Promise<Done> {
  if (view.user !== person.id || view.type !== 'modal') return refused('not_found');
  const all = view.body.clear_on_close === true;
  closeModal(stage.context.workspace, person.id, all);
  if (view.body.notify_on_close !== true) return { ok: true, response: {}, status: 0 };
  return interact(stage, closedPayload(stage.context, person, view, all));
}

function answered({ context }: Stage, person: Person, view: View, done: Done): Submitted {
  const { workspace } = context;
  const { response_action, errors, view: next } = done.response;
  try {
    if (response_action === 'errors') return { ...done, ok: false, errors: record(errors) };
    if (response_action === 'update') updateView(workspace, view, checkView(next, 'modal'));
    else if (response_action === 'push') pushModal(workspace, person.id, checkView(next, 'modal'));
    else closeModal(workspace, person.id, response_action === 'clear');
    return done;
  } catch (error) {
    if (!(error instanceof SlackError)) throw error;
    return { ...done, ok: false, error: error.code };
  }
}

function withInitial(view: View, values: Json): Json {
  const inputs = records(view.body.blocks).filter(({ type }) => type === 'input');
  const started = elementsIn(inputs).map(({ blockId, element }) => {
    const actionId = text(element.action_id);
    return [blockId, { [actionId]: initialValue(element), ...record(values[blockId]) }] as const;
  });
  return { ...values, ...Object.fromEntries(started) };
}

function missing(view: View, values: Json): Json {
  const bad = records(view.body.blocks).filter(({ type, optional, element, block_id }) => {
    if (type !== 'input' || optional === true) return false;
    const { type: _type, ...entered } = record(record(values[text(block_id)])[text(record(element).action_id)]);
    return Object.values(entered).every(
      (value) => value === null || value === '' || (Array.isArray(value) && value.length === 0),
    );
  });
  return Object.fromEntries(bad.map(({ block_id }) => [text(block_id), 'Please complete this required field.']));
}
