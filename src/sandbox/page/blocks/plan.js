// Work that goes on in steps.

import { h, link, s } from '../dom.js';
import { literal } from '../text/emoji.js';
import { richText } from '../text/rich-text.js';

const STATES = {
  pending: ['waiting', ''],
  in_progress: ['in progress', ''],
  complete: ['done', 'M4.6 8.3 7 10.7l4.6-5.2'],
  error: ['failed', 'M5.3 5.3l5.4 5.4M10.7 5.3l-5.4 5.4'],
};

function statusIcon(status) {
  const [, path] = STATES[status];
  const circle = s('circle', { cx: 8, cy: 8, r: 6.4 });
  const picture = s('svg', { viewBox: '0 0 16 16', 'aria-hidden': 'true', class: `task-icon is-${status}` }, circle);
  if (path) picture.append(s('path', { d: path }));
  return picture;
}

function sources(task) {
  if (!task.sources?.length) return null;
  const links = task.sources.map((source) => link(source.url, source.text || source.url));
  return h('div', { class: 'task-sources' }, ...links);
}

function task(given, ctx, tag) {
  const status = Object.hasOwn(STATES, given.status) ? given.status : 'pending';
  const [word] = STATES[status];
  const title = h(
    'div',
    { class: 'task-title' },
    ...literal(given.title ?? ''),
    h('span', { class: 'task-word' }, word),
  );
  const details = given.details ? h('div', { class: 'task-details' }, ...richText(given.details, ctx)) : null;
  const output = given.output ? h('div', { class: 'task-output' }, ...richText(given.output, ctx)) : null;
  const body = h('div', { class: 'task-body' }, title, details, output, sources(given));
  return h(tag, { class: 'task', 'data-status': status }, statusIcon(status), body);
}

export const taskCard = (block, ctx) => task(block, ctx, 'div');

export function plan(block, ctx) {
  const tasks = block.tasks ?? [];
  const done = tasks.filter((given) => given.status === 'complete').length;
  const count = h('span', { class: 'plan-count' }, `${done} of ${tasks.length}`);
  const head = h('div', { class: 'plan-head' }, h('strong', {}, ...literal(block.title ?? '')), count);
  return h('div', {}, head, h('ol', { class: 'tasks' }, ...tasks.map((given) => task(given, ctx, 'li'))));
}
