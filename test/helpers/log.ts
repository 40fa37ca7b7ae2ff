import type { Logger as SlackLogger } from '@slack/web-api';
import { createLogger, type Logger } from '../../src/log.ts';
import { slackLogger } from '../../src/slack-log.ts';

export interface TestLog {
  readonly log: Logger;
  /** For Slack's libraries. */
  readonly slack: SlackLogger;
  /** What was written, parsed. */
  readonly lines: (Record<string, unknown> & { level: number; msg: string })[];
}

export function testLog(level = 'debug'): TestLog {
  const lines: TestLog['lines'] = [];
  const log = createLogger({ level, destination: { write: (line: string) => void lines.push(JSON.parse(line)) } });
  return { log, slack: slackLogger(log), lines };
}
