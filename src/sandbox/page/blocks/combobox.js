// A field with a list under it: for many values, and for options the app is asked for.

import { h } from '../dom.js';
import { plainText } from '../text/emoji.js';
import { localGroups, valueShape } from './options.js';
import { changed, controlAttributes, startValue } from './values.js';

let lists = 0;
const label = (option) => option.text?.text ?? option.value;

/** Asks the app, or looks through the options that came with the block. */
async function find(element, ctx, query) {
  if (!element.type.includes('external')) {
    const wanted = query.toLowerCase();
    const groups = localGroups(element, ctx);
    return groups.flatMap((group) => group.options).filter((o) => label(o).toLowerCase().includes(wanted));
  }
  if (query.length < (element.min_query_length ?? 3)) return [];
  const question = { ...ctx.place, block_id: ctx.blockId, action_id: element.action_id, value: query };
  const found = await ctx.options(question);
  return found.option_groups?.flatMap((group) => group.options) ?? found.options ?? [];
}

function createList(state) {
  lists += 1;
  const list = h('ul', { role: 'listbox', class: 'combo-list', id: `combo-${lists}`, hidden: true });
  if (state.shape.isMulti) list.setAttribute('aria-multiselectable', 'true');
  return list;
}

function showOptions(state, found, note) {
  state.found = found;
  state.active = -1;
  const isChosen = (option) => state.chosen.some((other) => other.value === option.value);
  const rows = found.map((option, index) =>
    h(
      'li',
      {
        role: 'option',
        id: `${state.list.id}-${index}`,
        'aria-selected': String(isChosen(option)),
        onpointerdown: (event) => event.preventDefault(),
        onclick: () => pick(state, option),
      },
      ...plainText(option.text),
    ),
  );
  state.list.replaceChildren(...(rows.length > 0 ? rows : [h('li', { class: 'combo-note' }, note)]));
  toggle(state, true);
}

function toggle(state, isOpen) {
  state.list.hidden = !isOpen;
  state.input.setAttribute('aria-expanded', String(isOpen));
  if (!isOpen) state.input.removeAttribute('aria-activedescendant');
}

async function search(state) {
  const query = state.input.value.trim();
  state.asked += 1;
  const asked = state.asked;
  try {
    const found = await find(state.element, state.ctx, query);
    if (asked === state.asked && document.activeElement === state.input) showOptions(state, found, 'Nothing matches.');
  } catch {
    if (asked === state.asked) showOptions(state, [], 'The app did not answer with options.');
  }
}

function pick(state, option) {
  const { shape, element } = state;
  const isChosen = state.chosen.some((other) => other.value === option.value);
  const others = state.chosen.filter((other) => other.value !== option.value);
  const most = element.max_selected_items ?? Number.POSITIVE_INFINITY;
  if (!shape.isMulti) state.chosen = [option];
  else if (isChosen) state.chosen = others;
  else if (others.length < most) state.chosen = [...others, option];
  toggle(state, false);
  showChosen(state);
  return changed(element, state.ctx, { [shape.key]: shape.toValue(state.chosen) });
}

function chip(state, option) {
  const remove = () => pick(state, option);
  const cross = h('button', { type: 'button', 'aria-label': `Remove ${label(option)}`, onclick: remove }, '×');
  return h('span', { class: 'chip' }, ...plainText(option.text), cross);
}

function showChosen(state) {
  const { isMulti } = state.shape;
  state.input.value = isMulti || !state.chosen[0] ? '' : label(state.chosen[0]);
  state.chips.replaceChildren(...(isMulti ? state.chosen.map((option) => chip(state, option)) : []));
}

function move(state, step) {
  const rows = [...state.list.querySelectorAll('[role=option]')];
  if (state.list.hidden || rows.length === 0) return void search(state);
  state.active = (state.active + step + rows.length) % rows.length;
  for (const [index, row] of rows.entries()) row.classList.toggle('is-active', index === state.active);
  rows[state.active].scrollIntoView({ block: 'nearest' });
  state.input.setAttribute('aria-activedescendant', rows[state.active].id);
}

function onkey(state, event) {
  const isOpen = !state.list.hidden;
  if (event.key === 'ArrowDown') move(state, 1);
  else if (event.key === 'ArrowUp') move(state, -1);
  else if (event.key === 'Enter' && isOpen && state.found[state.active]) pick(state, state.found[state.active]);
  else if (event.key === 'Escape' && isOpen) toggle(state, false);
  else if (event.key === 'Backspace' && state.input.value === '' && state.shape.isMulti && state.chosen.length > 0) {
    pick(state, state.chosen.at(-1));
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

function leave(state) {
  toggle(state, false);
  showChosen(state);
}

export function combobox(element, ctx) {
  const shape = valueShape(element);
  const all = element.type.includes('external') ? [] : localGroups(element, ctx).flatMap((group) => group.options);
  const chosen = shape.toOptions(startValue(element, ctx, shape.key, shape.initialKey), all);
  const state = { element, ctx, shape, chosen, found: [], active: -1, asked: 0 };
  state.list = createList(state);
  state.chips = h('span', { class: 'chips' });
  state.input = h('input', {
    type: 'text',
    role: 'combobox',
    autocomplete: 'off',
    class: 'field-input',
    placeholder: element.placeholder?.text ?? 'Type to search…',
    'aria-expanded': 'false',
    'aria-controls': state.list.id,
    'aria-autocomplete': 'list',
    ...controlAttributes(element, ctx),
    oninput: () => search(state),
    onfocus: () => search(state),
    onkeydown: (event) => onkey(state, event),
    onblur: () => leave(state),
  });
  showChosen(state);
  return h('span', { class: 'combo' }, state.chips, state.input, state.list);
}
