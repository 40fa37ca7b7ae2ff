import type { WebClient } from '@slack/web-api';
import type { Log } from '../model/log.ts';
import { failureOf } from './slack-failure.ts';

/** Why nothing can be posted to a channel any more, as Slack calls it: `is_archived`; nothing where it can. */
export type GoneFrom = (channel: string) => Promise<string | undefined>;

/** Where Slack does not tell, the next post will. A direct message stays. */
export function slackGone({ client, log }: { readonly client: WebClient; readonly log: Pick<Log, 'warn'> }): GoneFrom {
  return async (channel) => {
    if (channel.startsWith('D')) return undefined;
    try {
      const { channel: found } = await client.conversations.info({ channel });
      if (found?.is_archived === true) return 'is_archived';
      return found?.is_member === false ? 'not_in_channel' : undefined;
    } catch (error) {
      const { code } = failureOf(error);
      if (code === 'channel_not_found') return code;
      log.warn({ channel, code }, 'Slack does not tell whether a channel is there');
      return undefined;
    }
  };
}
