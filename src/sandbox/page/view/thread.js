// The right side: a message and its replies.

import { h, reconcile } from '../dom.js';
import { createComposer } from './composer.js';
import { icon } from './icons.js';
import { continues, messageItem } from './message.js';
import { followEnd } from './scroll.js';

export function createThread(app) {
  const close = {
    type: 'button',
    class: 'icon-button',
    'aria-label': 'Close the thread',
    'data-testid': 'close-thread',
  };
  const button = h('button', { ...close, onclick: () => app.closeThread() }, icon('close'));
  const where = h('span', { class: 'thread-where' });
  const head = h(
    'div',
    { class: 'pane-head' },
    h('div', { class: 'pane-title' }, h('h2', {}, 'Thread'), where, button),
  );
  const list = h('div', { class: 'messages', role: 'log', 'aria-label': 'Replies', 'data-testid': 'thread' });
  const scroller = h('div', { class: 'scroller', tabindex: 0, role: 'region', 'aria-label': 'Thread' }, list);
  const composer = createComposer(app, { isThread: true });
  document.getElementById('thread').append(head, scroller, composer.element);
  const position = followEnd(scroller, list, { fromStart: true });
  return { where, list, composer, position, shown: null };
}

function countItem(count) {
  const text = count === 0 ? 'No replies yet' : `${count} ${count === 1 ? 'reply' : 'replies'}`;
  const render = () => h('div', { class: 'reply-count', role: 'separator' }, h('span', {}, text));
  return { key: 'count', signature: text, render };
}

export function renderThread(thread, app) {
  const pane = document.getElementById('thread');
  const root = app.threadTs === null ? null : app.messageAt(app.threadTs);
  pane.hidden = !root;
  document.getElementById('app').classList.toggle('has-thread', Boolean(root));
  if (!root) return;
  const isNew = thread.shown !== `${app.channelId}/${root.ts}`;
  thread.shown = `${app.channelId}/${root.ts}`;
  thread.where.textContent = app.channel?.kind === 'im' ? '' : `#${app.channel?.name ?? ''}`;
  const replies = app.repliesTo(root.ts);
  const items = replies.map((reply, index) =>
    messageItem(reply, app, { inThread: true, isCompact: continues(reply, replies[index - 1]) }),
  );
  reconcile(thread.list, [messageItem(root, app, { inThread: true }), countItem(replies.length), ...items]);
  thread.composer.update();
  if (isNew) thread.position.toStart();
}
