import { cronOf, describeCron, isCronField } from './cron.ts';
import { UsageError } from './sources.ts';
import { parseTimeZone } from './time-zone.ts';

/** Of one schedule, and of a workspace. */
export const mostNamespaces = 20;
export const mostSchedules = 200;

/** When a schedule is due. */
export interface Timing {
  /** Five fields of cron: minute (one number), hour, day of the month, month, day of the week. By the clock of the zone. */
  readonly pattern: string;
  /** IANA name. */
  readonly timeZone: string;
}

const examples =
  'Say for example "weekdays 9:00 Europe/Berlin", "daily 8:30", "mondays 9:00", "every 6h", "hourly", or "0 9 * * 1-5".';
const weekdayNames = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const groups: Readonly<Record<string, string>> = { daily: '*', days: '*', weekdays: '1-5', weekends: '0,6' };
const fillers = new Set(['at', 'on', 'and', 'every', 'each']);

/**
 * Reads `weekdays 9:00 Europe/Berlin`, `mondays and thursdays 9:00`, `every 6h`, `hourly`, or five fields of cron, each
 * with or without a time zone at its end. A digest runs at most once an hour.
 *
 * @throws UsageError with what to say instead.
 */
export function parseTiming(typed: string, defaultZone: string): Timing {
  const words = typed
    .trim()
    .split(/[\s,]*\s[\s,]*/)
    .filter((word) => word !== '');
  const isCron = /^[\d*]/.test(typed.trim()) && words.length >= 5 && words.slice(0, 5).every(isCronField);
  if (isCron) return { pattern: cronOf(words.slice(0, 5)), timeZone: zoneOf(words.slice(5), defaultZone) };
  const lower = words.map((word) => word.toLowerCase());
  return interval(lower, words, defaultZone) ?? daysAndTime(lower, words, defaultZone);
}

/** `hourly`, `every hour`, `every 6h`, `every 6 hours`. */
function interval(lower: readonly string[], words: readonly string[], defaultZone: string): Timing | undefined {
  if (lower[0] === 'hourly') return { pattern: '0 * * * *', timeZone: zoneOf(words.slice(1), defaultZone) };
  if (lower[0] !== 'every') return undefined;
  const [, count = '1', rest = ''] = /^(?:(\d{1,3}) ?)?(?:h|hours?)(?: (.*))?$/.exec(lower.slice(1).join(' ')) ?? [''];
  if (!/^every (?:\d{1,3} ?)?(?:h|hours?)\b/.test(lower.join(' '))) return undefined;
  const hours = Number(count);
  if (hours < 1 || 24 % hours !== 0) {
    throw new UsageError(
      `A day cannot be divided into parts of ${hours} hours. Say every 1, 2, 3, 4, 6, 8, 12 or 24h.`,
    );
  }
  const timeZone = zoneOf(rest === '' ? [] : words.slice(-rest.split(' ').length), defaultZone);
  if (hours === 24) return { pattern: '0 0 * * *', timeZone };
  return { pattern: hours === 1 ? '0 * * * *' : `0 */${hours} * * *`, timeZone };
}

/** `weekdays 9:00`, `mon,thu at 17:30`, `every day 8:00`. */
function daysAndTime(lower: readonly string[], words: readonly string[], defaultZone: string): Timing {
  const at = lower.findIndex((word) => /^\d{1,2}[:.]\d{2}$/.test(word));
  if (at === -1) throw new UsageError(`I find no time such as 9:00 in "${shown(words)}". ${examples}`);
  const [hour = 0, minute = 0] = (lower[at] ?? '').split(/[:.]/).map(Number);
  if (hour > 23 || minute > 59) throw new UsageError(`${lower[at]} is no time of the day: 0:00 to 23:59.`);
  const days = lower
    .slice(0, at)
    .flatMap((word) => word.split(','))
    .filter((word) => word !== '' && !fillers.has(word));
  if (days.length === 0 && lower[0] !== 'every')
    throw new UsageError(`Say on which days, before ${lower[at]}. ${examples}`);
  const pattern = `${minute} ${hour} * * ${daysOf(days, words)}`;
  return { pattern, timeZone: zoneOf(words.slice(at + 1), defaultZone) };
}

function daysOf(days: readonly string[], words: readonly string[]): string {
  const [only = 'daily'] = days;
  const group = days.length <= 1 ? (groups[only] ?? groups[`${only}s`]) : undefined;
  if (group !== undefined) return group;
  const numbers = days.map((word) => {
    const day = weekdayNames.findIndex((name) => word.length >= 3 && `${name}s`.startsWith(word));
    if (day === -1)
      throw new UsageError(`I do not know "${word.slice(0, 40)}" as a day in "${shown(words)}". ${examples}`);
    return day;
  });
  return [...new Set(numbers)].toSorted((a, b) => a - b).join(',');
}

function zoneOf(words: readonly string[], defaultZone: string): string {
  const [zone, ...more] = words;
  if (more.length > 0) throw new UsageError(`I understand nothing after the time zone: "${shown(more)}". ${examples}`);
  return zone === undefined ? defaultZone : parseTimeZone(zone);
}

function shown(words: readonly string[]): string {
  const text = words.join(' ');
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** `on weekdays at 9:00 (Europe/Berlin)`. */
export function describeTiming({ pattern, timeZone }: Timing): string {
  return `${describeCron(pattern)} (${timeZone})`;
}
