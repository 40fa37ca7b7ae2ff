// Cards, alone or in a row.

import { h } from '../dom.js';
import { textObject } from '../text/mrkdwn.js';
import { bigImage, smallImage } from './basic.js';
import { renderElement } from './elements.js';

export function card(block, ctx) {
  const line = (object, name) => (object ? h('div', { class: name }, ...textObject(object, ctx)) : null);
  const names = h(
    'div',
    { class: 'card-names' },
    line(block.title, 'card-title'),
    line(block.subtitle, 'card-subtitle'),
  );
  const icon = block.icon ? smallImage(block.icon) : null;
  const buttons = (block.actions ?? []).map((element) => renderElement(element, { ...ctx, dispatch: true }));
  return h(
    'article',
    { class: 'card' },
    block.hero_image ? bigImage(block.hero_image.alt_text) : null,
    h('div', { class: 'card-head' }, icon, names),
    line(block.body, 'card-body'),
    buttons.length > 0 && h('div', { class: 'card-actions' }, ...buttons),
  );
}

export function carousel(block, ctx) {
  const cards = (block.elements ?? []).map((element) => h('li', {}, ctx.renderBlock(element, ctx)));
  const list = h('ul', { class: 'carousel-row' }, ...cards);
  return h('div', { tabindex: 0, role: 'region', 'aria-label': 'Cards' }, list);
}
