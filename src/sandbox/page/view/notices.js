// Short notices over the composer, as Slack shows the failures of commands and buttons.

import { h } from '../dom.js';
import { icon } from './icons.js';

const TEXTS = {
  operation_timeout: 'The app did not answer within 3 seconds (operation_timeout). Try again.',
  dispatch_failed: 'The app could not be reached (dispatch_failed). Try again in a moment.',
  is_archived: 'This channel is archived.',
  not_in_channel: 'You are not in this channel.',
  account_inactive: 'This person was deactivated and can do nothing here.',
  message_not_found: 'This message is not there any more.',
  unknown_command: 'There is no such command in this workspace. Type / to see which there are.',
};

export const failureText = (error, fallback) => TEXTS[error] ?? error ?? fallback;

const region = document.getElementById('notices');

/** A dialog covers the page, so notices go into the topmost one. */
function bringForward() {
  const place = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document.body;
  if (region.parentElement !== place) place.append(region);
}

/** Takes a dialog away, and keeps the notices that are in it. */
export function removeDialog(dialog) {
  dialog.close();
  if (dialog.contains(region)) document.body.append(region);
  dialog.remove();
}

/** Shows a notice until it is dismissed; the same text is shown once. */
export function notice(text, kind = 'error') {
  for (const old of region.children) if (old.dataset.text === text) old.remove();
  const remove = () => box.remove();
  const close = h(
    'button',
    { type: 'button', class: 'icon-button', 'aria-label': 'Dismiss', onclick: remove },
    icon('close'),
  );
  const attributes = { class: `notice is-${kind}`, role: 'status', 'data-testid': 'notice', 'data-text': text };
  const box = h('div', attributes, h('span', {}, text), close);
  bringForward();
  region.append(box);
  while (region.children.length > 3) region.firstElementChild.remove();
}

/** One notice that says the sandbox is gone, taken away when it is back. */
export function connectionNotice(isLost) {
  const old = document.getElementById('connection-lost');
  if (!isLost) return old?.remove();
  if (old) return undefined;
  const text = 'The sandbox does not answer. What you see may be out of date. Start it again with npm start.';
  const attributes = { id: 'connection-lost', class: 'notice is-warning', role: 'status' };
  bringForward();
  region.prepend(h('div', attributes, h('span', {}, text)));
  return undefined;
}
