// A small, safe part of Markdown for `markdown` blocks: what it does not know stays text.

import { h, link } from '../dom.js';
import { emoji, literal } from './emoji.js';

const INLINE =
  /\\([\\`*_~[\]()#|>-])|`([^`\n]+)`|\*\*(?=\S)(.+?)\*\*|__(?=\S)(.+?)__|(?<!\w)[*_](?=\S)([^*_\n]+?)[*_](?!\w)|~~(.+?)~~|\[([^\]\n]+)\]\(((?:[^()\s]|\([^()\s]*\))+)\)|(https?:\/\/[^\s<>)]+)|:([a-z0-9_+-]+):|(\n)/g;

function token(match) {
  const [, escaped, code, bold, bold2, italic, strike, label, url, bare, name] = match;
  if (escaped) return escaped;
  if (code) return h('code', {}, code);
  if (bold ?? bold2) return h('strong', {}, ...inline(bold ?? bold2));
  if (italic) return h('em', {}, ...inline(italic));
  if (strike) return h('s', {}, ...inline(strike));
  if (label) return link(url, ...inline(label));
  if (bare) return link(bare, bare);
  return name ? emoji(name) : h('br', {});
}

function inline(text) {
  const nodes = [];
  let last = 0;
  for (const match of text.matchAll(INLINE)) {
    nodes.push(...literal(text.slice(last, match.index)), token(match));
    last = match.index + match[0].length;
  }
  return [...nodes, ...literal(text.slice(last))];
}

const cells = (line) =>
  line
    .trim()
    .replace(/^\||\|$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());

function table(lines) {
  const [head, , ...body] = lines.map(cells);
  const row = (tag) => (list) => h('tr', {}, ...list.map((cell) => h(tag, {}, ...inline(cell))));
  const content = h('table', {}, h('thead', {}, row('th')(head)), h('tbody', {}, ...body.map(row('td'))));
  return h('div', { class: 'table-wrap', tabindex: 0, role: 'region', 'aria-label': 'Table' }, content);
}

function list(lines, marker, tag) {
  const items = [];
  for (const line of lines) {
    if (marker.test(line)) items.push([line.replace(marker, '')]);
    else items.at(-1).push(line.trim());
  }
  return h(tag, {}, ...items.map((item) => h('li', {}, ...inline(item.join('\n')))));
}

const BULLET = /^\s*[-*+] +/;
const NUMBER = /^\s*\d+[.)] +/;
const KINDS = [
  { test: (lines) => /^```/.test(lines[0]), take: takeFence, render: (lines) => fence(lines) },
  { test: (lines) => /^#{1,6} /.test(lines[0]), take: () => 1, render: ([line]) => heading(line) },
  { test: (lines) => /^\s*([-*_])( *\1){2,}\s*$/.test(lines[0]), take: () => 1, render: () => h('hr', {}) },
  {
    test: ([a, b]) => a.includes('|') && /^[\s|:-]*-[\s|:-]*$/.test(b ?? ''),
    take: run((line) => line.includes('|')),
    render: table,
  },
  { test: (lines) => /^>/.test(lines[0]), take: run((line) => /^>/.test(line)), render: quote },
  { test: (lines) => BULLET.test(lines[0]), take: takeList(BULLET), render: (lines) => list(lines, BULLET, 'ul') },
  { test: (lines) => NUMBER.test(lines[0]), take: takeList(NUMBER), render: (lines) => list(lines, NUMBER, 'ol') },
];

function run(belongs) {
  return (lines) => {
    const end = lines.findIndex((line) => !belongs(line));
    return end < 0 ? lines.length : end;
  };
}

function takeList(marker) {
  return run((line) => marker.test(line) || /^\s{2,}\S/.test(line));
}

function takeFence(lines) {
  const end = lines.findIndex((line, index) => index > 0 && /^```/.test(line));
  return end < 0 ? lines.length : end + 1;
}

function fence(lines) {
  const end = /^```/.test(lines.at(-1)) && lines.length > 1 ? -1 : undefined;
  return h('pre', {}, h('code', {}, lines.slice(1, end).join('\n')));
}

function quote(lines) {
  return h('blockquote', {}, ...inline(lines.map((line) => line.replace(/^> ?/, '')).join('\n')));
}

function heading(line) {
  const [, marks, text] = /^(#+) +(.*)$/.exec(line);
  return h(`h${Math.min(marks.length + 2, 6)}`, {}, ...inline(text));
}

const startsKind = (lines) => KINDS.find((kind) => kind.test(lines));

/** Nodes for a Markdown text. */
export function markdown(text) {
  const nodes = [];
  let rest = String(text ?? '').split(/\r?\n/);
  while (rest.length > 0) {
    const kind = startsKind(rest);
    const length = kind ? Math.max(1, kind.take(rest)) : paragraphLength(rest);
    const taken = rest.slice(0, length);
    if (kind) nodes.push(kind.render(taken));
    else if (taken.some((line) => line.trim() !== '')) nodes.push(h('p', {}, ...inline(taken.join('\n').trim())));
    rest = rest.slice(length);
  }
  return nodes;
}

function paragraphLength(lines) {
  const end = lines.findIndex((line, index) => index > 0 && (line.trim() === '' || startsKind(lines.slice(index))));
  return end < 0 ? lines.length : Math.max(1, end);
}
