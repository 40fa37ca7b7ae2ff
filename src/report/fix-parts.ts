import type { RichTextBlock, RichTextBlockElement, RichTextElement } from '@slack/types';
import type { Actor } from '../model/command.ts';
import { type AnyBlock, shorten } from './slack-message.ts';

/** Pieces of the messages about fixes. Whatever comes from a cluster stands in rich text, where nothing is markup. */

export function text(said: string, style?: { readonly bold?: true; readonly code?: true }): RichTextElement {
  return { type: 'text', text: said === '' ? '-' : said, ...(style !== undefined && { style }) };
}

export function bold(said: string): RichTextElement {
  return text(said, { bold: true });
}

export function person({ user }: Actor): RichTextElement {
  return { type: 'user', user_id: user };
}

/** `@ben`, `@ben and @carla`. */
export function people(actors: readonly Actor[]): readonly RichTextElement[] {
  return actors.flatMap((actor, index) => [...(index === 0 ? [] : [text(' and ')]), person(actor)]);
}

/** A time in the reader's own zone. */
export function time(at: string): RichTextElement {
  const timestamp = Math.floor(Date.parse(at) / 1000);
  return { type: 'date', timestamp, format: '{date_short_pretty} {time}', fallback: at };
}

export function line(...elements: readonly RichTextElement[]): RichTextBlockElement {
  return { type: 'rich_text_section', elements: [...elements] };
}

export function list(items: readonly (readonly RichTextElement[])[]): RichTextBlockElement {
  return {
    type: 'rich_text_list',
    style: 'bullet',
    elements: items.map((item) => line(...item)),
  } as RichTextBlockElement;
}

export function richText(...elements: readonly RichTextBlockElement[]): RichTextBlock {
  return { type: 'rich_text', elements: [...elements] };
}

/** A quiet line of literal text. */
export function note(said: string): AnyBlock {
  return { type: 'context', elements: [{ type: 'plain_text', text: shorten(said, 1_000), emoji: false }] };
}

/** Code as it is, cut where it is long, with a sentence that says how much is left. */
export function codeBlocks(
  code: string,
  most: { readonly lines: number; readonly characters: number },
): readonly AnyBlock[] {
  const { shown, left } = cutLines(code, most);
  const block = richText({ type: 'rich_text_preformatted', elements: [{ type: 'text', text: shown }] });
  return left === 0 ? [block] : [block, note(`${left} more lines are not shown here: Full YAML shows them.`)];
}

/** As many whole lines as fit; a first line that does not fit is cut. */
export function cutLines(
  code: string,
  { lines: most, characters }: { readonly lines: number; readonly characters: number },
): { readonly shown: string; readonly left: number } {
  const lines = code.replace(/\n+$/, '').split('\n');
  let size = 0;
  let count = 0;
  while (count < Math.min(lines.length, most)) {
    size += (lines[count] ?? '').length + 1;
    if (size > characters) break;
    count += 1;
  }
  const shown = count === 0 ? shorten(lines[0] ?? '', characters) : lines.slice(0, count).join('\n');
  return { shown: shown === '' ? ' ' : shown, left: lines.length - Math.max(1, count) };
}

export interface ButtonOptions {
  readonly style?: 'primary' | 'danger';
  /** Asked before the click counts. */
  readonly confirm?: string;
}

/** `value`: an id, never more. */
export function button(label: string, action: string, value: string, { style, confirm }: ButtonOptions = {}) {
  return {
    type: 'button' as const,
    action_id: action,
    value,
    text: { type: 'plain_text' as const, text: label },
    ...(style !== undefined && { style }),
    ...(confirm !== undefined && {
      confirm: {
        title: { type: 'plain_text' as const, text: label },
        text: { type: 'plain_text' as const, text: shorten(confirm, 300) },
        confirm: { type: 'plain_text' as const, text: label },
        deny: { type: 'plain_text' as const, text: 'Not now' },
      },
    }),
  };
}

export function buttonRow(id: string, elements: readonly ReturnType<typeof button>[]): AnyBlock {
  return { type: 'actions', block_id: id, elements: [...elements] };
}
