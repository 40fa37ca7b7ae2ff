// Elements people press, and the blocks that hold elements.

import { h, link, safeUrl } from '../dom.js';
import { plainText } from '../text/emoji.js';
import { popover } from '../view/popover.js';
import { checkboxes, radioButtons } from './choices.js';
import { combobox } from './combobox.js';
import { datePicker, dateTimePicker, timePicker } from './pickers.js';
import { select } from './selects.js';
import { fileInput, plainTextInput, richTextInput, typedInput } from './text-inputs.js';
import { changed, controlAttributes } from './values.js';

/** Keeps a control from being pressed twice while its first press is on its way. */
async function once(control, work) {
  if (control.getAttribute('aria-busy') === 'true') return;
  control.setAttribute('aria-busy', 'true');
  try {
    await work();
  } finally {
    control.removeAttribute('aria-busy');
  }
}

function button(element, ctx) {
  const style = ['primary', 'danger'].includes(element.style) ? element.style : 'plain';
  const attributes = { ...controlAttributes(element, ctx), class: `button ${style}` };
  attributes['aria-label'] = element.accessibility_label ?? null;
  const value = { value: element.value ?? '' };
  if (element.url) {
    const anchor = link(element.url, ...plainText(element.text));
    for (const [name, given] of Object.entries(attributes)) if (given !== null) anchor.setAttribute(name, given);
    if (safeUrl(element.url))
      anchor.addEventListener('click', () => changed({ ...element, confirm: null }, ctx, value));
    return anchor;
  }
  const press = (event) => once(event.currentTarget, () => changed(element, ctx, value));
  return h('button', { type: 'button', ...attributes, onclick: press }, ...plainText(element.text));
}

function overflow(element, ctx) {
  const items = (element.options ?? []).map((option) => ({
    content: plainText(option.text),
    onpick: () => {
      if (safeUrl(option.url)) open(option.url, '_blank', 'noopener,noreferrer');
      return changed(element, ctx, { selected_option: option });
    },
  }));
  const attributes = {
    ...controlAttributes(element, ctx),
    class: 'button plain overflow',
    'aria-label': 'More actions',
  };
  return popover(h('button', { type: 'button', ...attributes }, '⋯'), items);
}

function feedback(element, ctx) {
  const pair = [element.positive_button, element.negative_button]
    .filter(Boolean)
    .map((half) => button({ ...half, type: element.type, action_id: element.action_id }, ctx));
  return h('span', { class: 'feedback', role: 'group', 'aria-label': 'Feedback' }, ...pair);
}

const ELEMENTS = {
  button,
  workflow_button: button,
  icon_button: button,
  feedback_buttons: feedback,
  overflow,
  static_select: select,
  users_select: select,
  channels_select: select,
  conversations_select: select,
  external_select: combobox,
  multi_static_select: combobox,
  multi_external_select: combobox,
  multi_users_select: combobox,
  multi_channels_select: combobox,
  multi_conversations_select: combobox,
  radio_buttons: radioButtons,
  checkboxes,
  datepicker: datePicker,
  timepicker: timePicker,
  datetimepicker: dateTimePicker,
  plain_text_input: plainTextInput,
  number_input: typedInput,
  email_text_input: typedInput,
  url_text_input: typedInput,
  rich_text_input: richTextInput,
  file_input: fileInput,
};

/** One element; an unknown type is named. */
export function renderElement(element, ctx) {
  if (element?.type === 'image') {
    return h('span', {
      class: 'image-accessory',
      role: 'img',
      'aria-label': element.alt_text,
      title: element.alt_text,
    });
  }
  const render = Object.hasOwn(ELEMENTS, element?.type) ? ELEMENTS[element.type] : null;
  if (!render) return h('span', { class: 'unknown-block' }, String(element?.type));
  return render(element, ctx);
}

const row = (block, ctx) =>
  h('div', {}, ...(block.elements ?? []).map((element) => renderElement(element, { ...ctx, dispatch: true })));

export const actions = row;
export const contextActions = row;
