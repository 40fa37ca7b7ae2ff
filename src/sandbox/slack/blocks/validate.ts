import { isJson, type Json, list, record, records, text } from '../json.ts';
import { SlackError } from '../slack-error.ts';
import { plainText } from './composition.ts';
import { homeBlock, messageBlock, modalBlock } from './kinds.ts';
import { type Check, flag, listOf, oneOf, type Problem, rule, shape, typed, words } from './shape.ts';

/** Undocumented, but there: all blocks of a message together. */
const mostCharacters = 13_200;
const mostTableCharacters = 10_000;
const mostMarkdown = 12_000;
const notShown = new Set(['type', 'block_id', 'action_id', 'style']);

const messageBlocks = listOf(messageBlock, 0, 50);

/** Why Slack would not take these blocks in a message. */
export function blockProblems(blocks: unknown): readonly Problem[] {
  return [...messageBlocks(blocks, '/blocks'), ...repeatedIds(records(blocks))];
}

/** Throws what `chat.postMessage` answers where it does not take the blocks. */
export function checkBlocks(blocks: readonly Json[]): void {
  const problems = blockProblems(blocks);
  if (problems.length > 0) throw invalidBlocks(problems);
  const nested = blocks.flatMap((block) => [block, ...records(block.child_blocks)]);
  const tables = nested.filter(({ type }) => type === 'table' || type === 'data_table');
  if (tables.length > 1) throw refusal('invalid_attachments', ['only_one_table_allowed']);
  if (tables.some(({ rows }) => charactersIn(rows) > mostTableCharacters)) {
    throw invalidBlocks([{ pointer: '/blocks', message: `a table has more than ${mostTableCharacters} characters` }]);
  }
  if (nested.filter(({ type }) => type === 'data_visualization').length > 2) {
    throw invalidBlocks([{ pointer: '/blocks', message: 'no more than 2 data_visualization blocks allowed' }]);
  }
  const markdown = nested.filter(({ type }) => type === 'markdown');
  if (charactersIn(markdown) > mostMarkdown) throw new SlackError('msg_blocks_too_long');
  if (charactersIn(blocks) > mostCharacters) throw new SlackError('msg_blocks_too_long');
}

export function charactersIn(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + charactersIn(item), 0);
  if (!isJson(value)) return 0;
  return Object.entries(value).reduce((sum, [key, part]) => sum + (notShown.has(key) ? 0 : charactersIn(part)), 0);
}

const inputNeedsSubmit = rule(
  'submit is required when there are input blocks',
  ({ blocks, submit }) => records(blocks).every(({ type }) => type !== 'input') || submit !== undefined,
);
const viewParts = {
  'private_metadata?': words(3_000, 0),
  'callback_id?': words(255, 0),
  'external_id?': words(255, 0),
};
const modal = shape(
  {
    ...viewParts,
    title: plainText(24),
    blocks: listOf(modalBlock, 0, 100),
    'submit?': plainText(24),
    'close?': plainText(24),
    'clear_on_close?': flag,
    'notify_on_close?': flag,
    'submit_disabled?': flag,
  },
  inputNeedsSubmit,
);
const view: Check = typed({ modal, home: shape({ ...viewParts, blocks: listOf(homeBlock, 0, 100) }) });

export function viewProblems(body: unknown): readonly Problem[] {
  return [...view(body, '/view'), ...repeatedIds(records(record(body).blocks), '/view/blocks')];
}

/** Throws what `views.*` answers where it does not take the view. */
export function checkView(body: unknown, type: 'modal' | 'home'): Json {
  if (!isJson(body)) throw new SlackError('invalid_arguments');
  const wrongType = oneOf(type)(body.type, '/view/type');
  const problems = [...wrongType, ...viewProblems(body)];
  if (problems.length > 0) throw refusal('invalid_arguments', problems.map(said));
  return body;
}

const suggestions = shape({ 'options?': listOf(option(), 0, 100), 'option_groups?': listOf(group(), 0, 100) });

/** Whether Slack would show these as the options of an external select. */
export function areOptions(body: unknown): boolean {
  return isJson(body) && (body.options ?? body.option_groups) !== undefined && suggestions(body, '').length === 0;
}

function option(): Check {
  return shape({ text: plainText(75), value: words(150), 'description?': plainText(75) });
}

function group(): Check {
  return shape({ label: plainText(75), options: listOf(option(), 0, 100) });
}

export function invalidBlocks(problems: readonly Problem[]): SlackError {
  return refusal('invalid_blocks', problems.map(said));
}

function refusal(code: string, messages: readonly string[]): SlackError {
  return new SlackError(code, {
    errors: messages,
    response_metadata: { messages: messages.map((message) => `[ERROR] ${message}`) },
  });
}

function said({ pointer, message }: Problem): string {
  return `${message} [json-pointer:${pointer}]`;
}

function repeatedIds(blocks: readonly Json[], at = '/blocks'): readonly Problem[] {
  const ids = blocks.map(({ block_id }) => text(block_id));
  return ids.flatMap((one, index) =>
    one !== '' && ids.indexOf(one) !== index
      ? [{ pointer: `${at}/${index}`, message: `block_id ${one} is already in use` }]
      : [],
  );
}

/** Blocks as they come in a call: nothing, a list of objects, or a mistake. */
export function readBlocks(value: unknown): readonly Json[] {
  if (value === undefined || value === null || value === '') return [];
  if (!Array.isArray(value) || !list(value).every(isJson)) throw new SlackError('invalid_blocks_format');
  return records(value);
}
