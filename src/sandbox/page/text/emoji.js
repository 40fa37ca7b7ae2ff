// Emoji by their Slack names. The ones that say how things stand are drawn, so that they look alike everywhere,
// even where no emoji font is installed.

import { h, s } from '../dom.js';

// biome-ignore format: a table reads better in columns
const NAMES = {
  white_check_mark: '✅', heavy_check_mark: '✔', x: '❌', heavy_multiplication_x: '✖', warning: '⚠',
  question: '❓', grey_question: '❔', information_source: 'ℹ', red_circle: '🔴', large_orange_circle: '🟠',
  large_yellow_circle: '🟡', large_green_circle: '🟢', large_blue_circle: '🔵', white_circle: '⚪', black_circle: '⚫',
  lock: '🔒', unlock: '🔓', hourglass_flowing_sand: '⏳', hourglass: '⌛', no_entry: '⛔', no_entry_sign: '🚫',
  octagonal_sign: '🛑', arrow_right: '→', arrow_left: '←', arrow_up: '↑', arrow_down: '↓', eyes: '👀', bell: '🔔',
  no_bell: '🔕', mag: '🔍', wrench: '🔧', hammer_and_wrench: '🛠', gear: '⚙', rocket: '🚀', fire: '🔥', tada: '🎉',
  '+1': '👍', '-1': '👎', wave: '👋', memo: '📝', clipboard: '📋', bar_chart: '📊',
  chart_with_upwards_trend: '📈', link: '🔗', bulb: '💡', calendar: '📅', zzz: '💤', shield: '🛡', key: '🔑', bug: '🐛',
  speech_balloon: '💬', repeat: '🔁', leftwards_arrow_with_hook: '↩', heavy_minus_sign: '−', heavy_plus_sign: '+',
};

const QUESTION = 'M6.1 6.4a1.9 1.9 0 1 1 2.7 1.8c-.5.3-.8.6-.8 1.2M8 11.6v.1';
const HOURGLASS =
  'M4.4 2.6h7.2M4.4 13.4h7.2M5.2 2.6c0 3 2.8 3.6 2.8 5.4s-2.8 2.4-2.8 5.4M10.8 2.6c0 3-2.8 3.6-2.8 5.4s2.8 2.4 2.8 5.4';

// Tone, what is behind, and the path drawn on it.
// biome-ignore format: a table reads better in columns
const DRAWN = {
  '✅': ['good', 'disc', 'M4.6 8.3 7 10.7l4.6-5.2'], '✔': ['good', null, 'M3 8.6 6.4 12 13 4.4'],
  '❌': ['bad', 'disc', 'M5.3 5.3l5.4 5.4M10.7 5.3l-5.4 5.4'], '✖': ['bad', null, 'M3.6 3.6l8.8 8.8M12.4 3.6l-8.8 8.8'],
  '⚠': ['warn', 'triangle', 'M8 6.2v3.4M8 11.9v.1'], '❓': ['unknown', 'disc', QUESTION], '❔': ['unknown', 'disc', QUESTION],
  ℹ: ['info', 'disc', 'M8 7.4v3.8M8 4.7v.1'], '⛔': ['bad', 'disc', 'M4.8 8h6.4'], '🚫': ['bad', 'ring', 'M3.8 3.8l8.4 8.4'],
  '🛑': ['bad', 'disc', 'M5.4 5.4h5.2v5.2H5.4z'], '🔴': ['bad', 'disc', ''], '🟠': ['orange', 'disc', ''],
  '🟡': ['warn', 'disc', ''], '🟢': ['good', 'disc', ''], '🔵': ['info', 'disc', ''], '⚪': ['unknown', 'ring', ''],
  '⚫': ['unknown', 'disc', ''], '⏳': ['info', null, HOURGLASS], '⌛': ['info', null, HOURGLASS],
  '🔒': ['plain', null, 'M4 7.4h8v6H4zM5.6 7.4V5.2a2.4 2.4 0 0 1 4.8 0v2.2'],
  '🔓': ['plain', null, 'M4 7.4h8v6H4zM5.6 7.4V4.6a2.4 2.4 0 0 1 4.6-.9'],
  '🔔': ['plain', null, 'M4 11.4V7.6a4 4 0 0 1 8 0v3.8l1 1H3zM7 14h2'],
  '🔍': ['plain', null, 'M7 2.6a4.4 4.4 0 1 1 0 8.8 4.4 4.4 0 0 1 0-8.8M10.2 10.2l3.4 3.4'],
  '🔁': ['plain', null, 'M3 7V6.4A2.4 2.4 0 0 1 5.4 4H12l-2-2M13 9v.6a2.4 2.4 0 0 1-2.4 2.4H4l2 2'],
  '📊': ['plain', null, 'M3 13.4V8.6M8 13.4V3M13 13.4V6'], '📈': ['plain', null, 'M2.6 12l4-4 2.6 2.4L13.4 5M10 5h3.4v3.4'],
};

const BACK = {
  disc: () => s('circle', { cx: 8, cy: 8, r: 6.6, class: 'back' }),
  ring: () => s('circle', { cx: 8, cy: 8, r: 6, class: 'ring' }),
  triangle: () => s('path', { d: 'M8 1.6 15 14H1z', class: 'back' }),
};

function drawn(char, name) {
  const [tone, back, path] = DRAWN[char];
  const label = name ?? Object.entries(NAMES).find(([, value]) => value === char)?.[0] ?? '';
  const picture = s('svg', { viewBox: '0 0 16 16', 'aria-hidden': 'true' }, back ? BACK[back]() : null);
  if (path) picture.append(s('path', { d: path, class: back && back !== 'ring' ? 'on-back' : 'stroke' }));
  const attributes = { class: `emoji drawn tone-${tone}`, title: `:${label}:` };
  return h('span', attributes, picture, h('span', { class: 'hidden-text' }, char));
}

/** The emoji of a Slack shortcode; an unknown one stays as it was typed. */
export function emoji(name, unicode) {
  const plain = String(name).split('::')[0];
  const char = NAMES[plain] ?? fromCodePoints(unicode);
  if (char === null) return document.createTextNode(`:${name}:`);
  if (Object.hasOwn(DRAWN, char)) return drawn(char, plain);
  return h('span', { class: 'emoji', title: `:${plain}:` }, char);
}

function fromCodePoints(unicode) {
  if (!/^[0-9a-f]{2,6}(-[0-9a-f]{2,6})*$/i.test(unicode ?? '')) return null;
  const points = unicode.split('-').map((point) => Number.parseInt(point, 16));
  return points.every((point) => point <= 0x10ffff) ? String.fromCodePoint(...points) : null;
}

const CHARS = new RegExp(`(?:${Object.keys(DRAWN).join('|')})\\uFE0F?`, 'gu');

/** Literal text, with the drawn emoji in it drawn. */
export function literal(text) {
  const nodes = [];
  let last = 0;
  for (const match of String(text).matchAll(CHARS)) {
    nodes.push(text.slice(last, match.index), drawn(match[0].replace('\uFE0F', '')));
    last = match.index + match[0].length;
  }
  return [...nodes, String(text).slice(last)].filter((node) => node !== '');
}

/** A `plain_text` object: literal, except for emoji shortcodes. */
export function plainText(object) {
  const text = typeof object === 'string' ? object : (object?.text ?? '');
  if (object?.emoji === false) return literal(text);
  const parts = text.split(/:([a-z0-9_+-]+):/);
  return parts.flatMap((part, index) =>
    index % 2 === 0 ? literal(part) : NAMES[part] ? [emoji(part)] : [`:${part}:`],
  );
}
