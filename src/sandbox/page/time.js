// Times are shown in the zone of whoever looks.

import { h } from './dom.js';

const format = (date, options) => new Intl.DateTimeFormat(undefined, options).format(date);
const SHORT = { year: 'numeric', month: 'short', day: 'numeric' };
const LONG = { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' };
const CLOCK = { hour: 'numeric', minute: '2-digit' };

const startOfDay = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate());

/** "today", "yesterday", "tomorrow" or null. */
function nearbyDay(date) {
  const days = Math.round((startOfDay(date) - startOfDay(new Date())) / 86_400_000);
  return { '-1': 'yesterday', 0: 'today', 1: 'tomorrow' }[days] ?? null;
}

/** "5 minutes ago", "in 2 hours". */
export function age(date, now = Date.now()) {
  const seconds = Math.round((date.getTime() - now) / 1000);
  if (Math.abs(seconds) < 45) return 'just now';
  const units = [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
  ];
  const [unit, size] = units.find(([, length]) => Math.abs(seconds) >= length) ?? ['minute', 60];
  return new Intl.RelativeTimeFormat(undefined, { numeric: 'always' }).format(Math.round(seconds / size), unit);
}

const DATE_PARTS = {
  date_num: (date) => [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(twoDigits).join('-'),
  date: (date) => format(date, { year: 'numeric', month: 'long', day: 'numeric' }),
  date_slash: (date) => format(date, { year: 'numeric', month: '2-digit', day: '2-digit' }),
  date_short: (date) => format(date, SHORT),
  date_long: (date) => format(date, LONG),
  date_pretty: (date) => nearbyDay(date) ?? DATE_PARTS.date(date),
  date_short_pretty: (date) => nearbyDay(date) ?? format(date, SHORT),
  date_long_pretty: (date) => nearbyDay(date) ?? format(date, LONG),
  day_divider_pretty: (date) => nearbyDay(date) ?? format(date, LONG),
  time: (date) => format(date, CLOCK),
  time_secs: (date) => format(date, { ...CLOCK, second: '2-digit' }),
  ago: (date) => age(date),
};

const twoDigits = (number) => String(number).padStart(2, '0');

/** Slack's date format, such as `{date_short} at {time}`; null when it has a part Slack does not know. */
export function formatDate(timestamp, pattern) {
  const date = new Date(Number(timestamp) * 1000);
  const parts = [...String(pattern).matchAll(/\{([a-z_]+)\}/g)];
  if (Number.isNaN(date.getTime()) || parts.length === 0) return null;
  if (!parts.every(([, name]) => Object.hasOwn(DATE_PARTS, name))) return null;
  return String(pattern).replace(/\{([a-z_]+)\}/g, (_, name) => DATE_PARTS[name](date));
}

/** A `<time>` of a Slack date token; it stays right while the page is open. */
export function dateElement(timestamp, pattern, fallback) {
  const text = formatDate(timestamp, pattern);
  if (text === null) return document.createTextNode(fallback ?? '');
  const date = new Date(Number(timestamp) * 1000);
  const attributes = { datetime: date.toISOString(), title: format(date, { ...LONG, ...CLOCK }) };
  return h('time', { ...attributes, 'data-ts': timestamp, 'data-pattern': pattern }, text);
}

/** The time of a message, from its `ts`. */
export const clockElement = (ts) => dateElement(Number.parseFloat(ts), '{time}', '');

/** The day a message belongs to, for the line between days. */
export function dayOf(ts) {
  const text = formatDate(Number.parseFloat(ts), '{day_divider_pretty}') ?? '';
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Brings every age on the page up to date. */
export function refreshAges() {
  for (const element of document.querySelectorAll('time[data-pattern]')) {
    const text = formatDate(element.dataset.ts, element.dataset.pattern);
    if (text !== null && text !== element.textContent) element.textContent = text;
  }
}
