// The command box.

import { h } from '../dom.js';
import { completions } from './completions.js';
import { readHistory, remember } from './history.js';
import { icon } from './icons.js';

function whyNot(app) {
  if (app.isHome) return 'hidden';
  if (app.channel?.archived) return 'This channel is archived. Nobody can write here.';
  if (app.channel && !app.channel.isMember) return 'You are not in this channel.';
  return null;
}

function hide(state) {
  state.hints = [];
  state.active = -1;
  state.list.hidden = true;
  state.field.setAttribute('aria-expanded', 'false');
  state.field.removeAttribute('aria-activedescendant');
}

function showHints(state) {
  const { app, field, list } = state;
  hide(state);
  if (state.isThread) return;
  state.hints = completions(app.state.commands, field.value, readHistory(app.as));
  const rows = state.hints.map((hint, index) =>
    h(
      'li',
      { role: 'option', id: `${list.id}-${index}`, onpointerdown: (event) => complete(state, index, event) },
      h(
        'span',
        { class: 'hint-label' },
        hint.label,
        hint.usage ? h('span', { class: 'hint-usage' }, ` ${hint.usage}`) : null,
      ),
      hint.description ? h('span', { class: 'hint-text' }, hint.description) : null,
    ),
  );
  list.replaceChildren(...rows);
  list.hidden = rows.length === 0;
  field.setAttribute('aria-expanded', String(rows.length > 0));
}

function complete(state, index, event) {
  event?.preventDefault();
  state.field.value = state.hints[index].text;
  state.field.focus();
  fit(state.field);
  showHints(state);
}

function activate(state, step) {
  const rows = [...state.list.children];
  state.active = Math.max(-1, Math.min(rows.length - 1, state.active + step));
  for (const [index, row] of rows.entries()) row.classList.toggle('is-active', index === state.active);
  const row = rows[state.active];
  if (row) state.field.setAttribute('aria-activedescendant', row.id);
  else state.field.removeAttribute('aria-activedescendant');
}

/** Arrow up and down go through what was sent before; down from the newest gives back what was typed. */
function recall(state, step) {
  const lines = readHistory(state.app.as);
  const at = state.recalled ?? lines.length;
  const next = Math.max(0, Math.min(lines.length, at + step));
  if (next === at) return;
  if (state.recalled === null) state.unsent = state.field.value;
  state.recalled = next === lines.length ? null : next;
  state.field.value = lines[next] ?? state.unsent;
  hide(state);
  fit(state.field);
  state.field.setSelectionRange(state.field.value.length, state.field.value.length);
}

function vertical(state, step) {
  const isPicking = state.active >= 0 || (step > 0 && !state.list.hidden && state.recalled === null);
  if (isPicking) return activate(state, step);
  const isOneLine = !state.field.value.includes('\n');
  if (isOneLine && (step < 0 || state.recalled !== null)) return recall(state, step);
  return false;
}

function onkey(state, event) {
  if (event.isComposing) return;
  const { key } = event;
  const isOpen = !state.list.hidden;
  if (key === 'Enter' && !event.shiftKey) {
    if (state.active >= 0) complete(state, state.active);
    else send(state);
  } else if (key === 'Tab' && !event.shiftKey && isOpen) complete(state, Math.max(0, state.active));
  else if (key === 'Escape' && isOpen) hide(state);
  else if (key === 'ArrowUp' || key === 'ArrowDown') {
    if (vertical(state, key === 'ArrowUp' ? -1 : 1) === false) return;
  } else return;
  event.preventDefault();
}

async function send(state) {
  const { app, field } = state;
  const text = field.value.trim();
  if (text === '' || field.getAttribute('aria-busy') === 'true') return;
  remember(app.as, text);
  Object.assign(state, { recalled: null, unsent: '' });
  field.value = '';
  hide(state);
  fit(field);
  field.setAttribute('aria-busy', 'true');
  const isSent = await app.send(text, { isThread: state.isThread });
  field.removeAttribute('aria-busy');
  if (!isSent && field.value === '') field.value = text;
  fit(field);
}

/** Grows the box with its text. */
function fit(field) {
  field.style.height = 'auto';
  field.style.height = `${Math.min(field.scrollHeight, 160)}px`;
}

function createField(state) {
  const label = state.isThread ? 'Reply in the thread' : 'Message or command';
  return h('textarea', {
    rows: 1,
    class: 'composer-field',
    role: 'combobox',
    autocomplete: 'off',
    autocapitalize: 'none',
    spellcheck: 'false',
    'aria-label': label,
    'aria-expanded': 'false',
    'aria-controls': state.list.id,
    'aria-autocomplete': 'list',
    'data-testid': state.isThread ? 'thread-composer' : 'composer',
    oninput: () => {
      state.recalled = null;
      fit(state.field);
      showHints(state);
    },
    onkeydown: (event) => onkey(state, event),
    onfocus: () => showHints(state),
    onblur: () => hide(state),
  });
}

/** Shows the draft of the place that is open now, and keeps that of the one before. */
function update(state) {
  const { app, field } = state;
  const place = [app.as, app.channelId, state.isThread ? app.threadTs : ''].join('/');
  if (state.place !== place) {
    if (state.place !== null) state.drafts.set(state.place, field.value);
    field.value = state.drafts.get(place) ?? '';
    Object.assign(state, { place, recalled: null });
    hide(state);
    fit(field);
  }
  const reason = whyNot(app);
  state.element.hidden = reason === 'hidden';
  field.disabled = reason !== null;
  const name = app.channel?.kind === 'im' ? app.channel.name : `#${app.channel?.name ?? ''}`;
  const command = app.state.commands?.[0]?.command ?? '/mesh';
  field.placeholder = reason ?? (state.isThread ? 'Reply…' : `Message ${name}, or type ${command}`);
}

export function createComposer(app, { isThread }) {
  const state = { app, isThread, place: null, drafts: new Map(), hints: [], active: -1, recalled: null, unsent: '' };
  const id = isThread ? 'thread-hints' : 'command-hints';
  state.list = h('ul', { role: 'listbox', id, class: 'hints', 'aria-label': 'Suggestions', hidden: true });
  state.field = createField(state);
  const button = {
    type: 'submit',
    class: 'send',
    'aria-label': 'Send',
    onpointerdown: (event) => event.preventDefault(),
  };
  const onsubmit = (event) => {
    event.preventDefault();
    send(state);
  };
  const box = h('div', { class: 'composer-box' }, state.field, h('button', button, icon('send')));
  state.element = h('form', { class: 'composer', onsubmit }, state.list, box);
  return {
    element: state.element,
    update: () => update(state),
    focus: () => state.field.focus(),
    isEmpty: () => state.field.value === '',
  };
}
