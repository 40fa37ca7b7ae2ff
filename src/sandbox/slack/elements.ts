import { isJson, type Json, records, text } from './json.ts';

/** Something people can use, in the block that shows it. */
export interface Placed {
  readonly blockId: string;
  readonly element: Json;
}

/** All elements with an `action_id` or that people press, in order. */
export function elementsIn(blocks: readonly Json[]): readonly Placed[] {
  return blocks.flatMap((block) =>
    block.type === 'container' ? elementsIn(records(block.child_blocks)) : within(block, text(block.block_id)),
  );
}

function within(value: unknown, blockId: string): readonly Placed[] {
  if (Array.isArray(value)) return value.flatMap((item) => within(item, blockId));
  if (!isJson(value)) return [];
  const nested = Object.values(value).flatMap((part) => within(part, blockId));
  return isElement(value) ? [{ blockId, element: value }, ...nested] : nested;
}

function isElement({ type, action_id }: Json): boolean {
  return action_id !== undefined || type === 'button';
}

/** The values an element starts with, as in `state.values`. */
export function initialValue(element: Json): Json {
  const { type } = element;
  const entries = Object.entries(element)
    .filter(([name]) => name.startsWith('initial_'))
    .map(([name, value]) => [name === 'initial_value' ? 'value' : name.replace('initial_', 'selected_'), value]);
  return { type, ...empty(text(type)), ...Object.fromEntries(entries) };
}

function empty(type: string): Json {
  if (/input$/.test(type)) return type === 'rich_text_input' ? { rich_text_value: null } : { value: null };
  if (type.startsWith('multi_') || type === 'checkboxes') return { [selectedName(type)]: [] };
  return { [selectedName(type)]: null };
}

/** Under which name a value of this type is sent: `selected_option`, `selected_users` … */
export function selectedName(type: string): string {
  const several = type.startsWith('multi_') ? 's' : '';
  const noun = /(users|conversations|channels)_select$/.exec(type)?.[1];
  if (noun !== undefined) return `selected_${noun.replace(/s$/, '')}${several}`;
  const names: Readonly<Record<string, string>> = {
    checkboxes: 'selected_options',
    datepicker: 'selected_date',
    timepicker: 'selected_time',
    datetimepicker: 'selected_date_time',
  };
  return names[type] ?? `selected_option${several}`;
}

/** A plain value as `state.values` has it: the value of an option, an id, or a text. */
export function chosen(element: Json, value: unknown): Json {
  const type = text(element.type);
  if (isJson(value)) return { type, ...value };
  if (/input$/.test(type)) return { type, value };
  const options = [
    ...records(element.options),
    ...records(element.option_groups).flatMap((one) => records(one.options)),
  ];
  const named = (wanted: unknown): unknown =>
    options.find((option) => option.value === wanted) ?? {
      text: { type: 'plain_text', text: text(wanted) },
      value: wanted,
    };
  const isOption = selectedName(type).startsWith('selected_option');
  const shown = Array.isArray(value)
    ? value.map((one) => (isOption ? named(one) : one))
    : isOption
      ? named(value)
      : value;
  return { type, [selectedName(type)]: shown };
}
