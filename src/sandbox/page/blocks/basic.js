// Blocks that only show something.

import { h, link } from '../dom.js';
import { plainText } from '../text/emoji.js';
import { markdown } from '../text/markdown.js';
import { textObject } from '../text/mrkdwn.js';
import { richText } from '../text/rich-text.js';
import { fileCard } from '../view/files.js';
import { renderElement } from './elements.js';

export function section(block, ctx) {
  const fields = (block.fields ?? []).map((field) => h('div', { class: 'field' }, ...textObject(field, ctx)));
  const text = block.text ? h('div', { class: 'section-text' }, ...textObject(block.text, ctx)) : null;
  const body = h('div', { class: 'section-body' }, text, fields.length > 0 && h('div', { class: 'fields' }, ...fields));
  const accessory = block.accessory ? renderElement(block.accessory, { ...ctx, dispatch: true }) : null;
  return h('div', {}, body, accessory && h('div', { class: 'accessory' }, accessory));
}

export const header = (block) => h('h3', {}, ...plainText(block.text));
export const divider = () => h('hr', {});
export const richTextBlock = (block, ctx) => h('div', {}, ...richText(block, ctx));
export const markdownBlock = (block) => h('div', {}, ...markdown(block.text));

export function context(block, ctx) {
  const parts = (block.elements ?? []).map((element) => {
    if (element.type === 'image') return smallImage(element);
    return h('span', { class: 'context-text' }, ...textObject(element, ctx));
  });
  return h('div', {}, ...parts);
}

const LEVELS = { default: 'Note', info: 'Info', warning: 'Warning', error: 'Error', success: 'Done' };

export function alert(block, ctx) {
  const level = Object.hasOwn(LEVELS, block.level) ? block.level : 'default';
  const label = h('strong', { class: 'alert-level' }, LEVELS[level]);
  const role = level === 'error' || level === 'warning' ? 'alert' : 'note';
  return h('div', { class: `alert-${level}`, role }, label, h('span', {}, ...textObject(block.text, ctx)));
}

/** Pictures are never fetched: the page makes no request outside the sandbox. */
function picture(alt, className) {
  const label = alt || 'image without a description';
  return h('span', { class: className, role: 'img', 'aria-label': label, title: label });
}

export const smallImage = (element) => picture(element.alt_text, 'image-small');

export function bigImage(alt) {
  const frame = h('div', { class: 'image-frame', role: 'img', 'aria-label': alt || 'image without a description' });
  frame.append(h('span', { class: 'image-alt', 'aria-hidden': 'true' }, alt || 'image without a description'));
  return frame;
}

export function image(block) {
  const caption = block.title ? h('figcaption', {}, ...plainText(block.title)) : null;
  return h('figure', {}, caption, bigImage(block.alt_text));
}

export function video(block) {
  const title = block.title_url ? link(block.title_url, ...plainText(block.title)) : plainText(block.title);
  return h('figure', {}, h('figcaption', {}, title), bigImage(`Video: ${block.alt_text ?? ''}`));
}

export function file(block, ctx) {
  const shared = ctx.files?.find((candidate) => candidate.id === block.file_id || candidate.id === block.external_id);
  return shared ? fileCard(shared) : h('div', { class: 'unknown-block' }, `File ${block.external_id ?? ''}`);
}
