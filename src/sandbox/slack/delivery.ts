import { setTimeout as sleep } from 'node:timers/promises';
import { type Alarm, type Context, raiseAlarm } from './context.ts';
import type { Json } from './json.ts';
import { type HttpSent, type Signature, type SignedRequest, sendSigned, signedRequest } from './signed-http.ts';
import type { Envelope } from './socket-mode.ts';

/** What a person is told where the app did not take what they did. */
export type DeliveryError = 'operation_timeout' | 'dispatch_failed';

export type Delivered =
  | { readonly ok: true; readonly payload: Json; readonly status: number }
  | { readonly ok: false; readonly error: DeliveryError; readonly status: number };

export interface Delivery {
  /** Once: commands, clicks and forms are never sent again. */
  send(envelope: Envelope, signature?: Signature): Promise<Delivered>;
  /** Again until it is acknowledged, as often as Slack would. */
  sendEvent(payload: Json): Promise<Delivered>;
  /** The very same request over HTTP again, as someone would who had recorded it. */
  replay(): Promise<HttpSent>;
  /** The last event again, as Slack does where it missed the acknowledgement. */
  repeatEvent(): Promise<Delivered>;
}

/** What was sent last, to be sent again. */
interface Sendings {
  request?: SignedRequest;
  event?: Json;
}

export function createDelivery(context: Context): Delivery {
  const last: Sendings = {};
  const send: Delivery['send'] = (envelope, signature = 'good') => sendOnce(context, last, envelope, signature);
  return {
    send,
    sendEvent(payload) {
      last.event = payload;
      return sendOften(context, payload, send);
    },
    replay() {
      if (last.request === undefined) throw new Error('Nothing was sent over HTTP yet');
      return sendSigned(last.request, context.settings.ackTimeoutMs);
    },
    repeatEvent() {
      if (last.event === undefined) throw new Error('No event was sent yet');
      return send(eventEnvelope(last.event, 1));
    },
  };
}

async function sendOnce(
  context: Context,
  last: Sendings,
  envelope: Envelope,
  signature: Signature,
): Promise<Delivered> {
  const { settings, sockets, workspace } = context;
  const { requestUrl: url, signingSecret: secret, ackTimeoutMs } = settings;
  if (url === undefined) {
    const sent = await sockets.send(envelope, ackTimeoutMs);
    if (sent.status === 'acked') return { ok: true, payload: sent.payload, status: 200 };
    return failed(context, envelope, sent.status, 0);
  }
  last.request = signedRequest(envelope, { url, secret, nowMs: workspace.now(), signature });
  const { status, payload, error } = await sendSigned(last.request, ackTimeoutMs);
  if (status >= 200 && status < 300) return { ok: true, payload, status };
  return failed(context, envelope, error ?? 'refused', status);
}

async function sendOften({ settings }: Context, payload: Json, send: Delivery['send']): Promise<Delivered> {
  let delivered = await send(eventEnvelope(payload, 0));
  for (const [index, wait] of settings.eventRetryMs.entries()) {
    if (delivered.ok) break;
    await sleep(wait, undefined, { ref: false });
    delivered = await send(eventEnvelope(payload, index + 1));
  }
  return delivered;
}

function eventEnvelope(payload: Json, attempt: number): Envelope {
  const retry = attempt === 0 ? {} : { retry_attempt: attempt, retry_reason: 'timeout' };
  return { type: 'events_api', payload, accepts_response_payload: false, ...retry };
}

function failed(
  context: Context,
  { type }: Envelope,
  problem: 'timeout' | 'crossed' | 'no-connection' | 'refused',
  status: number,
): Delivered {
  const kind: Alarm['kind'] = problem === 'timeout' ? 'not-acknowledged' : problem;
  raiseAlarm(context, { kind, type, detail: status === 0 ? problem : `HTTP ${status}` });
  const waited = problem === 'timeout' || problem === 'crossed';
  return { ok: false, error: waited ? 'operation_timeout' : 'dispatch_failed', status };
}
