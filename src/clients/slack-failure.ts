import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api';

/** What a call that failed means for the caller. */
export interface SlackFailure {
  readonly ok: false;
  readonly reason: 'rate-limited' | 'unavailable' | 'unreachable' | 'unfit' | 'gone' | 'refused';
  readonly code: string;
  readonly retryAfterMs?: number;
  /** Whether Slack may have done it all the same. */
  readonly sent: 'no' | 'maybe';
}

const unreachable = [
  'not_in_channel',
  'channel_not_found',
  'is_archived',
  'restricted_action',
  'restricted_action_read_only_channel',
  'restricted_action_non_threadable_channel',
  'restricted_action_thread_locked',
  'cannot_dm_bot',
  'ekm_access_denied',
  'team_access_not_granted',
];
const unfit = [
  'invalid_blocks',
  'invalid_blocks_format',
  'msg_blocks_too_long',
  'msg_too_long',
  'invalid_attachments',
  'too_many_attachments',
  'no_text',
  'metadata_too_large',
  'invalid_metadata_format',
  'markdown_text_conflict',
];
const gone = ['message_not_found', 'cant_update_message', 'edit_window_closed'];
const passing = ['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout', 'team_added_to_org'];
const limited = ['ratelimited', 'rate_limited', 'message_limit_exceeded'];
const neverSent = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'];
const defaultRetryMs = 30_000;

/** @see https://docs.slack.dev/reference/methods/chat.postMessage/#errors */
export function failureOf(error: unknown): SlackFailure {
  if (error instanceof WebAPIRateLimitedError) return rateLimited(error.retryAfter * 1000);
  if (error instanceof WebAPIPlatformError) return platformFailure(error.data.error);
  if (error instanceof WebAPIHTTPError) return unavailable(`http_${error.statusCode}`, 'maybe');
  if (error instanceof WebAPIRequestError) {
    const code = codeOf(error.original);
    return unavailable(code, neverSent.includes(code) ? 'no' : 'maybe');
  }
  // The client throws a bare error for a 429 that does not say when to come back. Anything else is a bug of ours.
  if (error instanceof Error && error.constructor === Error) return rateLimited(defaultRetryMs);
  throw error;
}

function platformFailure(code: string): SlackFailure {
  if (limited.includes(code)) return rateLimited(defaultRetryMs);
  if (passing.includes(code)) return unavailable(code, 'maybe');
  // A proxy's page instead of Slack's JSON.
  if (!/^[a-z][a-z0-9_]{0,60}$/.test(code)) return unavailable('malformed_answer', 'maybe');
  const [reason = 'refused'] = [
    ...(unreachable.includes(code) ? (['unreachable'] as const) : []),
    ...(unfit.includes(code) ? (['unfit'] as const) : []),
    ...(gone.includes(code) ? (['gone'] as const) : []),
  ];
  return { ok: false, reason, code, sent: 'no' };
}

function rateLimited(retryAfterMs: number): SlackFailure {
  return { ok: false, reason: 'rate-limited', code: 'ratelimited', retryAfterMs, sent: 'no' };
}

function unavailable(code: string, sent: 'no' | 'maybe'): SlackFailure {
  return { ok: false, reason: 'unavailable', code, sent };
}

/** The innermost system code: `ECONNRESET`, or the error's name. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if (error.cause instanceof Error) return codeOf(error.cause);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
