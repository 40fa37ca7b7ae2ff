import type { Report } from '../model/report.ts';
import { prefix, type Redis } from './queue.ts';

/** What the terminal message says. */
export type Result =
  | { readonly kind: 'report'; readonly report: Report; readonly tookMs: number }
  /** The question cannot be answered as asked: a sentence with a next step. */
  | { readonly kind: 'usage'; readonly text: string }
  | { readonly kind: 'failed'; readonly text: string };

/** How far the delivery of one answer has come. Whoever takes the job next goes on from here. */
export interface DeliveryRecord {
  readonly startedAt: Date;
  readonly finished: boolean;
  /** How often delivery was put off. */
  readonly tries: number;
  /** Set once the answer goes to the asker alone: where to, and the line that says why. */
  readonly direct?: { readonly channel: string; readonly why: string };
  /**
   * By part: the message's timestamp, `pending` from before it is sent until Slack's answer is kept, or `unsent` where
   * Slack surely did not take it. Or what else is to be remembered of what was shown.
   */
  readonly parts: ReadonlyMap<string, string>;
  readonly result?: Result;
}

export interface DeliveryRecords {
  /** Begins the record where there is none. */
  open(requestId: string): Promise<DeliveryRecord>;
  setPart(requestId: string, part: string, state: string): Promise<void>;
  /** Nothing is kept of a result that is too large: it is found anew. */
  setResult(requestId: string, result: Result): Promise<void>;
  /** The answer goes to this conversation instead, from its first message on. */
  redirect(requestId: string, direct: { readonly channel: string; readonly why: string }): Promise<void>;
  countTry(requestId: string): Promise<number>;
  finish(requestId: string): Promise<void>;
}

export const pending = 'pending';
export const unsent = 'unsent';
const maxResult = 1_000_000;
const kept = 3 * 24 * 3600;
const partPrefix = 'part:';

export function deliveryRecords(redis: Redis, now: () => Date): DeliveryRecords {
  const set = async (requestId: string, fields: Record<string, string>): Promise<void> => {
    await redis.hset(keyOf(requestId), fields);
    await redis.expire(keyOf(requestId), kept);
  };
  return {
    async open(requestId) {
      const fields = await redis.hgetall(keyOf(requestId));
      if (fields.startedAt !== undefined) return parse(fields);
      const startedAt = now().toISOString();
      await set(requestId, { startedAt });
      return parse({ startedAt });
    },
    setPart: (requestId, part, state) => set(requestId, { [partPrefix + part]: state }),
    async setResult(requestId, result) {
      const text = JSON.stringify(result);
      if (text.length <= maxResult) await set(requestId, { result: text });
    },
    async redirect(requestId, { channel, why }) {
      const fields = Object.keys(await redis.hgetall(keyOf(requestId))).filter((name) => name.startsWith(partPrefix));
      if (fields.length > 0) await redis.hdel(keyOf(requestId), ...fields);
      await set(requestId, { channel, why });
    },
    countTry: (requestId) => redis.hincrby(keyOf(requestId), 'tries', 1),
    async finish(requestId) {
      await set(requestId, { finished: '1' });
      await redis.hdel(keyOf(requestId), 'result');
    },
  };
}

/** Whether a part is in Slack for sure. */
export function isSent(state: string | undefined): state is string {
  return state !== undefined && state !== pending && state !== unsent;
}

function keyOf(requestId: string): string {
  return `${prefix}:delivery:${requestId}`;
}

function parse(fields: Record<string, string>): DeliveryRecord {
  const { startedAt = '', finished, tries = '0', channel, why = '', result } = fields;
  const parts = Object.entries(fields).flatMap(([name, state]): [string, string][] =>
    name.startsWith(partPrefix) ? [[name.slice(partPrefix.length), state]] : [],
  );
  return {
    startedAt: new Date(startedAt),
    finished: finished !== undefined,
    tries: Number(tries),
    parts: new Map(parts),
    ...(channel !== undefined && { direct: { channel, why } }),
    ...(result !== undefined && { result: JSON.parse(result) as Result }),
  };
}
