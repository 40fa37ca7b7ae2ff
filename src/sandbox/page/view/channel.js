// The middle: a channel with its messages, or the App Home.

import { renderBlocks } from '../blocks/index.js';
import { createForm } from '../blocks/values.js';
import { h, reconcile } from '../dom.js';
import { dayOf } from '../time.js';
import { createComposer } from './composer.js';
import { icon } from './icons.js';
import { continues, messageItem } from './message.js';
import { followEnd } from './scroll.js';

/** The parts that stay while their content changes. */
export function createMain(app) {
  const head = h('div', { class: 'pane-head' });
  const list = h('div', { class: 'messages', role: 'log', 'aria-label': 'Messages', 'data-testid': 'messages' });
  const scroller = h('div', { class: 'scroller', tabindex: 0, role: 'region', 'aria-label': 'Conversation' }, list);
  const composer = createComposer(app, { isThread: false });
  document.getElementById('main').append(head, scroller, composer.element);
  return { head, list, composer, position: followEnd(scroller, list), shown: null };
}

function place(app) {
  if (app.isHome) return { mark: 'mesh', title: 'meshbot', flags: ['App Home'], topic: '' };
  const { kind, name = '', topic = '', shared, archived } = app.channel ?? {};
  return {
    mark: kind === 'im' ? null : kind === 'private' ? 'lock' : 'hash',
    title: name,
    topic,
    flags: [shared && 'shared with others', archived && 'archived'].filter(Boolean),
  };
}

function head(app, { mark, title, flags, topic }) {
  const onclick = () => app.toggleSidebar();
  const open = { type: 'button', class: 'icon-button menu-button', 'aria-label': 'Channels', onclick };
  const name = h('h2', { 'data-testid': 'channel-name' }, mark && icon(mark), title);
  const badges = flags.map((flag) => h('span', { class: 'badge is-quiet' }, flag));
  const about = h('p', { class: 'topic', title: topic }, topic);
  return h('div', { class: 'pane-title' }, h('button', open, icon('menu')), name, ...badges, about);
}

function headItem(app) {
  const shown = place(app);
  return { key: 'head', signature: JSON.stringify(shown), render: () => head(app, shown) };
}

function dayItem(day) {
  return {
    key: `day-${day}`,
    signature: day,
    render: () => h('div', { class: 'day', role: 'separator' }, h('span', {}, day)),
  };
}

function hintItem(app) {
  const command = app.state.commands?.[0]?.command ?? '/mesh';
  const examples = [`${command} mtls bookinfo`, `${command} help mtls`, command];
  return {
    key: 'hint',
    signature: JSON.stringify([command, app.channel, app.as]),
    render: () => {
      const buttons = examples.map((text) =>
        h('button', { type: 'button', class: 'example', onclick: () => app.runCommand(text) }, h('code', {}, text)),
      );
      const title = h('h3', {}, icon('mesh'), 'Ask about your mesh');
      const [first, ...others] = buttons;
      const texts = [h('p', {}, 'Try ', first), h('p', { class: 'hint-more' }, 'or ', others[0], ' or ', others[1])];
      const absent = app.channel?.botIsMember === false && app.channel.kind !== 'im';
      const note =
        absent && h('p', { class: 'hint-more' }, 'meshbot is not in this channel, so it can only answer you.');
      return h('div', { class: 'hint-card', 'data-testid': 'hint' }, title, ...texts, note);
    },
  };
}

function messageItems(app) {
  const items = [];
  let previous = null;
  for (const message of app.roots()) {
    const day = dayOf(message.ts);
    const isNewDay = !previous || dayOf(previous.ts) !== day;
    if (isNewDay) items.push(dayItem(day));
    const isBot = app.users.get(message.user)?.kind === 'bot';
    const isCompact = !isNewDay && !isBot && continues(message, previous);
    items.push(messageItem(message, app, { isCompact }));
    previous = message;
  }
  return items.length > 0 ? items : [hintItem(app)];
}

function homeItem(app) {
  const home = app.state.home;
  return {
    key: 'home',
    signature: JSON.stringify([home, app.namesVersion, app.as]),
    render: () => {
      const ctx = app.context({ view_id: home?.id ?? 'home' }, { form: createForm() });
      const empty = h('p', { class: 'empty' }, 'meshbot has not published an App Home yet.');
      return h('div', { class: 'home', 'data-testid': 'home' }, ...(home ? renderBlocks(home.blocks, ctx) : [empty]));
    },
  };
}

function markOpenThread(main, app) {
  for (const element of main.list.querySelectorAll('.message')) {
    element.classList.toggle('is-open', app.threadTs !== null && element.dataset.ts === app.threadTs);
  }
}

export function renderMain(main, app) {
  const shown = `${app.as}/${app.isHome ? 'home' : app.channelId}`;
  const isNew = main.shown !== shown;
  main.shown = shown;
  reconcile(main.head, [headItem(app)]);
  reconcile(main.list, app.isHome ? [homeItem(app)] : messageItems(app));
  main.list.classList.toggle('is-home', app.isHome);
  markOpenThread(main, app);
  main.composer.update();
  if (!isNew) return;
  if (app.isHome) main.position.toStart();
  else main.position.toEnd();
}
