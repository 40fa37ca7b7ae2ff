// A menu that belongs to a button.

import { h } from '../dom.js';

let menus = 0;
const GAP = 6;

function place(menu, trigger) {
  const anchor = trigger.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const fitsBelow = anchor.bottom + GAP + height <= innerHeight;
  const top = fitsBelow ? anchor.bottom + GAP : Math.max(GAP, anchor.top - GAP - height);
  menu.style.top = `${top}px`;
  menu.style.left = `${Math.max(GAP, Math.min(anchor.left, innerWidth - width - GAP))}px`;
}

function onkey(menu, event) {
  const rows = [...menu.querySelectorAll('button:not(:disabled)')];
  const at = rows.indexOf(document.activeElement);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  rows[(at + step + rows.length) % rows.length]?.focus();
}

function row(menu, item) {
  const role = item.isChecked === undefined ? 'menuitem' : 'menuitemradio';
  const checked = item.isChecked === undefined ? null : String(item.isChecked);
  const onclick = () => {
    menu.hidePopover();
    item.onpick();
  };
  const attributes = {
    type: 'button',
    role,
    'aria-checked': checked,
    disabled: item.isDisabled,
    onclick,
    ...item.attributes,
  };
  return h('button', attributes, ...[item.content].flat());
}

/** The button with its menu; `items` are {content, onpick, isChecked?, isDisabled?, attributes?}. */
export function popover(trigger, items) {
  menus += 1;
  const menu = h('div', { id: `menu-${menus}`, popover: 'auto', role: 'menu', class: 'menu' });
  menu.append(...items.map((item) => row(menu, item)));
  menu.addEventListener('keydown', (event) => onkey(menu, event));
  menu.addEventListener('toggle', (event) => {
    trigger.setAttribute('aria-expanded', String(event.newState === 'open'));
    if (event.newState !== 'open') return;
    place(menu, trigger);
    (menu.querySelector('[aria-checked=true]') ?? menu.querySelector('button'))?.focus();
  });
  trigger.setAttribute('popovertarget', menu.id);
  trigger.setAttribute('aria-haspopup', 'menu');
  trigger.setAttribute('aria-expanded', 'false');
  return h('span', { class: 'menu-anchor' }, trigger, menu);
}
