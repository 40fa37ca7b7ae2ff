import type { z } from 'zod';
import { nearest } from '../../model/nearest.ts';

const kinds: Readonly<Record<string, string>> = {
  array: 'a list, like [a, b]',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a whole number',
  object: 'a mapping, `key: value`',
  record: 'a mapping, `key: value`',
  string: 'text',
};

/** Sentences with the place in the file and the next step. */
export function problemsOf(issue: z.core.$ZodIssue): readonly string[] {
  const place = placeOf(issue.path);
  if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => `${place} ${message}`);
  if (issue.code !== 'unrecognized_keys') return [`${place} ${sayingOf(issue)}`];
  const known = issue.message.split(', ');
  return issue.keys.map((key) => {
    const [meant] = nearest(key, known);
    const next = meant === undefined ? `I know ${known.join(', ')}.` : `Did you mean \`${meant}\`?`;
    return `${placeOf([...issue.path, key])} is no key that I know. ${next}`;
  });
}

/** `fixes[0].approve`. */
function placeOf(path: readonly PropertyKey[]): string {
  const place = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return place.replace(/^\./, '') || 'The file';
}

function sayingOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'custom') return issue.message;
  if (issue.input === undefined) return 'is missing. Add it.';
  if (issue.code === 'invalid_type') return `has to be ${kinds[issue.expected] ?? issue.expected}. Write it like that.`;
  if (issue.code === 'invalid_value') return `has to be ${issue.values.join(' or ')}. Write it like that.`;
  if (issue.code === 'too_small')
    return issue.origin === 'int' || issue.origin === 'number'
      ? `has to be ${issue.minimum} or more. Raise it.`
      : 'is empty. Add at least one.';
  if (issue.code === 'too_big' && issue.origin === 'array')
    return `has more than ${issue.maximum} of them. Take some out.`;
  if (issue.code === 'too_big') return `has to be ${issue.maximum} or less. Lower it.`;
  return `cannot be understood: ${issue.message}. Compare it with docs/policy.md.`;
}
