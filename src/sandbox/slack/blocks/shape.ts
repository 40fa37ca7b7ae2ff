import { isJson, type Json } from '../json.ts';

/** What Slack does not take, and where: a JSON pointer. */
export interface Problem {
  readonly pointer: string;
  readonly message: string;
}

export type Check = (value: unknown, at: string) => readonly Problem[];

const problem = (pointer: string, message: string): readonly Problem[] => [{ pointer, message }];

export const anything: Check = () => [];

export const flag: Check = (value, at) => (typeof value === 'boolean' ? [] : problem(at, 'must be a boolean'));

/** A string of 1 to `max` characters. */
export function words(max = 3_000, min = 1): Check {
  return (value, at) => {
    if (typeof value !== 'string') return problem(at, 'must be a string');
    if (value.length < min) return problem(at, `must be more than ${min - 1} characters`);
    return value.length > max ? problem(at, `must be less than ${max + 1} characters`) : [];
  };
}

export function whole(min: number, max: number): Check {
  return (value, at) =>
    Number.isInteger(value) && Number(value) >= min && Number(value) <= max
      ? []
      : problem(at, `must be a whole number from ${min} to ${max}`);
}

export const number: Check = (value, at) => (Number.isFinite(value) ? [] : problem(at, 'must be a number'));

export function oneOf(...allowed: readonly string[]): Check {
  return (value, at) =>
    typeof value === 'string' && allowed.includes(value) ? [] : problem(at, `must be one of: ${allowed.join(', ')}`);
}

export function address(max = 3_000): Check {
  const length = words(max);
  return (value, at) => {
    const wrong = length(value, at);
    if (wrong.length > 0) return wrong;
    return URL.canParse(String(value)) ? [] : problem(at, 'must be a valid URL');
  };
}

export function listOf(check: Check, min: number, max: number): Check {
  return (value, at) => {
    if (!Array.isArray(value)) return problem(at, 'must be an array');
    if (value.length < min) return problem(at, `no fewer than ${min} items allowed`);
    if (value.length > max) return problem(at, `no more than ${max} items allowed`);
    return value.flatMap((item, index) => check(item, `${at}/${index}`));
  };
}

/** An object with these properties and no others. A name that ends in `?` may be absent. */
export function shape(properties: Readonly<Record<string, Check>>, also: Check = anything): Check {
  const known = Object.entries(properties).map(([name, check]) => ({
    name: name.replace('?', ''),
    optional: name.endsWith('?'),
    check,
  }));
  return (value, at) => {
    if (!isJson(value)) return problem(at, 'must be an object');
    const missing = known
      .filter(({ name, optional }) => !optional && value[name] === undefined)
      .flatMap(({ name }) => problem(at, `missing required field: ${name}`));
    const extra = Object.keys(value)
      .filter((name) => known.every((one) => one.name !== name))
      .flatMap((name) => problem(at, `invalid additional property: ${name}`));
    const wrong = known
      .filter(({ name }) => value[name] !== undefined)
      .flatMap(({ name, check }) => check(value[name], `${at}/${name}`));
    return [...missing, ...extra, ...wrong, ...also(value, at)];
  };
}

/** An object whose `type` says which shape it has. */
export function typed(shapes: Readonly<Record<string, Check>>): Check {
  return (value, at) => {
    if (!isJson(value)) return problem(at, 'must be an object');
    const { type, ...rest } = value;
    const check = typeof type === 'string' && Object.hasOwn(shapes, type) ? shapes[type] : undefined;
    return check === undefined ? problem(at, `unsupported type: ${String(type)}`) : check(rest, at);
  };
}

export function needsOneOf(...names: readonly string[]): Check {
  return (value, at) =>
    isJson(value) && names.some((name) => value[name] !== undefined)
      ? []
      : problem(at, `needs at least one of: ${names.join(', ')}`);
}

/** What must hold of the whole object. */
export function rule(message: string, holds: (value: Json) => boolean): Check {
  return (value, at) => (isJson(value) && !holds(value) ? problem(at, message) : []);
}

export function both(...checks: readonly Check[]): Check {
  return (value, at) => checks.flatMap((check) => check(value, at));
}
