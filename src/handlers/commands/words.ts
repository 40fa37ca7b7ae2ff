import { UsageError } from '../../model/sources.ts';

/** A word of a command. In quotes it is never an option. */
export interface Word {
  readonly text: string;
  readonly quoted: boolean;
}

const maxLength = 4_000;
/** Phones turn straight quotes into these. Any quote of the same kind closes one. */
const doubleQuotes = '"“”„‟';
const singleQuotes = "'‘’‚‛";
const invisible = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/u;

/** Cuts what a user typed after `/mesh` into words, as a person would who reads the quotes. */
export function wordsOf(typed: string): readonly Word[] {
  if (typed.length > maxLength) {
    throw new UsageError(`That is ${typed.length} characters long. I read at most ${maxLength}; name one namespace.`);
  }
  const text = readable(typed);
  const words: Word[] = [];
  let at = 0;
  while (at < text.length) {
    if (text[at] === ' ') at += 1;
    else {
      const { word, end } = nextWord(text, at);
      words.push(word);
      at = end;
    }
  }
  return words;
}

/** One form of each character, every kind of space a space, nothing that cannot be seen. */
function readable(typed: string): string {
  const text = plain(typed)
    .normalize('NFC')
    .replaceAll(/[\t\n\r\u2028\u2029]|\p{Zs}/gu, ' ');
  const found = invisible.exec(text);
  if (found === null) return text;
  const code = (found[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  throw new UsageError(
    `There is an invisible character (U+${code}) after ${said(text.slice(0, found.index).trimEnd() || '/mesh')}. Type the command instead of pasting it.`,
  );
}

/** Slack turns names into links and escapes three characters; this is what was typed. */
export function plain(typed: string): string {
  return typed
    .replaceAll(/<([@#!])([^<>|]*)(?:\|([^<>]*))?>/g, (_, sign: string, id: string, label?: string) => {
      return `${sign}${label || id}`;
    })
    .replaceAll(/<([a-z]+:[^<>|]*)(?:\|([^<>]*))?>/gi, (_, link: string, label?: string) => label || link)
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

function nextWord(text: string, start: number): { readonly word: Word; readonly end: number } {
  let word = '';
  let quoted = false;
  let at = start;
  while (at < text.length && text[at] !== ' ') {
    const kind = opens(text, at, start);
    if (kind === undefined) {
      word += text[at];
      at += 1;
    } else {
      const end = closing(text, at, kind);
      word += text.slice(at + 1, end);
      quoted = quoted || at === start;
      at = end + 1;
    }
  }
  return { word: { text: word, quoted }, end: at };
}

/** A quote counts where a word or a value begins; the one in `don't` is part of the word. */
function opens(text: string, at: number, start: number): string | undefined {
  const before = text[at - 1] ?? ' ';
  if (at !== start && before !== '=' && before !== ',') return undefined;
  const sign = text[at] ?? '';
  return [doubleQuotes, singleQuotes].find((quotes) => quotes.includes(sign));
}

function closing(text: string, at: number, kind: string): number {
  for (let end = at + 1; end < text.length; end += 1) {
    if (kind.includes(text[end] ?? ' ')) return end;
  }
  throw new UsageError(
    `The quote before ${said(text.slice(at + 1) || text)} (character ${at + 1}) is never closed. Close it, or leave it out.`,
  );
}

/** A piece of what was typed, to stand in a sentence: short, and unable to end its own markup. */
export function said(typed: string): string {
  const characters = Array.from(typed.replaceAll('`', "'"));
  return `\`${characters.length > 60 ? `${characters.slice(0, 59).join('')}…` : characters.join('')}\``;
}
