import { readFileSync } from 'node:fs';

/** A variable of the environment. The documentation's table is compared with these. */
export interface Variable {
  readonly name: string;
  readonly process: 'bot' | 'worker' | 'both';
  readonly required: boolean;
  readonly default?: string;
  readonly meaning: string;
}

export const variables = [
  {
    name: 'REDIS_URL',
    process: 'both',
    required: true,
    meaning: 'Redis, for example redis://redis:6379. Or REDIS_URL_FILE.',
  },
  {
    name: 'SLACK_BOT_TOKEN',
    process: 'both',
    required: true,
    meaning: 'The bot token, xoxb-…. Or SLACK_BOT_TOKEN_FILE.',
  },
  {
    name: 'SLACK_MODE',
    process: 'bot',
    required: false,
    default: 'socket',
    meaning: '`socket` needs no way in from outside; `http` needs a public address.',
  },
  {
    name: 'SLACK_APP_TOKEN',
    process: 'bot',
    required: false,
    meaning: 'The app token, xapp-…, for mode `socket`. Or SLACK_APP_TOKEN_FILE.',
  },
  {
    name: 'SLACK_SIGNING_SECRET',
    process: 'bot',
    required: false,
    meaning: 'For mode `http`. Or SLACK_SIGNING_SECRET_FILE.',
  },
  {
    name: 'SLACK_API_URL',
    process: 'both',
    required: false,
    default: 'https://slack.com/api/',
    meaning: 'Where the Web API is.',
  },
  {
    name: 'CLUSTERS',
    process: 'bot',
    required: true,
    meaning: 'The clusters that can be asked about, separated by commas.',
  },
  {
    name: 'DEFAULT_CLUSTER',
    process: 'bot',
    required: false,
    meaning: 'The one that is meant where `--cluster` is not given.',
  },
  {
    name: 'CLUSTER',
    process: 'worker',
    required: true,
    meaning: 'The cluster this worker answers for, as people name it.',
  },
  {
    name: 'WORKER_CONCURRENCY',
    process: 'worker',
    required: false,
    default: '4',
    meaning: 'Questions answered at once.',
  },
  {
    name: 'KUBECONFIG',
    process: 'worker',
    required: false,
    meaning: 'Access to the cluster; inside one, its service account is used.',
  },
  {
    name: 'KUBE_CONTEXT',
    process: 'worker',
    required: false,
    meaning: 'A context of KUBECONFIG other than its current one.',
  },
  {
    name: 'HTTP_PORT',
    process: 'bot',
    required: false,
    default: '3000',
    meaning: 'Where Slack sends its requests in mode `http`.',
  },
  {
    name: 'HEALTH_PORT',
    process: 'both',
    required: false,
    default: '8081',
    meaning: '`/livez`, `/readyz` and `/metrics`.',
  },
  { name: 'LISTEN_HOST', process: 'both', required: false, default: '0.0.0.0', meaning: 'The address to listen on.' },
  {
    name: 'LOG_LEVEL',
    process: 'both',
    required: false,
    default: 'info',
    meaning: '`trace`, `debug`, `info`, `warn` or `error`.',
  },
  {
    name: 'SHUTDOWN_SECONDS',
    process: 'both',
    required: false,
    default: '25',
    meaning: 'How long a stopping process may finish what it has.',
  },
] as const satisfies readonly Variable[];

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
