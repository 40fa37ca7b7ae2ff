import { setTimeout as sleep } from 'node:timers/promises';
import type { Block, KnownBlock, Logger as SlackLogger, WebClient } from '@slack/web-api';
import { redact } from '../model/redact.ts';
import { slackClient } from './slack-client.ts';
import { failureOf, type SlackFailure } from './slack-failure.ts';
import { pace } from './slack-pace.ts';

type Result<T> = Promise<({ readonly ok: true } & T) | SlackFailure>;

interface Message {
  /** Plain words. */
  readonly text: string;
  readonly blocks: readonly (KnownBlock | Block)[];
  /** Of a reply: the channel sees it too. */
  readonly broadcast?: true;
}

interface Address {
  readonly channel: string;
  readonly thread?: string;
  readonly requestId: string;
  readonly part: string;
  readonly file?: string;
}

export interface SlackSettings {
  readonly token: string;
  readonly apiUrl?: string;
  readonly logger: SlackLogger;
  /** Told of every call: what it counts as and how long it took. */
  readonly onCall: (method: string, outcome: string, seconds: number) => void;
}

const eventType = 'meshbot_message';
const maxWaitMs = 1_500;
const pages = 3;

/** Posts, updates and finds messages. Nothing here throws for what Slack or the network does. */
export function slackMessenger(settings: SlackSettings, botName: string) {
  const client = slackClient(settings);
  const limits = pace(Date.now);

  async function call<T>(
    method: string,
    limit: string,
    run: () => Promise<T>,
  ): Promise<({ readonly ok: true } & T) | SlackFailure> {
    const wait = limits.take(limit);
    if (wait > maxWaitMs)
      return { ok: false, reason: 'rate-limited', code: 'ratelimited', retryAfterMs: wait, sent: 'no' };
    if (wait > 0) await sleep(wait);
    const begun = performance.now();
    const done = (outcome: string): void => settings.onCall(method, outcome, (performance.now() - begun) / 1000);
    try {
      const result = await run();
      done('ok');
      return { ...result, ok: true };
    } catch (error) {
      const failure = failureOf(error);
      done(failure.code);
      if (failure.retryAfterMs !== undefined) limits.block(limit, failure.retryAfterMs);
      return failure;
    }
  }

  return {
    botName,
    post({ channel, thread, ...name }: Address, message: Message): Result<{ readonly ts: string }> {
      return call('chat.postMessage', channel, async () => {
        const { ts } = await client.chat.postMessage({
          ...content(message),
          channel,
          ...replyIn(thread, message),
          unfurl_links: false,
          unfurl_media: false,
          metadata: metadata(name),
        });
        return { ts: ts ?? '' };
      });
    },
    update({ channel, ...name }: Address, ts: string, message: Message): Result<object> {
      return call('chat.update', `update ${channel}`, async () => {
        await client.chat.update({ ...content(message), channel, ts, metadata: metadata(name) });
        return {};
      });
    },
    find(address: Address, since: Date): Result<{ readonly ts?: string }> {
      return call('conversations.history', 'find', async () => {
        const ts = await search(client, address, since);
        return ts === undefined ? {} : { ts };
      });
    },
    upload(
      { channel, thread = '' }: Address,
      file: { readonly name: string; readonly title: string; readonly content: string },
    ): Result<object> {
      return call('files.upload', channel, async () => {
        // Of a file, the client says how long it is before it sends it.
        const bytes = Buffer.from(redact(file.content));
        await client.filesUploadV2({
          channel_id: channel,
          thread_ts: thread,
          file: bytes,
          filename: file.name,
          title: file.title,
        });
        return {};
      });
    },
    permalink(channel: string, ts: string): Result<{ readonly url: string }> {
      return call('chat.getPermalink', 'permalink', async () => {
        const { permalink } = await client.chat.getPermalink({ channel, message_ts: ts });
        return { url: permalink ?? '' };
      });
    },
    openDirectMessage(user: string): Result<{ readonly channel: string }> {
      return call('conversations.open', 'open', async () => {
        const { channel } = await client.conversations.open({ users: user });
        return { channel: channel?.id ?? '' };
      });
    },
  };
}

/** Where it stands. Slack's types know a reply that the channel sees as another call. */
function replyIn(thread: string | undefined, { broadcast }: Message): { thread_ts: string } | object {
  if (thread === undefined) return {};
  return { thread_ts: thread, ...(broadcast === true && { reply_broadcast: true }) };
}

function content({ text, blocks }: Message) {
  return {
    // Before anything in it is escaped.
    text: escaped(redact(text)),
    // Absent blocks would leave those of an earlier update in place.
    blocks: [...blocks],
    parse: 'none' as const,
    link_names: false,
    mrkdwn: false,
  };
}

function metadata({ requestId, part }: Pick<Address, 'requestId' | 'part'>) {
  return { event_type: eventType, event_payload: { request_id: requestId, part } };
}

/** Slack reads these three as markup, even in plain text: `<!channel>` would call everyone. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

async function search(client: WebClient, address: Address, since: Date): Promise<string | undefined> {
  const { channel, thread, requestId, part, file } = address;
  let cursor: string | undefined;
  for (let page = 0; page < pages; page += 1) {
    const query = { channel, limit: 100, include_all_metadata: true, ...(cursor !== undefined && { cursor }) };
    const oldest = String(since.getTime() / 1000);
    const answer =
      thread === undefined
        ? await client.conversations.history({ ...query, oldest })
        : await client.conversations.replies({ ...query, ts: thread });
    for (const message of answer.messages ?? []) {
      const payload: Record<string, unknown> = message.metadata?.event_payload ?? {};
      const ours =
        message.metadata?.event_type === eventType && payload.request_id === requestId && payload.part === part;
      const has =
        file !== undefined &&
        'files' in message &&
        Array.isArray(message.files) &&
        message.files.some(({ name }) => name === file);
      if (ours || has) return message.ts;
    }
    cursor = answer.response_metadata?.next_cursor;
    if (cursor === undefined || cursor === '') break;
  }
  return undefined;
}
