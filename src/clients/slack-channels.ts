import type { WebClient } from '@slack/web-api';
import { LRUCache } from 'lru-cache';
import type { Log } from '../model/log.ts';
import { failureOf } from './slack-failure.ts';

export interface Channels {
  /** The same, but throws what Slack answers where it does not tell. */
  ask(channel: string): Promise<boolean>;
  /**
   * Whether people of other workspaces read along, or will when they accept an invitation. Where Slack does not tell,
   * they do.
   */
  hasOutsiders(channel: string): Promise<boolean>;
}

const keptMs = 5 * 60_000;

export function slackChannels({
  client,
  log,
}: {
  readonly client: WebClient;
  readonly log: Pick<Log, 'warn'>;
}): Channels {
  const kept = new LRUCache<string, { readonly outsiders: boolean }>({
    max: 2_000,
    ttl: keptMs,
    fetchMethod: async (channel) => {
      const { channel: found } = await client.conversations.info({ channel });
      return { outsiders: found?.is_ext_shared !== false || found.is_pending_ext_shared === true };
    },
  });
  async function ask(channel: string): Promise<boolean> {
    // Nobody but the two reads a direct message.
    if (channel.startsWith('D')) return false;
    return (await kept.fetch(channel))?.outsiders ?? true;
  }
  return {
    ask,
    async hasOutsiders(channel) {
      try {
        return await ask(channel);
      } catch (error) {
        log.warn({ channel, code: failureOf(error).code }, 'Slack does not say who reads a channel');
        return true;
      }
    },
  };
}
