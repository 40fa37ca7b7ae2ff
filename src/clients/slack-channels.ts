import type { WebClient } from '@slack/web-api';
import { LRUCache } from 'lru-cache';
import type { Log } from '../model/log.ts';
import { failureOf } from './slack-failure.ts';

export interface Channels {
  /**
   * Whether people of other workspaces are in a channel, or will be when they accept an invitation. Guests of this
   * workspace do not count. An answer that does not say so: they are. Throws what Slack answers where it does not tell.
   */
  ask(channel: string): Promise<boolean>;
  /** The same; nothing where Slack does not tell. */
  hasOutsiders(channel: string): Promise<boolean | undefined>;
}

const keptMs = 5 * 60_000;

export function slackChannels({
  client,
  log,
}: {
  readonly client: WebClient;
  readonly log: Pick<Log, 'warn'>;
}): Channels {
  const kept = new LRUCache<string, { readonly outsiders: boolean | undefined }>({
    max: 2_000,
    ttl: keptMs,
    fetchMethod: async (channel) => {
      const { channel: { is_ext_shared: shared, is_pending_ext_shared: pending } = {} } =
        await client.conversations.info({ channel });
      return { outsiders: pending === true || shared };
    },
  });

  async function look(channel: string): Promise<boolean | undefined> {
    // Nobody but the two reads a direct message.
    if (channel.startsWith('D')) return false;
    return (await kept.fetch(channel))?.outsiders;
  }

  return {
    ask: async (channel) => (await look(channel)) ?? true,
    async hasOutsiders(channel) {
      try {
        return await look(channel);
      } catch (error) {
        log.warn({ channel, code: failureOf(error).code }, 'Slack does not say who reads a channel');
        return undefined;
      }
    },
  };
}
