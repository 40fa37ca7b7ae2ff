// People, channels and groups by their ids.

import { h } from '../dom.js';

export function userMention(id, ctx) {
  const user = ctx.users.get(id);
  const isMe = id === ctx.me;
  return h('span', { class: `mention${isMe ? ' is-me' : ''}`, title: user?.realName }, `@${user?.name ?? id}`);
}

export function channelMention(id, ctx, label) {
  const channel = ctx.channels.get(id);
  const name = `#${channel?.name ?? (label || id)}`;
  if (!channel || !ctx.openChannel) return h('span', { class: 'mention' }, name);
  return h('button', { type: 'button', class: 'mention', onclick: () => ctx.openChannel(id) }, name);
}

export function groupMention(id, ctx, label) {
  const handle = ctx.groups.get(id)?.handle;
  return h('span', { class: 'mention' }, handle ? `@${handle}` : label || `@${id}`);
}

export const broadcastMention = (range) => h('span', { class: 'mention is-loud' }, `@${range}`);
