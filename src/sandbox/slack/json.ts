import { randomBytes } from 'node:crypto';

export type Json = Record<string, unknown>;

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object, or an empty one for anything else. */
export function record(value: unknown): Json {
  return isJson(value) ? value : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function records(value: unknown): readonly Json[] {
  return list(value).filter(isJson);
}

/** The string or the number as a string, or an empty one for anything else. */
export function text(value: unknown): string {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? value : '';
}

/** Undefined where there is no string, or an empty one. */
export function given(value: unknown): string | undefined {
  return text(value) === '' ? undefined : text(value);
}

export function isTrue(value: unknown): boolean {
  return value === true || value === 'true' || value === '1' || value === 1;
}

/** JSON that came as a string in a form, or as it is. Undefined where it cannot be read. */
export function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

/** An id of the shape Slack's have: `C0K3J2H1G9F`. */
export function newId(prefix: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
  return `${prefix}0${Array.from(randomBytes(9), (byte) => letters[byte % letters.length]).join('')}`;
}
