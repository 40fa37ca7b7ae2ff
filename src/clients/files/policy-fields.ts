import { z } from 'zod';
import { dayNames } from '../../model/change-window.ts';
import { nearest } from '../../model/nearest.ts';
import { everyone } from '../../model/policy.ts';
import { parseTiming } from '../../model/schedule.ts';
import { UsageError } from '../../model/sources.ts';

const roleName = /^[a-z][a-z0-9-]{0,62}$/;

/** A string of which `problemOf` finds nothing to say. What it says follows the place, and ends with a next step. */
function textWith(problemOf: (text: string) => string | undefined) {
  return z.string().check(({ value, issues }) => {
    const message = problemOf(value);
    if (message !== undefined) issues.push({ code: 'custom', message, input: value });
  });
}

/** A mapping with these keys and no others. Of a key that is none of them, the issue's message lists those there are. */
export function mapping<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: ({ code }) => (code === 'unrecognized_keys' ? Object.keys(shape).join(', ') : undefined),
  });
}

export function isRoleName(name: string): boolean {
  return roleName.test(name) && name !== everyone;
}

export const newRole = textWith((name) => {
  if (isRoleName(name)) return undefined;
  if (name === everyone) return `cannot be defined: everybody in the workspace has it. Take another name.`;
  return 'is no name for a role. Use up to 63 small letters, digits and dashes, beginning with a letter.';
});

export function roleAmong(defined: readonly string[]) {
  return textWith((name) =>
    name === everyone || defined.includes(name)
      ? undefined
      : `names role \`${name}\`, which \`roles\` does not define. ${meant(name, defined) ?? 'Define it there.'}`,
  );
}

export function fixAmong(known: readonly string[]) {
  return textWith((id) =>
    id === '*' || known.includes(id)
      ? undefined
      : `names fix \`${id}\`, which I do not have. ${meant(id, known) ?? `I have ${known.join(', ')}, or \`*\` for all.`}`,
  );
}

export function topicAmong(known: readonly string[] | undefined) {
  return textWith((id) =>
    known === undefined || known.includes(id)
      ? undefined
      : `names topic \`${shown(id)}\`, which I do not have. ${meant(id, known) ?? `I have ${known.join(', ')}.`}`,
  );
}

/** The name of a cluster; where it is known which there are, one of them. */
export function clusterAmong(known: readonly string[] | undefined) {
  return textWith((name) => {
    const problem = nameProblem(name);
    if (problem !== undefined || known === undefined || known.includes(name)) return problem;
    return `names cluster \`${name}\`, which CLUSTERS does not name. ${meant(name, known) ?? `It names ${known.join(', ')}.`}`;
  });
}

export const slackUser = idLike(
  /^[UW][A-Z0-9]{2,20}$/,
  'user',
  'U012AB3CD. It is in the profile under "Copy member ID"',
);
export const slackGroup = idLike(/^S[A-Z0-9]{2,20}$/, 'user group', 'S012AB3CD. It ends the address of the group');
export const slackChannel = idLike(/^[CGD][A-Z0-9]{2,20}$/, 'channel', 'C012AB3CD. It is at the end of "About"');
export const slackChannelOrAny = idLike(/^(?:[CGD][A-Z0-9]{2,20}|\*)$/, 'channel', 'C012AB3CD, or `*` for all of ours');

function idLike(shape: RegExp, what: string, next: string) {
  return textWith((id) =>
    shape.test(id) ? undefined : `is "${shown(id)}", which is no id of a ${what}. Give one like ${next}.`,
  );
}

/** Someone or a group as the API server knows them. */
export const kubernetesName = textWith((name) => {
  if (name === '' || name.trim() !== name || /\p{Cc}/u.test(name))
    return 'is empty, or has blanks around it. Give the name that the API server knows, as `kubectl auth whoami` prints it.';
  if (!name.startsWith('system:')) return undefined;
  return `is "${shown(name)}". Nobody may write as a part of Kubernetes itself: name a person, or a group of people.`;
});

/** A name with `*` for any part. */
export const namePattern = textWith((pattern) =>
  /^[a-z0-9*][-a-z0-9*]{0,62}$/.test(pattern)
    ? undefined
    : `is "${shown(pattern)}". Use small letters, digits and dashes, and \`*\` for any part.`,
);

export const plainName = textWith(nameProblem);

function nameProblem(name: string): string | undefined {
  return /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)
    ? undefined
    : `is "${shown(name)}", which cannot be a name. Use up to 63 small letters, digits and dashes.`;
}

export const timeZone = textWith((zone) => {
  if (/^[A-Za-z]/.test(zone) && isTimeZone(zone)) return undefined;
  const guess = meant(zone, Intl.supportedValuesOf('timeZone'));
  return `is "${shown(zone)}", which is no time zone. ${guess ?? 'Give one like Europe/Berlin, or UTC.'}`;
});

/** `weekdays 9:00 Europe/Berlin`. */
export const timing = textWith((words) => {
  try {
    parseTiming(words, 'UTC');
    return undefined;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return `is "${shown(words)}": ${error.message}`;
  }
});

/** `09:00`, in minutes after midnight; `24:00` is the end of the day. */
export const timeOfDay = textWith((time) =>
  /^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/.test(time)
    ? undefined
    : `is "${shown(time)}". Give hours and minutes like '09:00', up to '24:00'.`,
).transform((time) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3)));

/** `mon-fri`, `sat`, or a list of such; numbers from 1 for Monday, in order. */
export const days = z
  .preprocess(
    (typed) => (typeof typed === 'string' ? [typed] : typed),
    z
      .array(
        textWith((text) =>
          daysOf(text).length > 0 ? undefined : `is "${shown(text)}". Write mon-fri, or a list like [mon, wed].`,
        ),
      )
      .min(1),
  )
  .transform((typed) => [...new Set(typed.flatMap(daysOf))].toSorted());

function daysOf(text: string): readonly number[] {
  const [first = '', last = first, ...more] = text.split('-');
  const [from, to] = [dayNames.indexOf(first), dayNames.indexOf(last)];
  if (from < 0 || to < from || more.length > 0) return [];
  return dayNames.slice(from, to + 1).map((_, index) => from + index + 1);
}

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: zone }).format() !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function meant(typed: string, candidates: readonly string[]): string | undefined {
  const [first] = nearest(typed, candidates);
  return first === undefined ? undefined : `Did you mean \`${first}\`?`;
}

function shown(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
