// Dialogs over the page: the modal of the app, and "are you sure?".

import { sendClose, sendSubmit } from '../api.js';
import { renderBlock, renderBlocks } from '../blocks/index.js';
import { showErrors } from '../blocks/input.js';
import { createForm } from '../blocks/values.js';
import { h, reconcile } from '../dom.js';
import { plainText } from '../text/emoji.js';
import { textObject } from '../text/mrkdwn.js';
import { icon } from './icons.js';
import { failureText, notice, removeDialog } from './notices.js';

/** Resolves to true when the person agrees. */
export function askToConfirm(confirm, ctx) {
  return new Promise((resolve) => {
    const done = (answer) => {
      removeDialog(dialog);
      resolve(answer);
    };
    const style = confirm.style === 'danger' ? 'danger' : 'primary';
    const yes = { type: 'button', class: `button ${style}`, autofocus: true, onclick: () => done(true) };
    const no = { type: 'button', class: 'button plain', onclick: () => done(false) };
    const buttons = [
      h('button', no, ...plainText(confirm.deny ?? 'Cancel')),
      h('button', yes, ...plainText(confirm.confirm ?? 'Yes')),
    ];
    const head = h('div', { class: 'dialog-head' }, h('h2', {}, ...plainText(confirm.title ?? 'Are you sure?')));
    const body = h('div', { class: 'dialog-body' }, ...textObject(confirm.text, ctx));
    const attributes = {
      class: 'dialog is-small',
      'aria-label': confirm.title?.text ?? 'Confirm',
      'data-testid': 'confirm',
    };
    const dialog = h('dialog', attributes, head, body, h('div', { class: 'dialog-foot' }, ...buttons));
    dialog.addEventListener('cancel', () => done(false));
    document.body.append(dialog);
    dialog.showModal();
  });
}

const isEmpty = (value) => value === null || value === undefined || value === '' || value.length === 0;

/** What the app requires and is not there yet, by block id. */
function missing(modal) {
  const required = (modal.view.blocks ?? []).filter((block) => block.type === 'input' && block.optional !== true);
  const values = modal.form.values();
  const bad = required.filter((block) => {
    const { type, ...value } = values[block.block_id]?.[block.element?.action_id] ?? {};
    return block.element?.type !== 'file_input' && Object.values(value).every(isEmpty);
  });
  return Object.fromEntries(bad.map((block) => [block.block_id, 'Please complete this field.']));
}

async function submit(modal, app) {
  const dialog = modal.dialog;
  const lacking = missing(modal);
  if (Object.keys(lacking).length > 0) return showErrors(dialog, lacking);
  const ids = new Set((modal.view.blocks ?? []).map((block) => block.block_id));
  dialog.setAttribute('aria-busy', 'true');
  const body = { as: app.as, view_id: modal.id, values: modal.form.values(ids) };
  const result = await sendSubmit(body).catch(() => ({ ok: false, error: 'dispatch_failed' }));
  dialog.removeAttribute('aria-busy');
  const unplaced = showErrors(dialog, result.errors ?? {});
  if (unplaced) notice(unplaced);
  if (!result.ok && !result.errors) notice(failureText(result.error, 'The app could not take this form.'));
  return app.refresh();
}

async function dismiss(modal, app) {
  const { id } = modal;
  modal.dismissed = id;
  hide(modal);
  await sendClose({ as: app.as, view_id: id }).catch(() => notice('The sandbox does not answer.'));
  return app.refresh();
}

function hide(modal) {
  if (modal.dialog) removeDialog(modal.dialog);
  Object.assign(modal, { id: null, dialog: null, view: null });
}

function open(modal, app, id) {
  const list = h('div', { class: 'dialog-body' });
  const head = h('div', { class: 'dialog-head' });
  const foot = h('div', { class: 'dialog-foot' });
  const onsubmit = (event) => {
    event.preventDefault();
    submit(modal, app);
  };
  const form = h('form', { onsubmit, novalidate: true }, head, list, foot);
  const dialog = h('dialog', { class: 'dialog', 'data-testid': 'modal', 'aria-labelledby': 'modal-title' }, form);
  dialog.addEventListener('cancel', (event) => {
    event.preventDefault();
    if (event.target === dialog) dismiss(modal, app);
  });
  document.body.append(dialog);
  Object.assign(modal, { id, dialog, head, list, foot, form: createForm() });
  dialog.showModal();
}

function fill(modal, app, view) {
  const ctx = app.context({ view_id: modal.id }, { form: modal.form });
  const cross = { type: 'button', class: 'icon-button', 'aria-label': 'Close', onclick: () => dismiss(modal, app) };
  modal.head.replaceChildren(
    h('h2', { id: 'modal-title' }, ...plainText(view.title)),
    h('button', cross, icon('close')),
  );
  const items = (view.blocks ?? []).map((block, index) => ({
    key: block.block_id ?? `block-${index}`,
    signature: JSON.stringify(block),
    render: () => renderBlock(block, { ...ctx, renderBlock, renderBlocks }),
  }));
  reconcile(modal.list, items);
  const close = { type: 'button', class: 'button plain', onclick: () => dismiss(modal, app) };
  const buttons = [h('button', close, ...plainText(view.close ?? 'Close'))];
  const hasInput = (view.blocks ?? []).some((block) => block.type === 'input');
  if (view.submit || hasInput)
    buttons.push(h('button', { type: 'submit', class: 'button primary' }, ...plainText(view.submit ?? 'Submit')));
  modal.foot.replaceChildren(...buttons);
}

/** Shows the modal the app has open for this person, or takes it away. */
export function renderModal(modal, app) {
  const wanted = app.state.modal;
  if (!wanted || wanted.id === modal.dismissed) {
    if (modal.dialog) hide(modal);
    return;
  }
  const isNew = modal.id !== wanted.id;
  if (isNew && modal.dialog) hide(modal);
  if (isNew) open(modal, app, wanted.id);
  if (JSON.stringify(modal.view) === JSON.stringify(wanted.view)) return;
  modal.view = wanted.view;
  fill(modal, app, wanted.view);
  if (isNew) (modal.list.querySelector('[autofocus]') ?? modal.list.querySelector('input, textarea, select'))?.focus();
}
