// rich_text blocks: every string in them is literal.

import { h, link } from '../dom.js';
import { dateElement } from '../time.js';
import { emoji, literal } from './emoji.js';
import { broadcastMention, channelMention, groupMention, userMention } from './mentions.js';

function colour(value) {
  const isHex = /^#[0-9a-f]{3,8}$/i.test(value);
  const swatch = h('span', { class: 'swatch', 'aria-hidden': 'true' });
  if (isHex) swatch.style.backgroundColor = value;
  return h('span', {}, isHex ? swatch : null, value);
}

function dated(leaf) {
  const time = dateElement(leaf.timestamp, leaf.format, leaf.fallback ?? String(leaf.timestamp));
  return leaf.url ? link(leaf.url, time) : time;
}

function lines(text) {
  return String(text ?? '')
    .split('\n')
    .flatMap((line, index) => (index === 0 ? literal(line) : [h('br', {}), ...literal(line)]));
}

const LEAVES = {
  text: (leaf) => lines(leaf.text),
  link: (leaf) => link(leaf.url, ...literal(leaf.text || leaf.url)),
  user: (leaf, ctx) => userMention(leaf.user_id, ctx),
  usergroup: (leaf, ctx) => groupMention(leaf.usergroup_id, ctx),
  channel: (leaf, ctx) => channelMention(leaf.channel_id, ctx),
  emoji: (leaf) => emoji(leaf.name, leaf.unicode),
  date: dated,
  color: (leaf) => colour(String(leaf.value)),
  broadcast: (leaf) => broadcastMention(leaf.range),
  team: (leaf, ctx) => groupMention(leaf.team_id, ctx),
};

const STYLES = { code: 'code', bold: 'strong', italic: 'em', strike: 's', underline: 'u' };

function renderLeaf(leaf, ctx) {
  const render = LEAVES[leaf.type];
  if (!render) return h('span', { class: 'unknown-leaf' }, `[${leaf.type}]`);
  let nodes = [render(leaf, ctx)].flat();
  for (const [style, tag] of Object.entries(STYLES)) if (leaf.style?.[style]) nodes = [h(tag, {}, ...nodes)];
  return nodes;
}

const leaves = (part, ctx) => (part.elements ?? []).flatMap((leaf) => renderLeaf(leaf, ctx));

function list(part, ctx) {
  const tag = part.style === 'ordered' ? 'ol' : 'ul';
  const indent = Math.min(Number(part.indent) || 0, 6);
  const items = (part.elements ?? []).map((item) => h('li', {}, ...leaves(item, ctx)));
  const start = tag === 'ol' && part.offset ? Number(part.offset) + 1 : null;
  return h(tag, { class: `indent-${indent}`, start }, ...items);
}

function preformatted(part) {
  const text = (part.elements ?? []).map((leaf) => leaf.text ?? leaf.url ?? '').join('');
  const isDiff = /^[+−-] ?\S/m.test(text) && /^[+−-]/.test(text.trim());
  return h('pre', {}, h('code', {}, ...(isDiff ? diffLines(text) : [text])));
}

function kindOfLine(line) {
  if (/^(\+\+\+|---) /.test(line)) return 'diff-name';
  if (line.startsWith('+')) return 'diff-added';
  return /^[-−]/.test(line) ? 'diff-removed' : null;
}

/** The lines of a diff; added and removed ones keep their sign, colour only helps. */
export function diffLines(text) {
  return text.split('\n').map((line, index, all) => {
    const kind = kindOfLine(line);
    const end = index === all.length - 1 ? '' : '\n';
    return kind ? h('span', { class: kind }, line + end) : line + end;
  });
}

const PARTS = {
  rich_text_section: (part, ctx) => h('div', { class: 'rt-section' }, ...leaves(part, ctx)),
  rich_text_list: list,
  rich_text_quote: (part, ctx) => h('blockquote', {}, ...leaves(part, ctx)),
  rich_text_preformatted: preformatted,
};

/** Nodes for a rich_text block. */
export function richText(block, ctx) {
  return (block?.elements ?? []).map((part) => {
    const render = PARTS[part.type];
    return render ? render(part, ctx) : h('span', { class: 'unknown-leaf' }, `[${part.type}]`);
  });
}
