import type { Log } from '../model/log.ts';
import { plainText, type SlackMessage, shorten } from '../report/slack-message.ts';
import { type Address, DeliveryError, type Messenger, type Outcome, orThrow, type UploadedFile } from './messenger.ts';
import { type DeliveryRecord, type DeliveryRecords, isSent, pending, unsent } from './records.ts';

/** The messages of one answer. Each part is posted once, whatever happened before; failures are {@link DeliveryError}s. */
export interface Delivery {
  /** Gives the message's timestamp. */
  post(part: string, message: SlackMessage, thread?: string): Promise<string>;
  /** Replaces the message, or posts it again where somebody deleted it. Gives the timestamp that stands now. */
  replace(part: string, ts: string, message: SlackMessage): Promise<string>;
  /** The verdict, in place of the first message; once. Gives the timestamp of the message that shows it. */
  conclude(ts: string, verdict: SlackMessage): Promise<string>;
  /** Like `replace`, but it may be lost. False where it may still arrive late. */
  tryReplace(part: string, ts: string, message: SlackMessage): Promise<boolean>;
  upload(part: string, file: UploadedFile, thread: string): Promise<void>;
  /** Whether the part is in Slack for sure. */
  has(part: string): boolean;
}

export interface DeliveryDeps {
  readonly messenger: Messenger;
  readonly records: DeliveryRecords;
  readonly log: Log;
}

/** What is delivered: a request, or a plan, and where it belongs. */
export interface Parcel {
  readonly requestId: string;
  readonly channel: string;
}

/** Slack's clock and ours may differ by this much. */
const clockSkewMs = 60_000;
const plainLimit = 3_800;

export function deliveryOf(parcel: Parcel, record: DeliveryRecord, deps: DeliveryDeps): Delivery {
  const { messenger, log } = deps;
  const parts = new Map(record.parts);
  const since = new Date(record.startedAt.getTime() - clockSkewMs);

  function address(part: string, thread?: string): Address {
    const channel = record.direct?.channel ?? parcel.channel;
    return { channel, requestId: parcel.requestId, part, ...(thread !== undefined && { thread }) };
  }

  async function keep(part: string, state: string): Promise<void> {
    parts.set(part, state);
    await deps.records.setPart(parcel.requestId, part, state);
  }

  /** What was sent without our learning its timestamp, where we may look for it. */
  async function lookUp(place: Address): Promise<string | undefined> {
    const found = await messenger.find(place, since);
    if (!found.ok && (found.reason === 'unavailable' || found.reason === 'rate-limited'))
      throw new DeliveryError(found);
    if (!found.ok || found.ts === undefined) return undefined;
    log.info({ part: place.part }, 'Found a message whose confirmation was lost');
    await keep(place.part, found.ts);
    return found.ts;
  }

  async function fitting<T>(
    message: SlackMessage,
    send: (message: SlackMessage) => Promise<Outcome<T>>,
  ): Promise<Outcome<T>> {
    const outcome = await send(message);
    if (outcome.ok || outcome.reason !== 'unfit') return outcome;
    log.error({ code: outcome.code }, 'Slack refused a message as it is; sending it as plain text');
    return send(asPlainText(message));
  }

  async function post(part: string, message: SlackMessage, thread?: string): Promise<string> {
    const known = parts.get(part);
    if (isSent(known)) return known;
    const place = address(part, thread);
    const earlier = known === pending ? await lookUp(place) : undefined;
    if (earlier !== undefined) return earlier;
    await keep(part, pending);
    const outcome = await fitting(message, (fit) => messenger.post(place, fit));
    if (outcome.ok) {
      await keep(part, outcome.ts);
      return outcome.ts;
    }
    if (outcome.sent === 'no') await keep(part, unsent);
    const arrived = outcome.sent === 'maybe' ? await lookUp(place) : undefined;
    if (arrived === undefined) throw new DeliveryError(outcome);
    return arrived;
  }

  async function replace(part: string, ts: string, message: SlackMessage): Promise<string> {
    const outcome = await fitting(message, (fit) => messenger.update(address(part), ts, fit));
    if (outcome.ok) return ts;
    if (outcome.reason === 'gone') return post(`${part}-again`, message);
    throw new DeliveryError(outcome);
  }

  return {
    post,
    replace,
    has: (part) => isSent(parts.get(part)),
    async conclude(ts, verdict) {
      const shown = parts.get('verdict');
      if (shown !== undefined) return shown;
      const root = await replace('anchor', ts, verdict);
      await keep('verdict', root);
      return root;
    },
    async tryReplace(part, ts, message) {
      const outcome = await messenger.update(address(part), ts, message);
      return outcome.ok || outcome.sent === 'no';
    },
    async upload(part, file, thread) {
      const known = parts.get(part);
      if (isSent(known)) return;
      const place = { ...address(part, thread), file: file.name };
      if (known === pending && (await lookUp(place)) !== undefined) return;
      await keep(part, pending);
      const outcome = await messenger.upload(place, file);
      if (!outcome.ok && outcome.sent === 'no') await keep(part, unsent);
      if (!outcome.ok && outcome.sent === 'maybe' && (await lookUp(place)) !== undefined) return;
      orThrow(outcome);
      await keep(part, 'uploaded');
    },
  };
}

/** All that the blocks say, for where Slack does not take them. */
function asPlainText({ text, blocks, ...rest }: SlackMessage): SlackMessage {
  const said = plainText(blocks);
  return { ...rest, text: shorten(said === '' ? text : said, plainLimit), blocks: [] };
}
