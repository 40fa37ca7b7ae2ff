import type { Bucket, Digest } from '../model/digest.ts';
import type { DigestMeta } from './digest.ts';
import { bold, contextOf, linesBlock, richText } from './digest-parts.ts';
import { elsewhereLines } from './digest-unseen.ts';
import { headings, lineIn, sentenceOf, signOf, type Told, toldIn } from './digest-words.ts';
import { type AnyBlock, type SlackMessage, shorten, splitMessages } from './slack-message.ts';

const detailed: readonly Bucket[] = [
  'new',
  'worse',
  'muteEnded',
  'better',
  'fixed',
  'flapping',
  'notSeen',
  'unchanged',
  'muted',
];
/** What nobody was told yet is named to the last one, as far as a thread takes it. */
const named: readonly Bucket[] = ['new', 'worse', 'muteEnded'];
const mostDetails = 8;
const mostNamed = 200;
const mostUnseen = 30;
const linesInBlock = 12;
const mostCommands = 4;
const longestLine = 300;
const longestName = 200;

/** For the thread: each finding with the objects that decide it and what to do. Empty where there is nothing to tell. */
export function digestDetails(digest: Digest, { timeZone }: DigestMeta): readonly SlackMessage[] {
  const blocks = [
    ...detailed.flatMap((bucket) => blocksIn(bucket, toldIn(bucket, digest, timeZone))),
    ...unseenBlocks(elsewhereLines(digest, timeZone)),
  ];
  if (blocks.length === 0) return [];
  return splitMessages(`Details: ${sentenceOf(digest, timeZone)}`, [...blocks, commandsBlock(digest)]);
}

function blocksIn(bucket: Bucket, all: readonly Told[]): readonly AnyBlock[] {
  const others = all.slice(mostDetails);
  const listed = named.includes(bucket) ? others.slice(0, mostNamed) : [];
  const rest = others.length - listed.length;
  const lines = listed.map((one) => shorten(lineIn(bucket)(one), longestName));
  return [
    ...all.slice(0, mostDetails).map((one) => detailBlock(bucket, one)),
    ...listBlocks(`${headings[bucket]}, ${listed.length} more`, lines),
    ...(rest > 0 ? [contextOf(`${headings[bucket]}: ${rest} more, none worse than these.`)] : []),
  ];
}

function unseenBlocks(lines: readonly string[]): readonly AnyBlock[] {
  const shown = lines.slice(0, mostUnseen).map((one) => shorten(one, longestLine));
  const rest = lines.length - shown.length;
  return [...listBlocks('Not seen', shown), ...(rest > 0 ? [contextOf(`Not seen: ${rest} more.`)] : [])];
}

function listBlocks(heading: string, lines: readonly string[]): readonly AnyBlock[] {
  const parts = Array.from({ length: Math.ceil(lines.length / linesInBlock) }, (_, index) =>
    lines.slice(index * linesInBlock, (index + 1) * linesInBlock),
  );
  return parts.map((part, index) => linesBlock(index === 0 ? heading : `${heading}, continued`, part));
}

function detailBlock(bucket: Bucket, one: Told): AnyBlock {
  const { sentence, aside, why, next } = one;
  const lines = [
    ...(aside === '' ? [] : [aside]),
    ...why.map((reason) => `why: ${reason}`),
    ...(next === undefined ? [] : [`next: ${next}`]),
  ].map((text) => shorten(text, longestLine));
  return linesBlock(shorten(`${headings[bucket]}: ${signOf(bucket, one)}${sentence}`, 700), lines);
}

/** How to ask for all of it, as it is when somebody reads this. */
function commandsBlock({ asked }: Digest): AnyBlock {
  const commands = asked.map(({ topic, target: { cluster, namespace } }) =>
    ['/mesh', topic, ...(namespace === undefined ? [] : [namespace]), '--cluster', cluster].join(' '),
  );
  const shown = [...new Set(commands)].slice(0, mostCommands);
  const elements = shown.flatMap((command, index) => [
    { type: 'text' as const, text: index === 0 ? ' ' : ', ' },
    { type: 'text' as const, text: command, style: { code: true } },
  ]);
  return richText([{ type: 'rich_text_section', elements: [bold('All of it, as it is now:'), ...elements] }]);
}
