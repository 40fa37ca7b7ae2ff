import { close, type Submitted, submit } from '../acts/forms.ts';
import type { Done, Stage } from '../acts/stage.ts';
import { chosen, elementsIn } from '../elements.ts';
import { type Json, record, records, text } from '../json.ts';
import { blockText } from '../plain-text.ts';
import type { View } from '../state.ts';
import { type Wait, waitFor } from '../wait.ts';
import { type ButtonHandle, type ChoiceHandle, findButton, findChoice, person } from './element.ts';

/** A modal or a Home tab. It shows what the view holds now. */
export interface ViewHandle {
  readonly id: string;
  readonly callbackId: string;
  readonly privateMetadata: string;
  readonly title: string;
  readonly body: Json;
  readonly blocks: readonly Json[];
  /** Everything it shows, as text. */
  readonly plain: string;
  /** Whether it is still on the screen. */
  readonly isOpen: boolean;
  button(labelOrActionId: string): ButtonHandle;
  choice(name: string): ChoiceHandle;
  /** Sends the form. Fields are named by label, `action_id` or `block_id`; values are plain ones or Slack's own. */
  submit(values?: Json): Promise<Submitted>;
  close(): Promise<Done>;
  /** Waits until it looks other than it did when this handle was made, or last expected. */
  expectUpdate(wait?: Wait): Promise<ViewHandle>;
}

export function viewHandle(stage: Stage, { id, user }: View): ViewHandle {
  const { workspace } = stage.context;
  const last = (): View | undefined => workspace.views.get(id);
  let shown = last();
  const stored = (): View => {
    shown = last() ?? shown;
    if (shown === undefined) throw new Error(`There is no view ${id}`);
    return shown;
  };
  const blocks = (): readonly Json[] => records(stored().body.blocks);
  let known = stored().hash;
  const handle: ViewHandle = {
    id,
    get callbackId() {
      return text(stored().body.callback_id);
    },
    get privateMetadata() {
      return text(stored().body.private_metadata);
    },
    get title() {
      return text(record(stored().body.title).text);
    },
    get body() {
      return stored().body;
    },
    get blocks() {
      return blocks();
    },
    get plain() {
      return [handle.title, ...blocks().map(blockText)].filter((line) => line !== '').join('\n');
    },
    get isOpen() {
      return last() !== undefined;
    },
    button: (wanted) => findButton(stage, stored, blocks(), wanted),
    choice: (wanted) => findChoice(stage, stored, blocks(), wanted),
    submit: (values = {}) => submit(stage, person(stage, user), stored(), asState(blocks(), values)),
    close: () => close(stage, person(stage, user), stored()),
    async expectUpdate(wait = {}) {
      await waitFor(
        workspace,
        () => stored().hash !== known,
        { what: `a new version of view ${id}`, ...wait },
        () => handle.plain,
      );
      known = stored().hash;
      return handle;
    },
  };
  return handle;
}

/** Plain values by label, `action_id` or `block_id`, as Slack's `state.values`. */
function asState(blocks: readonly Json[], values: Json): Json {
  const labels = new Map(blocks.map(({ block_id, label }) => [text(block_id), text(record(label).text)]));
  const fields = elementsIn(blocks).map(({ blockId, element }) => ({ blockId, element, id: text(element.action_id) }));
  const state: Record<string, Json> = {};
  for (const [name, value] of Object.entries(values)) {
    const field = fields.find(({ blockId, id }) => [blockId, id, labels.get(blockId)].includes(name));
    if (field === undefined) throw new Error(`The form has no field ${name}`);
    state[field.blockId] = { ...state[field.blockId], [field.id]: chosen(field.element, value) };
  }
  return state;
}
