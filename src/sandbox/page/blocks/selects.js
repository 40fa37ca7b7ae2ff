// Selects with one value whose options are known: the browser's own control, good on a phone too.

import { h } from '../dom.js';
import { localGroups, valueShape } from './options.js';
import { changed, controlAttributes, startValue } from './values.js';

const text = (object) => object?.text ?? '';

export function select(element, ctx) {
  const { key, initialKey, toValue, toOptions } = valueShape(element);
  const groups = localGroups(element, ctx);
  const all = groups.flatMap((group) => group.options);
  const [start] = toOptions(startValue(element, ctx, key, initialKey), all);
  const asOption = (option) => h('option', { value: option.value }, text(option.text));
  const children = groups.map((group) => {
    const list = group.options.map(asOption);
    return group.label ? h('optgroup', { label: text(group.label) }, ...list) : list;
  });
  const onchange = (event) => {
    const chosen = all.filter((option) => option.value === event.currentTarget.value).slice(0, 1);
    return changed(element, ctx, { [key]: toValue(chosen) });
  };
  const placeholder = h('option', { value: '' }, text(element.placeholder) || 'Choose…');
  const control = h(
    'select',
    { class: 'field-input', ...controlAttributes(element, ctx), onchange },
    placeholder,
    ...children,
  );
  control.value = start?.value ?? '';
  return control;
}
