import type { WebClient } from '@slack/web-api';

/**
 * The scopes that the bot's token has now: a header of Slack's answer to every call.
 *
 * @throws where Slack does not answer, or does not say.
 */
export async function scopesOf(client: WebClient): Promise<readonly string[]> {
  const { response_metadata: said } = await client.auth.test();
  if (said?.scopes === undefined) throw new Error('Slack’s answer names no scopes');
  return said.scopes;
}
