import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino';
import { redact } from './model/redact.ts';

export type { Logger };

export interface LogSettings {
  readonly level: string;
  /** Standard output when left out. */
  readonly destination?: DestinationStream;
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
