import { AsyncLocalStorage } from 'node:async_hooks';
import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino';
import { redact } from './model/redact.ts';

export type { Logger };

export interface LogSettings {
  readonly level: string;
  /** Standard output when left out. */
  readonly destination?: DestinationStream;
}

const request = new AsyncLocalStorage<{ readonly requestId: string }>();

/** Whatever is logged with {@link forRequests} inside carries the request's id. */
export function withinRequest<T>(requestId: string, work: () => Promise<T>): Promise<T> {
  return request.run({ requestId }, work);
}

/** A logger for clients that serve many requests at once: each line says which one it was for. */
export function forRequests(log: Logger): Record<'debug' | 'warn', (fields: object, message: string) => void> {
  return {
    debug: (fields, message) => log.debug({ ...request.getStore(), ...fields }, message),
    warn: (fields, message) => log.warn({ ...request.getStore(), ...fields }, message),
  };
}

const secretKeys = [
  'token',
  'appToken',
  'botToken',
  'signingSecret',
  'authorization',
  'password',
  'cookie',
  'response_url',
  'trigger_id',
];

/** One line of JSON per event. What looks like a credential is taken out of the finished line, wherever it stood. */
export function createLogger({ level, destination }: LogSettings): Logger {
  return pino(
    {
      level,
      base: { pid: process.pid },
      serializers: { error: stdSerializers.errWithCause, err: stdSerializers.errWithCause },
      redact: { paths: secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '[redacted]' },
      hooks: { streamWrite: redact },
    },
    destination ?? pino.destination({ dest: 1, sync: true }),
  );
}
