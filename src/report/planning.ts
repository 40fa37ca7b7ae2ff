import { describeFixTarget, type FixTarget } from '../model/fix.ts';
import { line, richText, text } from './fix-parts.ts';
import type { SlackMessage } from './slack-message.ts';

/** The first word: it is replaced by the plan's card, or by why there is no plan. */
export function planningMessage({ fix, target }: { readonly fix: string; readonly target: FixTarget }): SlackMessage {
  const said = `Planning ${fix} for ${describeFixTarget(target)} in ${target.cluster}…`;
  return { text: said, blocks: [richText(line(text(said)))] };
}

/** The message, with a link to another one. */
export function withLink(message: SlackMessage, label: string, url: string): SlackMessage {
  return { ...message, blocks: [...message.blocks, richText(line({ type: 'link', url, text: label }))] };
}
