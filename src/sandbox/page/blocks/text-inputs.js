// Fields to type into.

import { h } from '../dom.js';
import { changed, controlAttributes, startValue } from './values.js';

/** Typing is recorded at once; it is an action only where the app asked for it: on Enter, or on every character. */
function typing(element, ctx, toValue) {
  const triggers = element.dispatch_action_config?.trigger_actions_on ?? ['on_enter_pressed'];
  const quiet = { ...ctx, dispatch: false };
  const isLive = triggers.includes('on_character_entered');
  return {
    oninput: (event) => changed(element, isLive ? ctx : quiet, toValue(event.currentTarget.value)),
    onkeydown: (event) => {
      if (event.key !== 'Enter' || !ctx.dispatch || event.shiftKey || !triggers.includes('on_enter_pressed')) return;
      event.preventDefault();
      changed(element, ctx, toValue(event.currentTarget.value));
    },
  };
}

const asValue = (text) => ({ value: text === '' ? null : text });

function attributes(element, ctx) {
  return {
    class: 'field-input',
    placeholder: element.placeholder?.text ?? null,
    autocomplete: 'off',
    autofocus: element.focus_on_load === true,
    ...controlAttributes(element, ctx),
    ...typing(element, ctx, asValue),
  };
}

export function plainTextInput(element, ctx) {
  const tag = element.multiline ? 'textarea' : 'input';
  const more = element.multiline ? { rows: 4 } : { type: 'text' };
  const limits = { minlength: element.min_length ?? null, maxlength: element.max_length ?? 3000 };
  const field = h(tag, { ...attributes(element, ctx), ...more, ...limits });
  field.value = startValue(element, ctx, 'value', 'initial_value') ?? '';
  return field;
}

const TYPES = { number_input: 'number', email_text_input: 'email', url_text_input: 'url' };

export function typedInput(element, ctx) {
  const limits = { min: element.min_value ?? null, max: element.max_value ?? null };
  const step = element.type === 'number_input' ? (element.is_decimal_allowed ? 'any' : '1') : null;
  const field = h('input', { ...attributes(element, ctx), type: TYPES[element.type], ...limits, step });
  field.value = startValue(element, ctx, 'value', 'initial_value') ?? '';
  return field;
}

function asRichText(text) {
  if (text === '') return { rich_text_value: null };
  const section = { type: 'rich_text_section', elements: [{ type: 'text', text }] };
  return { rich_text_value: { type: 'rich_text', elements: [section] } };
}

const flatten = (part) =>
  part?.text ?? (part?.elements ?? []).map(flatten).join(part?.type === 'rich_text' ? '\n' : '');

/** Formatting is not offered here; the text is sent as one rich_text section. */
export function richTextInput(element, ctx) {
  const field = h('textarea', { ...attributes(element, ctx), rows: 4, ...typing(element, ctx, asRichText) });
  field.value = flatten(startValue(element, ctx, 'rich_text_value', 'initial_value'));
  return field;
}

export function fileInput() {
  return h('div', { class: 'unknown-block' }, 'Files cannot be uploaded in the sandbox.');
}
