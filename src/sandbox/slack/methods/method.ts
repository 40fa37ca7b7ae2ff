import type { Context } from '../context.ts';
import { given, type Json } from '../json.ts';
import { SlackError } from '../slack-error.ts';

export type Method = (context: Context, args: Json) => Json;

/** The argument as a string. */
export function required(args: Json, name: string, code = 'invalid_arguments'): string {
  const value = given(args[name]);
  if (value === undefined) {
    throw new SlackError(code, { response_metadata: { messages: [`[ERROR] missing required field: ${name}`] } });
  }
  return value;
}

/** One page of a list, and where the next begins. */
export function page<T>(
  all: readonly T[],
  args: Json,
  standard = 100,
): { readonly items: readonly T[]; readonly rest: Json } {
  const start = Number(given(args.cursor)?.replace('from-', '') ?? 0);
  if (!Number.isInteger(start)) throw new SlackError('invalid_cursor');
  const limit = Number(given(args.limit) ?? standard);
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) throw new SlackError('invalid_limit');
  const next = start + limit < all.length ? `from-${start + limit}` : '';
  return { items: all.slice(start, start + limit), rest: { response_metadata: { next_cursor: next } } };
}
