// A titled box around other blocks.

import { h } from '../dom.js';
import { plainText } from '../text/emoji.js';
import { textObject } from '../text/mrkdwn.js';
import { richText } from '../text/rich-text.js';
import { smallImage } from './basic.js';

function heading(block, ctx) {
  const title = block.rich_text_title ? richText(block.rich_text_title, ctx) : plainText(block.title);
  const subtitle = block.subtitle
    ? h('span', { class: 'container-subtitle' }, ...textObject(block.subtitle, ctx))
    : null;
  const names = h('span', { class: 'container-names' }, h('span', { class: 'container-title' }, ...title), subtitle);
  return [block.icon ? smallImage(block.icon) : null, names];
}

export function container(block, ctx) {
  const body = h('div', { class: 'container-body' }, ...ctx.renderBlocks(block.child_blocks, ctx));
  const rule = block.has_header_divider ? ' has-rule' : '';
  if (!block.is_collapsible) {
    return h(
      'section',
      { class: `container${rule}` },
      h('div', { class: 'container-head' }, ...heading(block, ctx)),
      body,
    );
  }
  const summary = h('summary', { class: 'container-head' }, ...heading(block, ctx));
  const attributes = { class: `container${rule}`, open: block.default_collapsed !== true, 'data-keep': ctx.blockId };
  return h('details', attributes, summary, body);
}
