import { readFileSync } from 'node:fs';
import { type Variable, variables } from './variables.ts';

export { type Process, type Variable, variables } from './variables.ts';

type Name = (typeof variables)[number]['name'];
export type Environment = Readonly<Record<string, string | undefined>>;

/** Everything that is wrong with the environment, one sentence each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

export type Reader = ReturnType<typeof reader>;

/** Reads variables and remembers what is wrong, so that all of it is said at once. Secret values are never repeated. */
export function reader(env: Environment) {
  const problems: string[] = [];
  const problem = (text: string): void => void problems.push(text);
  const text = (name: Name): string | undefined => env[name]?.trim() || undefined;
  const withDefault = (name: Name): string => {
    const variable: Variable | undefined = variables.find((one) => one.name === name);
    return text(name) ?? variable?.default ?? '';
  };

  function fromFile(name: Name): string | undefined {
    const file = env[`${name}_FILE`]?.trim() || undefined;
    if (file === undefined) return undefined;
    if (text(name) !== undefined) problem(`${name} and ${name}_FILE are both set. Set one.`);
    try {
      return readFileSync(file, 'utf8').trim();
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : 'failed';
      problem(`${name}_FILE names ${file}, which cannot be read (${code}).`);
      return undefined;
    }
  }

  return {
    problem,
    text,
    /** Whether it is there, itself or as a file. */
    isSet: (name: Name): boolean => text(name) !== undefined || Boolean(env[`${name}_FILE`]?.trim()),
    /** The file named by the variable with `_FILE` at the end; it is read by whoever uses it. */
    file: (name: Name): string | undefined => env[`${name}_FILE`]?.trim() || undefined,
    secret(name: Name, pattern: RegExp, looks: string): string {
      const before = problems.length;
      const value = fromFile(name) ?? text(name) ?? '';
      if (problems.length > before) return value;
      if (value === '') problem(`${name} is not set. Set it or ${name}_FILE (${looks}).`);
      else if (!pattern.test(value)) problem(`${name} does not look right: it should be ${looks}.`);
      return value;
    },
    number(name: Name, min: number, max: number): number {
      const value = withDefault(name);
      if (/^\d+$/.test(value) && Number(value) >= min && Number(value) <= max) return Number(value);
      problem(`${name} is "${value}". Give a whole number from ${min} to ${max}.`);
      return min;
    },
    oneOf(name: Name, allowed: readonly string[]): string {
      const value = withDefault(name);
      if (!allowed.includes(value)) problem(`${name} is "${value}". Give one of ${allowed.join(', ')}.`);
      return value;
    },
    result<T>(config: T): T {
      if (problems.length > 0) throw new ConfigError(problems);
      return config;
    },
  };
}
