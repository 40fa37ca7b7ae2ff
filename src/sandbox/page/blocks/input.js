// Input blocks: a label, one element, a hint, and the error the app answers with.

import { h } from '../dom.js';
import { plainText } from '../text/emoji.js';
import { renderElement } from './elements.js';

let inputs = 0;

export function input(block, ctx) {
  inputs += 1;
  const id = `input-${inputs}`;
  const label = block.label?.text ?? '';
  const optional = block.optional ? h('span', { class: 'optional' }, ' optional') : null;
  const hint = block.hint ? h('p', { class: 'input-hint', id: `${id}-hint` }, ...plainText(block.hint)) : null;
  const error = h('p', { class: 'input-error', id: `${id}-error`, role: 'alert' });
  const describedBy = `${hint ? `${id}-hint ` : ''}${id}-error`;
  const element = renderElement(block.element, {
    ...ctx,
    dispatch: block.dispatch_action === true,
    label,
    describedBy,
  });
  return h('div', {}, h('div', { class: 'input-label' }, ...plainText(block.label), optional), element, hint, error);
}

/** Shows the app's errors at their inputs; errors for blocks that are not shown are returned as one text. */
export function showErrors(root, errors) {
  const left = { ...errors };
  for (const block of root.querySelectorAll('.block-input')) {
    const text = left[block.dataset.block] ?? '';
    delete left[block.dataset.block];
    block.querySelector('.input-error').textContent = text;
    block.classList.toggle('has-error', text !== '');
    const control = block.querySelector('[data-action]');
    if (text === '') control?.removeAttribute('aria-invalid');
    else control?.setAttribute('aria-invalid', 'true');
  }
  root.querySelector('[aria-invalid]')?.focus();
  return Object.values(left).join(' ');
}
