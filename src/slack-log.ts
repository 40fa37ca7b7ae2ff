import { LogLevel } from '@slack/bolt';
import type { Logger as SlackLogger } from '@slack/web-api';
import type { Logger } from './log.ts';

/**
 * Slack's libraries write into our log. Their debug lines hold whole payloads and are dropped, whatever our own level.
 */
export function slackLogger(log: Logger): SlackLogger {
  const line = (parts: unknown[]): string =>
    parts.map((part) => (part instanceof Error ? part.message : String(part))).join(' ');
  return {
    debug: () => {},
    info: (...parts) => log.debug({ said: line(parts) }, 'Slack library'),
    warn: (...parts) => log.warn({ said: line(parts) }, 'Slack library'),
    error: (...parts) => log.warn({ said: line(parts) }, 'Slack library failed'),
    setLevel: () => {},
    getLevel: () => LogLevel.INFO,
    setName: () => {},
  };
}
