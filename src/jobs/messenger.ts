import type { SlackMessage } from '../report/slack-message.ts';

/**
 * Why Slack did not do what was asked.
 *
 * - `rate-limited`: later, in `retryAfterMs`.
 * - `unavailable`: Slack or the network failed. It may have been done all the same where `sent` is `maybe`.
 * - `unreachable`: this conversation cannot be written to.
 * - `unfit`: this message will never be accepted.
 * - `gone`: the message to update is not there.
 * - `refused`: anything else, such as a token that is no longer good or a scope that is missing.
 */
export interface Failure {
  readonly ok: false;
  readonly reason: 'rate-limited' | 'unavailable' | 'unreachable' | 'unfit' | 'gone' | 'refused';
  /** Slack's own word for it: `not_in_channel`. */
  readonly code: string;
  readonly retryAfterMs?: number;
  readonly sent: 'no' | 'maybe';
}

export type Outcome<T> = ({ readonly ok: true } & T) | Failure;

/** Where a message belongs, and by which name it is found again. */
export interface Address {
  readonly channel: string;
  readonly thread?: string;
  readonly requestId: string;
  /** Unique within the request: `anchor`, `evidence-1`. */
  readonly part: string;
  /** The name of the file, where the part is one: files carry no metadata. */
  readonly file?: string;
}

/** A conversation as jobs see it. No method throws for what Slack or the network does. */
export interface Messenger {
  /** The bot's name, to be written after `/invite`. */
  readonly botName: string;
  post(address: Address, message: SlackMessage): Promise<Outcome<{ readonly ts: string }>>;
  update(address: Address, ts: string, message: SlackMessage): Promise<Outcome<object>>;
  /** The message of this address, where it was posted since `since` and we may look. */
  find(address: Address, since: Date): Promise<Outcome<{ readonly ts?: string }>>;
  upload(address: Address, file: UploadedFile): Promise<Outcome<object>>;
  /** An address that leads people to a message. */
  permalink(channel: string, ts: string): Promise<Outcome<{ readonly url: string }>>;
  /** The conversation with one person. */
  openDirectMessage(user: string): Promise<Outcome<{ readonly channel: string }>>;
}

export interface UploadedFile {
  readonly name: string;
  readonly title: string;
  readonly content: string;
}

/** A {@link Failure} on its way to whoever decides what to do about it. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(`Slack: ${failure.code}`);
    this.failure = failure;
  }
}

export function orThrow<T>(outcome: Outcome<T>): { readonly ok: true } & T {
  if (outcome.ok) return outcome;
  throw new DeliveryError(outcome);
}
