import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger as SlackLogger, WebClient } from '@slack/web-api';
import type { Log } from '../model/log.ts';
import { failureOf } from './slack-failure.ts';
import { lastHop } from './slack-last-hop.ts';

export interface ClientSettings {
  readonly token: string;
  readonly apiUrl?: string;
  readonly logger: SlackLogger;
}

const timeoutMs = 10_000;

/** One try per call, no waiting inside the client: whoever calls decides what a failure means. */
export function slackClient({ token, apiUrl, logger }: ClientSettings): WebClient {
  return new WebClient(token, {
    logger,
    fetch: lastHop,
    timeout: timeoutMs,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    allowAbsoluteUrls: false,
    ...(apiUrl !== undefined && { slackApiUrl: apiUrl }),
  });
}

/** Who the bot is, as Slack knows it. */
export interface Identity {
  readonly team: string;
  readonly enterprise?: string;
  readonly botId: string;
  readonly botUserId: string;
  readonly botName: string;
}

/** Asks until Slack answers. A token that is not good is final. */
export async function identify(client: WebClient, log: Pick<Log, 'warn'>): Promise<Identity> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const { team_id = '', enterprise_id, bot_id = '', user_id = '', user = 'meshbot' } = await client.auth.test();
      return {
        team: team_id,
        botId: bot_id,
        botUserId: user_id,
        botName: user,
        ...(enterprise_id !== undefined && { enterprise: enterprise_id }),
      };
    } catch (error) {
      const { reason, code, retryAfterMs } = failureOf(error);
      if (reason === 'refused') throw error;
      log.warn({ code, attempt }, 'Slack does not say who I am; trying again');
      await sleep(retryAfterMs ?? Math.min(30_000, 1_000 * 2 ** attempt));
    }
  }
}
