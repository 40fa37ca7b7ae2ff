import { parse, stringify } from 'node:querystring';
import type { App, Receiver, ReceiverEvent } from '@slack/bolt';
import type { FetchFunction } from '@slack/web-api';
import { redact, redactAll } from '../model/redact.ts';

/** Arguments of the Web API that are sent as JSON. */
const asJson = new Set(['attachments', 'blocks', 'files', 'metadata', 'view']);

/**
 * `fetch` for all that goes to Slack, calls of the Web API and answers to a `response_url` alike: takes credentials out
 * of every text. The bytes of a file pass: their number was announced before.
 */
export const lastHop: FetchFunction = (url, { body, ...init } = {}) => {
  return fetch(url, {
    ...init,
    ...(body !== undefined && { body: typeof body === 'string' ? cleanBody(body) : body }),
  });
};

/** The same for what Slack is told with the acknowledgement, over either transport. */
export function cleanReceiver(receiver: Receiver): Receiver {
  return {
    init: (app) => receiver.init(withCleanAcks(app)),
    start: (...args) => receiver.start(...args),
    stop: (...args) => receiver.stop(...args),
  };
}

function cleanBody(body: string): string {
  if (body.startsWith('{')) return JSON.stringify(redactAll(JSON.parse(body)));
  const values = Object.entries(parse(body)).map(([name, value = '']) => [name, cleanValue(name, value)]);
  return stringify(Object.fromEntries(values));
}

function cleanValue(name: string, value: string | readonly string[]): string | readonly string[] {
  if (name === 'token' || typeof value !== 'string') return value;
  return asJson.has(name) ? JSON.stringify(redactAll(JSON.parse(value))) : redact(value);
}

function withCleanAcks(app: App): App {
  const processEvent = (event: ReceiverEvent): Promise<void> =>
    app.processEvent({ ...event, ack: (said?: unknown) => event.ack(redactAll(said)) });
  return Object.assign(Object.create(app) as App, { processEvent });
}
