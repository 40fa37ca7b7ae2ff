import { statusMessage } from '../report/status.ts';
import type { HandlerDeps } from './deps.ts';
import { type Reply, sentence } from './replies.ts';

/** How the bot itself is. */
export async function statusReply({ status, watch }: HandlerDeps): Promise<Reply> {
  const { text, blocks } = statusMessage(await status());
  watch.command('status', 'answered');
  return { text: sentence(text).text, blocks: [...blocks] };
}
