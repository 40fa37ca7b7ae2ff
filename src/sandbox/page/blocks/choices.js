// Radio buttons and checkboxes.

import { h } from '../dom.js';
import { textObject } from '../text/mrkdwn.js';
import { changed, controlAttributes, startValue } from './values.js';

let groups = 0;

function choice(type, option, isChosen, ctx, more) {
  const box = h('input', { type, value: option.value, ...more });
  box.checked = isChosen;
  const description = option.description && h('small', {}, ...textObject(option.description, ctx));
  return h('label', { class: 'choice' }, box, h('span', {}, ...textObject(option.text, ctx), description));
}

function group(element, ctx, role, choices) {
  return h('div', { ...controlAttributes(element, ctx), role, class: 'choices', tabindex: -1 }, ...choices);
}

export function radioButtons(element, ctx) {
  const chosen = startValue(element, ctx, 'selected_option', 'initial_option');
  groups += 1;
  const name = `radio-${groups}`;
  const choices = (element.options ?? []).map((option) => {
    const onchange = () => changed(element, ctx, { selected_option: option });
    return choice('radio', option, option.value === chosen?.value, ctx, { name, onchange });
  });
  return group(element, ctx, 'radiogroup', choices);
}

export function checkboxes(element, ctx) {
  const options = element.options ?? [];
  const chosen = new Set((startValue(element, ctx, 'selected_options', 'initial_options') ?? []).map((o) => o.value));
  const choices = options.map((option) => {
    const onchange = (event) => {
      if (event.currentTarget.checked) chosen.add(option.value);
      else chosen.delete(option.value);
      return changed(element, ctx, { selected_options: options.filter((o) => chosen.has(o.value)) });
    };
    return choice('checkbox', option, chosen.has(option.value), ctx, { onchange });
  });
  return group(element, ctx, 'group', choices);
}
