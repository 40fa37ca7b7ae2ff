// Who is who.

import { h } from '../dom.js';
import { icon } from './icons.js';

export const KIND_WORDS = {
  member: 'member',
  guest: 'guest',
  ultra: 'single-channel guest',
  deleted: 'deactivated',
  stranger: 'other organisation',
  bot: 'app',
};

function hue(id) {
  let sum = 0;
  for (const char of id) sum = (sum * 31 + char.codePointAt(0)) % 997;
  return sum % 6;
}

const initials = (name) =>
  name
    .split(/[\s._-]+/)
    .filter(Boolean)
    .slice(0, 2)
    .map((word) => [...word][0].toUpperCase())
    .join('');

export const displayName = (user, id) => user?.realName || user?.name || id;

export function avatar(user, id = '', size = 'normal') {
  if (user?.kind === 'bot') return h('span', { class: `avatar is-app ${size}`, 'aria-hidden': 'true' }, icon('mesh'));
  const text = initials(displayName(user, id)) || '?';
  return h('span', { class: `avatar hue-${hue(user?.id ?? id)} ${size}`, 'aria-hidden': 'true' }, text);
}
