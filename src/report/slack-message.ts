import type { Block, KnownBlock, TableBlock } from '@slack/types';

export type AnyBlock = KnownBlock | Block;

/** What is sent to Slack. */
export interface SlackMessage {
  /** What a notification and a screen reader say: never empty. Plain words; whoever sends it escapes it. */
  readonly text: string;
  readonly blocks: readonly AnyBlock[];
  /** Of a reply: the channel sees it too. */
  readonly broadcast?: true;
}

/**
 * What one message may hold, a little below what Slack refuses. The size of all blocks together is undocumented:
 * Slack refuses somewhere above 13,200 characters and counts something for each container.
 */
export const limits = {
  blocks: 45,
  size: 12_000,
  text: 4_000,
  sectionText: 3_000,
  tables: 1,
  tableRows: 100,
  tableColumns: 20,
  tableText: 10_000,
} as const;

const container = 20;
const names = new Set(['type', 'block_id', 'action_id', 'style']);

/** How much of `limits.size` these blocks use: every character that is shown, and something for each object. */
export function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + sizeOf(item), 0);
  if (typeof value !== 'object' || value === null) return 0;
  let size = container;
  for (const [key, part] of Object.entries(value)) {
    if (!names.has(key)) size += sizeOf(part);
  }
  return size;
}

/** Why Slack would refuse the message, as sentences; empty when it would not. */
export function problemsOf({ text, blocks }: SlackMessage): readonly string[] {
  const problems: string[] = [];
  if (text.trim() === '') problems.push('the text is empty');
  if (text.length > limits.text) problems.push(`the text has ${text.length} characters`);
  if (blocks.length > limits.blocks) problems.push(`there are ${blocks.length} blocks`);
  const size = sizeOf(blocks);
  if (size > limits.size) problems.push(`the blocks take ${size} characters`);
  const tables = blocks.filter(isTable);
  if (tables.length > limits.tables) problems.push(`there are ${tables.length} tables`);
  for (const table of tables) problems.push(...tableProblems(table));
  for (const block of blocks) {
    const section = sectionText(block);
    if (section.length > limits.sectionText) problems.push(`a section has ${section.length} characters`);
  }
  return problems;
}

export function withinLimits(message: SlackMessage): boolean {
  return problemsOf(message).length === 0;
}

/** The message with as many of its items as Slack takes: `most`, or fewer, but never less than one. */
export function asManyAsFit<M extends SlackMessage>(most: number, make: (shown: number) => M): M {
  for (let shown = most; shown > 1; shown -= 1) {
    const message = make(shown);
    if (withinLimits(message)) return message;
  }
  return make(1);
}

/**
 * Spreads blocks over as many messages as they need, in order. A table that is too long is cut between rows and its
 * first row repeated; every other block stays whole. `text` goes with each, numbered where there are several.
 */
export function splitMessages(text: string, blocks: readonly AnyBlock[]): readonly SlackMessage[] {
  const messages: AnyBlock[][] = [];
  let current: AnyBlock[] = [];
  for (const block of blocks.flatMap((each): readonly AnyBlock[] => (isTable(each) ? cutTable(each) : [each]))) {
    if (current.length > 0 && !fits([...current, block])) {
      messages.push(current);
      current = [];
    }
    current.push(block);
  }
  if (current.length > 0) messages.push(current);
  const shown = shorten(text, limits.text - 20);
  return messages.map((part, index) => ({
    text: messages.length === 1 ? shown : `${shown} (${index + 1} of ${messages.length})`,
    blocks: part,
  }));
}

/** Everything the blocks say, one line per block: for a file, or where Slack refuses the blocks. */
export function plainText(blocks: readonly AnyBlock[]): string {
  return blocks
    .map((block) => (isTable(block) ? block.rows.map((row) => row.map(saidBy).join(' | ')).join('\n') : saidBy(block)))
    .filter((line) => line !== '')
    .join('\n');
}

/** Buttons are left out: what they do is lost with them. */
function saidBy(value: unknown): string {
  if (Array.isArray(value))
    return value
      .map(saidBy)
      .filter((part) => part !== '')
      .join(' ');
  if (typeof value !== 'object' || value === null) return '';
  if ('type' in value && (value.type === 'actions' || value.type === 'button')) return '';
  const own = 'text' in value && typeof value.text === 'string' ? [value.text] : [];
  return [...own, ...Object.values(value).map(saidBy)].filter((part) => part !== '').join(' ');
}

/** Cuts a text that is too long and says so; never in the middle of a character. */
export function shorten(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${Array.from(text.slice(0, max - 1))
    .join('')
    .replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** Text from a cluster or a person within Slack's markup. */
export function literal(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function fits(blocks: readonly AnyBlock[]): boolean {
  return (
    blocks.length <= limits.blocks && sizeOf(blocks) <= limits.size && blocks.filter(isTable).length <= limits.tables
  );
}

function isTable(block: AnyBlock): block is TableBlock {
  return block.type === 'table';
}

function tableProblems({ rows }: TableBlock): readonly string[] {
  const problems: string[] = [];
  if (rows.length > limits.tableRows) problems.push(`a table has ${rows.length} rows`);
  if (rows.some((row) => row.length > limits.tableColumns)) problems.push('a table has too many columns');
  const text = rows.flat().reduce((sum, cell) => sum + sizeOf(cell) - container, 0);
  if (text > limits.tableText) problems.push(`a table has ${text} characters`);
  return problems;
}

function cutTable(table: TableBlock): readonly TableBlock[] {
  const [header, ...rows] = table.rows;
  if (header === undefined || fitsAlone(table)) return [table];
  const tables: TableBlock[] = [];
  let part: TableBlock['rows'] = [header];
  for (const row of rows) {
    if (part.length > 1 && !fitsAlone({ ...table, rows: [...part, row] })) {
      tables.push({ ...table, rows: part });
      part = [header];
    }
    part.push(row);
  }
  return [...tables, { ...table, rows: part }];
}

/** With room left for a heading in the same message. */
function fitsAlone(table: TableBlock): boolean {
  return tableProblems(table).length === 0 && sizeOf(table) <= limits.size - 2_000;
}

function sectionText(block: AnyBlock): string {
  if (block.type !== 'section' || !('text' in block)) return '';
  const { text } = block;
  return typeof text === 'object' && text !== null && 'text' in text && typeof text.text === 'string' ? text.text : '';
}
