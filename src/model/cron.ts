import { UsageError } from './sources.ts';

interface Field {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  /** The first stands for `least`. */
  readonly words: readonly string[];
}

const monthNames = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September'].concat(
  'October',
  'November',
  'December',
);
const dayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const short = (names: readonly string[]) => names.map((name) => name.slice(0, 3).toLowerCase());

const fields = [
  { name: 'minute', least: 0, most: 59, words: [] },
  { name: 'hour', least: 0, most: 23, words: [] },
  { name: 'day of the month', least: 1, most: 31, words: [] },
  { name: 'month', least: 1, most: 12, words: short(monthNames) },
  { name: 'day of the week', least: 0, most: 7, words: short(dayNames) },
] as const satisfies readonly Field[];

/** Whether a word could be meant as a field of cron. */
export function isCronField(word: string): boolean {
  return /^[\d*][\d*,/-]*$|^[a-z]{3}(?:[,-][a-z]{3})*$/i.test(word);
}

/**
 * The pattern with names turned into numbers and each list sorted, every value once; checked.
 *
 * @throws UsageError where a field has no such value, the day never comes, or it would run more than once an hour.
 */
export function cronOf(words: readonly string[]): string {
  const numbers = fields.map((field, index) => numbered(words[index] ?? '', field));
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = numbers;
  if (!/^\d+$/.test(minute)) {
    throw new UsageError('A digest runs at most once an hour: begin with one minute, as in "0 9 * * 1-5".');
  }
  const [days, months] = [valuesOf(day, fields[2]), valuesOf(month, fields[3])];
  const longest = (one: number) => new Date(Date.UTC(2024, one, 0)).getUTCDate();
  if (weekday === '*' && !months.some((one) => days.some((it) => it <= longest(one)))) {
    throw new UsageError(`There is no such day: ${day} of ${listed(months.map((one) => monthNames[one - 1] ?? ''))}.`);
  }
  return [minute, hour, day, month, weekday].join(' ');
}

function numbered(word: string, field: Field): string {
  const text = word.toLowerCase().replaceAll(/[a-z]{3}/g, (name) => {
    const index = field.words.indexOf(name);
    return index === -1 ? name : String(index + field.least);
  });
  const values = valuesOf(text, field);
  if (values.length === 0 || values.some((value) => !(value >= field.least && value <= field.most))) {
    throw new UsageError(
      `"${word.slice(0, 40)}" is no ${field.name} for cron: ${field.least} to ${field.most}, as in 1,3 or 1-5 or */2.`,
    );
  }
  return text.includes(',') ? listOf(text, values, field) : text;
}

/** One list has many spellings, and what reads the pattern takes a value that it names twice for an error. */
function listOf(text: string, values: readonly number[], { least, most }: Field): string {
  if (text.split(',').some((part) => part === '*' || part === '*/1')) return '*';
  // 0 and 7 are both Sunday.
  const distinct = new Set(most === 7 ? values.map((value) => value % 7) : values);
  const isEveryHour = most === 23 && distinct.size === most - least + 1;
  return isEveryHour ? '*' : [...distinct].toSorted((a, b) => a - b).join(',');
}

/** All values of a field in numbers; NaN or none where it cannot be read. */
function valuesOf(text: string, { least, most }: Field): readonly number[] {
  return text.split(',').flatMap((part) => {
    const [, from, to, step = '1'] = /^(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:\/(\d{1,2}))?$/.exec(part) ?? ['', 'x'];
    if (from === 'x' || Number(step) < 1) return [Number.NaN];
    const start = from === undefined ? least : Number(from);
    const open = from === undefined || part.includes('/');
    const end = to === undefined ? (open ? most : start) : Number(to);
    const count = Math.max(0, Math.floor((end - start) / Number(step)) + 1);
    return Array.from({ length: count }, (_, index) => start + index * Number(step));
  });
}

/** A checked pattern in words: `on weekdays at 9:00`. */
export function describeCron(pattern: string): string {
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = pattern.split(' ');
  const days = [
    ...(day === '*' ? [] : [`on day ${listed(valuesOf(day, fields[2]).map(String))} of the month`]),
    ...(weekday === '*' ? [] : [`on ${weekdays(valuesOf(weekday, fields[4]))}`]),
  ].join(' or ');
  const months =
    month === '*' ? [] : [`in ${listed(valuesOf(month, fields[3]).map((one) => monthNames[one - 1] ?? ''))}`];
  const when = times(hour, minute.padStart(2, '0'));
  const isHourly = when.startsWith('every');
  return [...(days === '' ? (isHourly ? [] : ['every day']) : [days]), ...months, when].join(' ');
}

function times(hour: string, minute: string): string {
  if (hour === '*') return minute === '00' ? 'every hour' : `every hour at :${minute}`;
  const hours = valuesOf(hour, fields[1]);
  return `at ${listed(hours.map((one) => `${one}:${minute}`))}`;
}

function weekdays(values: readonly number[]): string {
  const days = [...new Set(values.map((value) => value % 7))].toSorted((a, b) => a - b);
  const key = days.join();
  if (key === '1,2,3,4,5') return 'weekdays';
  if (key === '0,6') return 'weekends';
  return listed(days.map((one) => `${dayNames[one] ?? ''}s`));
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
