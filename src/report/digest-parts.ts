import type { RichTextBlock } from '@slack/types';
import type { AnyBlock } from './slack-message.ts';

/** Pieces of the messages of digests. Whatever comes from a cluster stands in rich text, where nothing is markup. */

export function bold(text: string) {
  return { type: 'text' as const, text, style: { bold: true } };
}

export function richText(elements: RichTextBlock['elements']): RichTextBlock {
  return { type: 'rich_text', elements };
}

/** A heading, and lines under it. */
export function linesBlock(heading: string, lines: readonly string[]): RichTextBlock {
  const body = { type: 'text' as const, text: lines.map((one) => `\n${one}`).join('') };
  return richText([{ type: 'rich_text_section', elements: [bold(heading), ...(lines.length > 0 ? [body] : [])] }]);
}

/** A quiet line of literal text. */
export function contextOf(text: string): AnyBlock {
  return { type: 'context', elements: [{ type: 'plain_text', text, emoji: false }] };
}
