import type { KubeObject } from '../model/sources.ts';
import { SourceError } from '../model/sources.ts';

/**
 * One field of an object that may hold anything. Reading it as the wrong type is a {@link SourceError} that names the
 * object and the field: an object that cannot be understood is never taken for an empty one.
 */
export interface Field {
  readonly of: KubeObject;
  readonly path: string;
  readonly value: unknown;
}

export function fieldOf(object: KubeObject, key: string): Field {
  return { of: object, path: key, value: object[key] };
}

/** A field of a mapping; absent where the mapping is. */
export function child(field: Field, key: string): Field {
  const map = mapping(field);
  return { of: field.of, path: `${field.path}.${key}`, value: map?.[key] };
}

/** `at(pod, 'spec', 'nodeName')`. */
export function at(object: KubeObject, first: string, ...rest: readonly string[]): Field {
  return rest.reduce(child, fieldOf(object, first));
}

/** The same field, found in text of its own such as a ConfigMap's YAML. */
export function within(object: KubeObject, path: string, value: unknown): Field {
  return { of: object, path, value };
}

export function isAbsent(field: Field): boolean {
  return field.value === undefined || field.value === null;
}

export function text(field: Field): string | undefined {
  return typed(field, 'text', (value) => typeof value === 'string') as string | undefined;
}

export function flag(field: Field): boolean | undefined {
  return typed(field, 'true or false', (value) => typeof value === 'boolean') as boolean | undefined;
}

export function count(field: Field): number | undefined {
  return typed(field, 'a number', (value) => Number.isInteger(value)) as number | undefined;
}

/** A number that need not be whole. */
export function rational(field: Field): number | undefined {
  return typed(field, 'a number', (value) => typeof value === 'number') as number | undefined;
}

/** A port by number or by name. */
export function portLike(field: Field): number | string | undefined {
  const ok = (value: unknown) => Number.isInteger(value) || typeof value === 'string';
  return typed(field, 'a port', ok) as number | string | undefined;
}

export function items(field: Field): readonly Field[] {
  const list = typed(field, 'a list', Array.isArray) as readonly unknown[] | undefined;
  return (list ?? []).map((value, index) => ({ of: field.of, path: `${field.path}[${index}]`, value }));
}

export function texts(field: Field): readonly string[] {
  return items(field).map((item) => required(item, text(item)));
}

/** Entries of a mapping, each as a field. */
export function entries(field: Field): readonly (readonly [string, Field])[] {
  return Object.entries(mapping(field) ?? {}).map(([key, value]) => [
    key,
    { of: field.of, path: `${field.path}.${key}`, value },
  ]);
}

/** A mapping of text to text, such as labels; empty where absent. */
export function textMap(field: Field): Readonly<Record<string, string>> {
  return Object.fromEntries(entries(field).map(([key, value]) => [key, required(value, text(value))]));
}

export function oneOf<T extends string>(field: Field, values: readonly T[]): T | undefined {
  const value = text(field);
  const known = values.find((one) => one === value);
  if (value !== undefined && known === undefined) throw invalid(field, `one of ${values.join(', ')}`);
  return known;
}

/** @throws SourceError where the value is absent. */
export function required<T>(field: Field, value: T | undefined): T {
  if (value === undefined) throw invalid(field, 'there');
  return value;
}

function mapping(field: Field): Readonly<Record<string, unknown>> | undefined {
  const ok = (value: unknown) => typeof value === 'object' && !Array.isArray(value);
  return typed(field, 'a mapping', ok) as Readonly<Record<string, unknown>> | undefined;
}

function typed(field: Field, expected: string, ok: (value: unknown) => boolean): unknown {
  if (isAbsent(field)) return undefined;
  if (!ok(field.value)) throw invalid(field, expected);
  return field.value;
}

export function invalid({ of, path, value }: Field, expected: string): SourceError {
  const { namespace, name } = of.metadata;
  const id = namespace === undefined ? name : `${namespace}/${name}`;
  const found = value === undefined ? 'absent' : JSON.stringify(value)?.slice(0, 60);
  return new SourceError('invalid', `${of.kind} ${id}: ${path} should be ${expected}, but is ${found}.`, {
    next: `Mend ${of.kind} ${id}: until then I cannot say what it does.`,
  });
}
