// Slack's own text markup.

import { h, link } from '../dom.js';
import { dateElement } from '../time.js';
import { emoji, literal, plainText } from './emoji.js';
import { broadcastMention, channelMention, groupMention, userMention } from './mentions.js';

const styled = (mark) => {
  const m = `\\${mark}`;
  return `(?<![\\w${m}])${m}(?=\\S)((?:<[^<>]*>|\`[^\`\\n]+\`|[^${m}\\n])+?)(?<=\\S)${m}(?![\\w${m}])`;
};
const TOKEN = new RegExp(
  [
    '```\\n?([\\s\\S]+?)\\n?```',
    '`([^`\\n]+)`',
    '<([^<>\\n]+)>',
    styled('*'),
    styled('_'),
    styled('~'),
    ':([a-z0-9_+-]+):',
    '(\\n)',
  ].join('|'),
  'g',
);

const decode = (text) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

function command(token, label, ctx) {
  const [name, ...rest] = token.split('^');
  if (name === '!date') return dated(rest, label);
  if (name === '!subteam') return groupMention(rest[0], ctx, label);
  if (['!here', '!channel', '!everyone'].includes(name)) return broadcastMention(name.slice(1));
  return document.createTextNode(label || `<${token}>`);
}

function dated([timestamp, pattern, url], label) {
  const time = dateElement(timestamp, pattern ?? '', label || timestamp);
  return url ? link(url, time) : time;
}

function angle(content, ctx) {
  const bar = content.indexOf('|');
  const token = bar < 0 ? content : content.slice(0, bar);
  const label = bar < 0 ? '' : decode(content.slice(bar + 1));
  if (token.startsWith('@')) return userMention(token.slice(1), ctx);
  if (token.startsWith('#')) return channelMention(token.slice(1), ctx, label);
  if (token.startsWith('!')) return command(token, label, ctx);
  return link(decode(token), ...literal(label || decode(token)));
}

function token(match, ctx) {
  const [, pre, code, inAngles, bold, italic, strike, name] = match;
  if (pre !== undefined) return h('pre', {}, h('code', {}, decode(pre)));
  if (code !== undefined) return h('code', {}, decode(code));
  if (inAngles !== undefined) return angle(inAngles, ctx);
  if (bold !== undefined) return h('strong', {}, ...inline(bold, ctx));
  if (italic !== undefined) return h('em', {}, ...inline(italic, ctx));
  if (strike !== undefined) return h('s', {}, ...inline(strike, ctx));
  return name === undefined ? h('br', {}) : emoji(name);
}

function inline(text, ctx) {
  const nodes = [];
  let last = 0;
  for (const match of text.matchAll(TOKEN)) {
    nodes.push(...literal(decode(text.slice(last, match.index))), token(match, ctx));
    last = match.index + match[0].length;
  }
  return [...nodes, ...literal(decode(text.slice(last)))];
}

const QUOTE = /^(?:>|&gt;) ?/;

/** Splits text into runs of quoted and other lines; what is inside a code fence is never a quote. */
function runs(text) {
  const result = [];
  let isFenced = false;
  for (const line of text.split('\n')) {
    const isQuote = !isFenced && QUOTE.test(line);
    if (line.split('```').length % 2 === 0) isFenced = !isFenced;
    const last = result.at(-1);
    if (last?.isQuote === isQuote) last.lines.push(line);
    else result.push({ isQuote, lines: [line] });
  }
  return result;
}

/** Nodes for a mrkdwn string. */
export function mrkdwn(text, ctx) {
  return runs(String(text ?? '')).flatMap(({ isQuote, lines }) => {
    if (!isQuote) return inline(lines.join('\n'), ctx);
    return [h('blockquote', {}, ...inline(lines.map((line) => line.replace(QUOTE, '')).join('\n'), ctx))];
  });
}

/** Nodes for a text object of either kind. */
export function textObject(object, ctx) {
  if (object === null || object === undefined) return [];
  return object.type === 'mrkdwn' ? mrkdwn(object.text, ctx) : plainText(object);
}
