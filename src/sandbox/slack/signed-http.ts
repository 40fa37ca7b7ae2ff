import { createHmac } from 'node:crypto';
import { stringify } from 'node:querystring';
import { type Json, parsed, record } from './json.ts';
import type { Envelope } from './socket-mode.ts';

/** What is wrong with a request's signature; `good` is as Slack's. */
export type Signature = 'good' | 'wrong' | 'stale' | 'future' | 'none';

export interface SignedRequest {
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface HttpSent {
  /** 0 where there was no answer in time or no connection. */
  readonly status: number;
  readonly payload: Json;
  readonly error?: 'timeout' | 'no-connection';
}

const sixMinutes = 360;

/** @see https://docs.slack.dev/authentication/verifying-requests-from-slack */
export function signedRequest(
  envelope: Envelope,
  { url, secret, nowMs, signature }: { url: string; secret: string; nowMs: number; signature: Signature },
): SignedRequest {
  const { body, type } = encoded(envelope);
  const skew = { stale: -sixMinutes, future: sixMinutes, good: 0, wrong: 0, none: 0 }[signature];
  const timestamp = String(Math.floor(nowMs / 1_000) + skew);
  const key = signature === 'wrong' ? `not ${secret}` : secret;
  const retry = {
    ...(envelope.retry_attempt !== undefined && { 'x-slack-retry-num': String(envelope.retry_attempt) }),
    ...(envelope.retry_reason !== undefined && { 'x-slack-retry-reason': envelope.retry_reason }),
  };
  const signed = {
    'x-slack-request-timestamp': timestamp,
    'x-slack-signature': `v0=${createHmac('sha256', key).update(`v0:${timestamp}:${body}`).digest('hex')}`,
  };
  return { url, body, headers: { 'content-type': type, ...retry, ...(signature === 'none' ? {} : signed) } };
}

function encoded({ type, payload }: Envelope): { readonly body: string; readonly type: string } {
  const form = 'application/x-www-form-urlencoded';
  if (type === 'events_api') return { body: JSON.stringify(payload), type: 'application/json' };
  if (type === 'interactive') return { body: stringify({ payload: JSON.stringify(payload) }), type: form };
  return {
    body: stringify(Object.fromEntries(Object.entries(payload).map(([key, value]) => [key, String(value)]))),
    type: form,
  };
}

export async function sendSigned({ url, body, headers }: SignedRequest, timeoutMs: number): Promise<HttpSent> {
  try {
    const response = await fetch(url, { method: 'POST', body, headers, signal: AbortSignal.timeout(timeoutMs) });
    const answer = await response.text();
    const payload = parsed(answer);
    // A plain text is what the person is told.
    const said = answer === '' || payload !== undefined ? record(payload) : { text: answer };
    return { status: response.status, payload: said };
  } catch (error) {
    const timedOut = error instanceof Error && error.name === 'TimeoutError';
    return { status: 0, payload: {}, error: timedOut ? 'timeout' : 'no-connection' };
  }
}
