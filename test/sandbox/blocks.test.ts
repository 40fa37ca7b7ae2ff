import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { WebAPIPlatformError } from '@slack/web-api';
import { charactersIn, checkBlocks, checkView } from '../../src/sandbox/slack/blocks/validate.ts';
import { type FakeSlack, startFakeSlack } from '../../src/sandbox/slack/index.ts';
import type { Json } from '../../src/sandbox/slack/json.ts';
import { SlackError } from '../../src/sandbox/slack/slack-error.ts';
import { channelOf } from '../../src/sandbox/slack/workspace.ts';
import { clientOf } from './bolt-app.ts';

const plain = (length: number, letter = 'x') => ({ type: 'plain_text', text: letter.repeat(length) });
const mrkdwn = (length: number) => ({ type: 'mrkdwn', text: 'x'.repeat(length) });
const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const section = (length: number) => ({ type: 'section', text: mrkdwn(length) });
const button = (more: Json = {}) => ({ type: 'button', text: plain(3), ...more });
const actions = (...elements: Json[]) => ({ type: 'actions', elements });
const select = (more: Json) => ({ type: 'static_select', action_id: 's', ...more });
const option = (length = 3, value = 3) => ({ text: plain(length), value: 'v'.repeat(value) });
const rich = (...elements: Json[]) => ({ type: 'rich_text', elements });
const said = (text: string) => ({ type: 'rich_text_section', elements: [{ type: 'text', text }] });
const cell = (length = 1) => ({ type: 'raw_text', text: 'x'.repeat(length) });
const table = (rows: number, columns: number, length = 1) => ({
  type: 'table',
  rows: many(rows, () => many(columns, () => cell(length))),
});
const container = (...child_blocks: Json[]) => ({ type: 'container', title: plain(5), child_blocks });
const task = (more: Json = {}) => ({
  type: 'task_card',
  task_id: 't1',
  title: 'Read proxies',
  status: 'complete',
  ...more,
});
const point = (label: string) => ({ label, value: 1 });
const chart = (series: number, title = 5) => ({
  type: 'data_visualization',
  title: 'x'.repeat(title),
  chart: {
    type: 'line',
    series: many(series, (index) => ({ name: `s${index}`, data: [point('Mon')] })),
    axis_config: { categories: ['Mon'] },
  },
});
const pie = (segments: number) => ({
  type: 'data_visualization',
  title: 'Share',
  chart: { type: 'pie', segments: many(segments, (index) => point(`p${index}`)) },
});
const dataTable = (rows: number) => ({ ...table(rows, 2), type: 'data_table', caption: 'Connections' });
const confirm = (length: number) => ({ title: plain(5), text: plain(length), confirm: plain(3), deny: plain(2) });

/** Blocks that Slack takes as they are, and does not take with one thing more. */
const limits: readonly (readonly [string, readonly Json[], readonly Json[]])[] = [
  ['50 blocks', many(50, () => ({ type: 'divider' })), many(51, () => ({ type: 'divider' }))],
  ['a section of 3000', [section(3_000)], [section(3_001)]],
  ['an empty section', [section(1)], [section(0)]],
  [
    '10 fields',
    [{ type: 'section', fields: many(10, () => mrkdwn(9)) }],
    [{ type: 'section', fields: many(11, () => mrkdwn(9)) }],
  ],
  ['a field of 2000', [{ type: 'section', fields: [mrkdwn(2_000)] }], [{ type: 'section', fields: [mrkdwn(2_001)] }]],
  ['a header of 150', [{ type: 'header', text: plain(150) }], [{ type: 'header', text: plain(151) }]],
  ['a plain header', [{ type: 'header', text: plain(9) }], [{ type: 'header', text: mrkdwn(9) }]],
  [
    '10 in a context',
    [{ type: 'context', elements: many(10, () => mrkdwn(9)) }],
    [{ type: 'context', elements: many(11, () => mrkdwn(9)) }],
  ],
  ['25 buttons', [actions(...many(25, () => button()))], [actions(...many(26, () => button()))]],
  ['a label of 75', [actions(button({ text: plain(75) }))], [actions(button({ text: plain(76) }))]],
  ['a value of 2000', [actions(button({ value: 'x'.repeat(2_000) }))], [actions(button({ value: 'x'.repeat(2_001) }))]],
  ['an address', [actions(button({ url: 'https://example.com' }))], [actions(button({ url: 'no address' }))]],
  [
    'an action_id of 255',
    [actions(button({ action_id: 'x'.repeat(255) }))],
    [actions(button({ action_id: 'x'.repeat(256) }))],
  ],
  [
    'action_ids once',
    [actions(button({ action_id: 'a' }), button({ action_id: 'b' }))],
    [actions(button({ action_id: 'a' }), button({ action_id: 'a' }))],
  ],
  [
    'a block_id of 255',
    [{ type: 'divider', block_id: 'x'.repeat(255) }],
    [{ type: 'divider', block_id: 'x'.repeat(256) }],
  ],
  [
    'block_ids once',
    [
      { type: 'divider', block_id: 'a' },
      { type: 'divider', block_id: 'b' },
    ],
    [
      { type: 'divider', block_id: 'a' },
      { type: 'divider', block_id: 'a' },
    ],
  ],
  ['a style', [actions(button({ style: 'danger' }))], [actions(button({ style: 'big' }))]],
  ['known properties', [actions(button())], [actions(button({ color: 'red' }))]],
  ['a question of 300', [actions(button({ confirm: confirm(300) }))], [actions(button({ confirm: confirm(301) }))]],
  [
    '100 options',
    [actions(select({ options: many(100, () => option()) }))],
    [actions(select({ options: many(101, () => option()) }))],
  ],
  ['an option of 75', [actions(select({ options: [option(75)] }))], [actions(select({ options: [option(76)] }))]],
  [
    'an option value of 150',
    [actions(select({ options: [option(3, 150)] }))],
    [actions(select({ options: [option(3, 151)] }))],
  ],
  [
    'options or groups',
    [actions(select({ option_groups: [{ label: plain(3), options: [option()] }] }))],
    [actions(select({}))],
  ],
  [
    '5 in an overflow',
    [actions({ type: 'overflow', options: many(5, () => option()) })],
    [actions({ type: 'overflow', options: many(6, () => option()) })],
  ],
  ['rich text', [rich(said('x'))], [rich(said(''))]],
  ['a rich text section with something', [rich(said('x'))], [rich({ type: 'rich_text_section', elements: [] })]],
  [
    'markdown of 12000',
    [{ type: 'markdown', text: 'x'.repeat(12_000) }],
    [{ type: 'markdown', text: 'x'.repeat(12_001) }],
  ],
  ['100 rows', [table(100, 2)], [table(101, 2)]],
  ['20 columns', [table(2, 20)], [table(2, 21)]],
  ['cells with something', [table(2, 2)], [table(2, 2, 0)]],
  ['even rows', [table(2, 2)], [{ type: 'table', rows: [[cell()], [cell(), cell()]] }]],
  ['10000 characters in a table', [table(10, 10, 100)], [table(10, 10, 101)]],
  ['a data_table of 2 rows', [dataTable(2)], [dataTable(1)]],
  ['10 blocks in a container', [container(...many(10, () => section(9)))], [container(...many(11, () => section(9)))]],
  ['no container in a container', [container(section(9))], [container(container(section(9)))]],
  ['a card with a body of 200', [{ type: 'card', body: mrkdwn(200) }], [{ type: 'card', body: mrkdwn(201) }]],
  ['a card with something', [{ type: 'card', title: mrkdwn(9) }], [{ type: 'card', subtitle: mrkdwn(9) }]],
  [
    '10 cards',
    [{ type: 'carousel', elements: many(10, () => ({ type: 'card', title: mrkdwn(9) })) }],
    [{ type: 'carousel', elements: many(11, () => ({ type: 'card', title: mrkdwn(9) })) }],
  ],
  [
    'a plan of tasks',
    [{ type: 'plan', title: 'Looking', tasks: [task()] }],
    [{ type: 'plan', title: 'Looking', tasks: [task({ status: 'done' })] }],
  ],
  ['details in rich text', [task({ details: rich(said('9 of 14')) })], [task({ details: '9 of 14' })]],
  ['6 series', [chart(6)], [chart(7)]],
  ['a chart title of 50', [chart(1, 50)], [chart(1, 51)]],
  ['2 charts', [chart(1), pie(12)], [chart(1), pie(1), pie(2)]],
  ['12 segments', [pie(12)], [pie(13)]],
  ['known blocks', [section(9)], [{ type: 'marquee' }]],
  ['no alerts in messages', [section(9)], [{ type: 'alert', text: plain(9) }]],
  [
    'an image with words',
    [{ type: 'image', alt_text: 'a', image_url: 'https://example.com/a.png' }],
    [{ type: 'image', image_url: 'https://example.com/a.png' }],
  ],
];

/** The error code, or `ok`. */
function codeOf(check: () => unknown): string {
  try {
    check();
    return 'ok';
  } catch (error) {
    if (error instanceof SlackError) return error.code;
    throw error;
  }
}

describe('blocks in a message', () => {
  for (const [name, good, bad] of limits) {
    it(`${name}, and no more`, () => {
      assert.equal(
        codeOf(() => checkBlocks(good)),
        'ok',
        JSON.stringify(good).slice(0, 200),
      );
      assert.equal(
        codeOf(() => checkBlocks(bad)),
        'invalid_blocks',
      );
    });
  }

  it('have one table in all, wherever it is', () => {
    assert.equal(
      codeOf(() => checkBlocks([table(2, 2), section(9)])),
      'ok',
    );
    assert.equal(
      codeOf(() => checkBlocks([table(2, 2), table(2, 2)])),
      'invalid_attachments',
    );
    assert.equal(
      codeOf(() => checkBlocks([table(2, 2), container(table(2, 2))])),
      'invalid_attachments',
    );
    assert.equal(
      codeOf(() => checkBlocks([table(2, 2), dataTable(2)])),
      'invalid_attachments',
    );
  });

  it('have at most 13200 characters together', () => {
    const blocks = [...many(4, () => section(3_000)), section(1_200)];
    assert.equal(charactersIn(blocks), 13_200);
    assert.equal(
      codeOf(() => checkBlocks(blocks)),
      'ok',
    );
    assert.equal(
      codeOf(() => checkBlocks([...blocks, section(1)])),
      'msg_blocks_too_long',
    );
  });
});

describe('views', () => {
  const modal = (more: Json = {}) => ({ type: 'modal', title: plain(5), blocks: [section(9)], ...more });
  const input = { type: 'input', label: plain(5), element: { type: 'plain_text_input', action_id: 'a' } };
  const cases: readonly (readonly [string, Json, Json])[] = [
    ['100 blocks', modal({ blocks: many(100, () => section(9)) }), modal({ blocks: many(101, () => section(9)) })],
    ['a title of 24', modal({ title: plain(24) }), modal({ title: plain(25) })],
    ['a button of 24', modal({ submit: plain(24) }), modal({ submit: plain(25) })],
    [
      'metadata of 3000',
      modal({ private_metadata: 'x'.repeat(3_000) }),
      modal({ private_metadata: 'x'.repeat(3_001) }),
    ],
    ['a callback_id of 255', modal({ callback_id: 'x'.repeat(255) }), modal({ callback_id: 'x'.repeat(256) })],
    ['a button under inputs', modal({ blocks: [input], submit: plain(4) }), modal({ blocks: [input] })],
    [
      'alerts',
      modal({ blocks: [{ type: 'alert', text: plain(200), level: 'warning' }] }),
      modal({ blocks: [{ type: 'alert', text: plain(201) }] }),
    ],
    ['no tables', modal(), modal({ blocks: [table(2, 2)] })],
  ];
  for (const [name, good, bad] of cases) {
    it(`have ${name}, and no more`, () => {
      assert.equal(
        codeOf(() => checkView(good, 'modal')),
        'ok',
      );
      assert.equal(
        codeOf(() => checkView(bad, 'modal')),
        'invalid_arguments',
      );
    });
  }
});

describe('blocks that are refused', () => {
  let slack: FakeSlack;
  before(async () => {
    slack = await startFakeSlack();
  });
  after(() => slack.close());

  it('are pointed at', async () => {
    const client = clientOf(slack);
    const channel = channelOf(slack.workspace, '#mesh').id;
    const blocks = [section(5), actions(button({ text: plain(76) }))];
    await assert.rejects(client.chat.postMessage({ channel, text: 'x', blocks: blocks as never }), (error: unknown) => {
      assert.ok(error instanceof WebAPIPlatformError);
      assert.equal(error.data.error, 'invalid_blocks');
      assert.match(
        String(error.data.response_metadata?.messages?.[0]),
        /json-pointer:\/blocks\/1\/elements\/0\/text\/text/,
      );
      return true;
    });
    const verdict = (args: Json) =>
      client.apiCall('blocks.validate', args).then(
        () => 'ok',
        (error) => error.data.error,
      );
    assert.equal(await verdict({ blocks }), 'invalid_blocks');
    assert.equal(await verdict({ blocks: [section(5)] }), 'ok');
    assert.equal(await verdict({ message: { blocks: [section(5)] } }), 'ok');
    assert.equal(await verdict({ view: { type: 'modal', title: plain(25), blocks: [] } }), 'invalid_blocks');
  });
});
