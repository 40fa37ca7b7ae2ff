// The left side: the workspace, its channels, and who you are.

import { h, reconcile } from '../dom.js';
import { icon } from './icons.js';
import { avatar, displayName, KIND_WORDS } from './people.js';
import { popover } from './popover.js';

function head(app) {
  const name = h('h1', {}, app.state.team?.name ?? 'Workspace');
  const badge = h('span', { class: 'sandbox-badge', 'data-testid': 'sandbox-badge' }, 'sandbox');
  const note = h('p', {}, 'A pretend Slack workspace on this computer. Nothing leaves it.');
  return h('header', { class: 'workspace' }, h('div', { class: 'workspace-name' }, name, badge), note);
}

const channelIcon = (channel) => icon(channel.kind === 'private' ? 'lock' : 'hash');

function channelName(channel, app) {
  if (channel.kind !== 'im') return channel.name;
  const user = app.users.get(channel.name) ?? [...app.users.values()].find((one) => one.name === channel.name);
  return displayName(user, channel.name || 'meshbot');
}

function entry({ id, label, mark, isCurrent, isUnread, isQuiet, onclick, testid }) {
  const classes = `entry${isUnread ? ' is-unread' : ''}${isQuiet ? ' is-quiet' : ''}`;
  const attributes = {
    type: 'button',
    class: classes,
    'aria-current': isCurrent ? 'page' : null,
    'data-focus': `nav-${id}`,
  };
  const unread = isUnread ? h('span', { class: 'hidden-text' }, 'unread') : null;
  return h(
    'li',
    {},
    h('button', { ...attributes, 'data-testid': testid, onclick }, mark, h('span', {}, label), unread),
  );
}

function channelEntry(channel, app) {
  const user = app.users.get(channel.name) ?? [...app.users.values()].find((one) => one.name === channel.name);
  return entry({
    id: channel.id,
    label: channelName(channel, app),
    mark: channel.kind === 'im' ? avatar(user ?? { kind: 'bot' }, channel.id, 'tiny') : channelIcon(channel),
    isCurrent: !app.isHome && channel.id === app.channelId,
    isUnread: app.isUnread(channel.id),
    isQuiet: channel.archived || !channel.isMember,
    onclick: () => app.openChannel(channel.id),
    testid: `channel-${channel.name}`,
  });
}

function group(title, entries) {
  return entries.length > 0 && [h('h2', {}, title), h('ul', {}, ...entries)];
}

function navigation(app) {
  const channels = app.state.channels ?? [];
  const bot = [...app.users.values()].find((user) => user.kind === 'bot');
  const home = entry({
    id: 'home',
    label: 'App Home',
    mark: icon('home'),
    isCurrent: app.isHome,
    onclick: () => app.openAppHome(),
    testid: 'app-home',
  });
  const rooms = channels.filter((channel) => channel.kind !== 'im').map((channel) => channelEntry(channel, app));
  const direct = channels.filter((channel) => channel.kind === 'im').map((channel) => channelEntry(channel, app));
  const parts = [group('Channels', rooms), group('Direct messages', direct), group(bot?.name ?? 'App', [home])];
  return h('div', { class: 'navigation' }, ...parts);
}

function person(user, app) {
  const words = h(
    'span',
    { class: 'person-words' },
    displayName(user),
    h('small', {}, KIND_WORDS[user.kind] ?? user.kind),
  );
  return {
    content: [avatar(user, user.id, 'small'), words],
    isChecked: user.id === app.as,
    isDisabled: user.kind === 'deleted',
    attributes: { 'data-testid': `person-${user.name}` },
    onpick: () => app.become(user.id),
  };
}

function people(app) {
  const me = app.users.get(app.as);
  const others = [...app.users.values()].filter((user) => user.kind !== 'bot');
  const words = h('span', { class: 'person-words' }, h('small', {}, 'you are'), displayName(me, app.as));
  const kind = me && me.kind !== 'member' ? h('span', { class: 'badge is-quiet' }, KIND_WORDS[me.kind]) : null;
  const attributes = { type: 'button', class: 'person-button', 'data-testid': 'person', 'data-focus': 'person' };
  const button = h('button', attributes, avatar(me, app.as, 'small'), words, kind, icon('down'));
  return h(
    'div',
    { class: 'person' },
    popover(
      button,
      others.map((user) => person(user, app)),
    ),
  );
}

export function renderSidebar(app) {
  const { channels = [], team } = app.state;
  const unread = channels.filter((channel) => app.isUnread(channel.id)).map((channel) => channel.id);
  reconcile(document.getElementById('sidebar'), [
    { key: 'head', signature: String(team?.name), render: () => head(app) },
    {
      key: 'navigation',
      signature: JSON.stringify([app.namesVersion, channels, app.channelId, app.isHome, unread]),
      render: () => navigation(app),
    },
    { key: 'people', signature: JSON.stringify([app.namesVersion, app.as]), render: () => people(app) },
  ]);
}
