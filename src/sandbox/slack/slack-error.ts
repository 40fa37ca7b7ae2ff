import type { Json } from './json.ts';

/** What a Web API method answers instead of a result: `{ok: false, error: code}`. */
export class SlackError extends Error {
  readonly code: string;
  readonly more: Json;

  constructor(code: string, more: Json = {}) {
    super(`Slack answers ${code}`);
    this.name = 'SlackError';
    this.code = code;
    this.more = more;
  }
}
