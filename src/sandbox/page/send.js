// Sending what was typed, as Slack's own client would.

import { sendCommand, sendMessage } from './api.js';
import { notice } from './view/notices.js';

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Names become ids, so that the app hears of people and channels and not of words. */
export function withMentions(text, app) {
  const users = new Map([...app.users.values()].map((user) => [user.name, user.id]));
  const channels = new Map([...app.channels.values()].map((channel) => [channel.name, channel.id]));
  return escaped(text)
    .replace(/(?<![\w@])@([\w.-]*\w)/g, (whole, name) => (users.has(name) ? `<@${users.get(name)}>` : whole))
    .replace(/(?<![\w#&])#([\w-]+)/g, (whole, name) =>
      channels.has(name) ? `<#${channels.get(name)}|${name}>` : whole,
    );
}

async function command(app, text) {
  const result = await app.tell(
    sendCommand({ as: app.as, channel: app.channelId, text }),
    `${text.split(/\s/)[0]} failed. Try again.`,
  );
  if (result.ok !== false) app.toEnd({ isThread: false });
  return result.ok !== false;
}

/** Sends a message or a command; false when it did not get through and should stay in the box. */
export async function send(app, text, { isThread = false } = {}) {
  const isCommand = /^\/[a-z]/i.test(text);
  if (isCommand && isThread) {
    notice(`${text.split(/\s/)[0]} is not supported in threads. Use it in the channel, or mention the app here.`);
    return false;
  }
  if (isCommand) return command(app, text);
  const body = { as: app.as, channel: app.channelId, text: withMentions(text, app) };
  if (isThread) body.thread_ts = app.threadTs;
  const result = await app.tell(sendMessage(body), 'The message could not be sent.');
  if (result.ok !== false) app.toEnd({ isThread });
  return result.ok !== false;
}
