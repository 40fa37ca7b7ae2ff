import type { ChangeWindow, FixRule } from './policy.ts';

/** Days of a week as the policy file writes them; Monday first. */
export const dayNames: readonly string[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/**
 * Whether changes may be applied now, by the clocks on the wall of each window's time zone: an hour that a clock shows
 * twice is twice in the window, one that it skips is not there.
 *
 * @param now RFC 3339.
 */
export function isInWindow({ windows }: Pick<FixRule, 'windows'>, now: string): boolean {
  return windows.length === 0 || windows.some((window) => isOpen(window, now));
}

/** `mon-fri 09:00-17:00 Europe/Berlin, or sat 10:00-12:00 Europe/Berlin`. */
export function describeWindows({ windows }: Pick<FixRule, 'windows'>): string {
  return windows
    .map(({ days, from, to, timeZone }) => `${daysInWords(days)} ${clock(from)}-${clock(to)} ${timeZone}`)
    .join(', or ');
}

function isOpen({ days, from, to, timeZone }: ChangeWindow, now: string): boolean {
  const { day, minute } = localTime(now, timeZone);
  if (from < to) return days.includes(day) && minute >= from && minute < to;
  const dayBefore = day === 1 ? 7 : day - 1;
  return (days.includes(day) && minute >= from) || (days.includes(dayBefore) && minute < to);
}

function localTime(now: string, timeZone: string): { readonly day: number; readonly minute: number } {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const parts = Object.fromEntries(format.formatToParts(new Date(now)).map(({ type, value }) => [type, value]));
  const day = dayNames.indexOf((parts.weekday ?? '').toLowerCase()) + 1;
  return { day, minute: Number(parts.hour) * 60 + Number(parts.minute) };
}

function daysInWords(days: readonly number[]): string {
  const [first = 1] = days;
  const inRow = days.length > 2 && days.every((day, index) => day === first + index);
  const names = days.map((day) => dayNames[day - 1] ?? '');
  return inRow ? `${names.at(0)}-${names.at(-1)}` : names.join(', ');
}

function clock(minutes: number): string {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return `${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`;
}
