// One message.

import { sendShortcut } from '../api.js';
import { renderBlocks } from '../blocks/index.js';
import { createForm } from '../blocks/values.js';
import { h } from '../dom.js';
import { emoji } from '../text/emoji.js';
import { mrkdwn } from '../text/mrkdwn.js';
import { clockElement, dateElement } from '../time.js';
import { fileCard } from './files.js';
import { icon } from './icons.js';
import { failureText, notice } from './notices.js';
import { avatar, displayName, KIND_WORDS } from './people.js';

const GROUP_SECONDS = 300;

/** True when a message continues what the same person just said. */
export function continues(message, previous) {
  if (!previous || previous.user !== message.user) return false;
  if (Boolean(previous.ephemeral) !== Boolean(message.ephemeral)) return false;
  return Number.parseFloat(message.ts) - Number.parseFloat(previous.ts) < GROUP_SECONDS;
}

function author(message, user) {
  const badge = user?.kind === 'bot' ? h('span', { class: 'badge' }, 'APP') : null;
  const isOutside = ['guest', 'ultra', 'stranger'].includes(user?.kind);
  const kind = isOutside ? h('span', { class: 'badge is-quiet' }, KIND_WORDS[user.kind]) : null;
  const name = h('span', { class: 'author' }, displayName(user, message.user));
  return h(
    'div',
    { class: 'message-head' },
    name,
    badge,
    kind,
    h('span', { class: 'clock' }, clockElement(message.ts)),
  );
}

function body(message, app) {
  const place = { channel: app.channelId, message_ts: message.ts };
  const ctx = app.context(place, { form: createForm(), files: message.files });
  const content = message.blocks?.length
    ? renderBlocks(message.blocks, ctx)
    : [h('div', { class: 'block message-text' }, ...mrkdwn(message.text, ctx))];
  const edited = message.edited ? h('span', { class: 'edited' }, '(edited)') : null;
  return [...content, edited, ...(message.files ?? []).map(fileCard)];
}

function reactions(message, app) {
  if (!message.reactions?.length) return null;
  const chips = message.reactions.map(({ name, users }) => {
    const names = users.map((id) => displayName(app.users.get(id), id)).join(', ');
    return h('li', { title: `${names}: ${name}` }, emoji(name), ` ${users.length}`);
  });
  return h('ul', { class: 'reactions', 'aria-label': 'Reactions' }, ...chips);
}

function repliesButton(message, app) {
  const replies = app.repliesTo(message.ts);
  const count = Math.max(replies.length, message.reply_count ?? 0);
  if (count === 0) return null;
  const people = [...new Set(replies.map((reply) => reply.user))].slice(0, 3);
  const faces = people.map((id) => avatar(app.users.get(id), id, 'tiny'));
  const last = replies.at(-1);
  const when = last ? ['Last ', dateElement(Number.parseFloat(last.ts), '{date_short_pretty} {time}', '')] : [];
  const attributes = {
    type: 'button',
    class: 'replies',
    'data-testid': 'replies',
    'data-focus': `replies-${message.ts}`,
  };
  const onclick = () => app.openThread(message.ts);
  const text = h('strong', {}, `${count} ${count === 1 ? 'reply' : 'replies'}`);
  return h('button', { ...attributes, onclick }, ...faces, text, h('span', { class: 'replies-last' }, ...when));
}

/** What the menu of a message offers in Slack. */
function shortcuts(message, app) {
  return (app.state.shortcuts ?? []).map(({ name, callbackId }) => {
    const take = async () => {
      const body = { as: app.as, channel: app.channelId, message_ts: message.ts, callback_id: callbackId };
      const result = await sendShortcut(body).catch(() => ({ ok: false }));
      if (!result.ok) notice(failureText(result.error, 'The app could not be reached. Try again in a moment.'));
    };
    return h('button', { type: 'button', class: 'shortcut', 'data-testid': 'shortcut', onclick: take }, name);
  });
}

/** The message as an element; `inThread` leaves out the way into the thread, `isCompact` the author. */
export function renderMessage(message, app, { inThread = false, isCompact = false } = {}) {
  const user = app.users.get(message.user);
  const private_ = h('div', { class: 'only-you' }, icon('eye'), 'Only visible to you');
  const side = isCompact
    ? h('span', { class: 'clock side-clock' }, clockElement(message.ts))
    : avatar(user, message.user);
  const content = h(
    'div',
    { class: 'message-content' },
    message.ephemeral ? private_ : null,
    isCompact ? null : author(message, user),
    ...body(message, app),
    reactions(message, app),
    inThread ? null : repliesButton(message, app),
  );
  const kinds = `${message.ephemeral ? ' is-ephemeral' : ''}${isCompact ? ' is-compact' : ''}`;
  const start = h(
    'button',
    { type: 'button', class: 'icon-button start-thread', 'aria-label': 'Reply in a thread' },
    icon('reply'),
  );
  start.addEventListener('click', () => app.openThread(message.ts, { focus: true }));
  const canReply = !inThread && !message.ephemeral;
  const offered = message.ephemeral ? [] : shortcuts(message, app);
  const acts = h('div', { class: 'message-acts' }, ...offered, canReply ? start : null);
  const attributes = { class: `message${kinds}`, tabindex: -1, 'data-ts': message.ts, 'data-testid': 'message' };
  const label = `${displayName(user, message.user)}: ${message.text ?? ''}`.slice(0, 160);
  return h('article', { ...attributes, 'aria-label': label }, side, content, acts);
}

/** What `reconcile` needs for a list of messages. */
export function messageItem(message, app, options) {
  const replies = options.inThread ? 0 : app.repliesTo(message.ts).map((reply) => [reply.ts, reply.user]);
  return {
    key: `${message.ts}${message.ephemeral ? '-private' : ''}`,
    signature: JSON.stringify([message, options, replies, app.namesVersion, app.as]),
    render: () => renderMessage(message, app, options),
  };
}
