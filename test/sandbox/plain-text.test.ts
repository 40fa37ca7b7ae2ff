import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { plainText } from '../../src/sandbox/slack/index.ts';
import type { Json } from '../../src/sandbox/slack/json.ts';

const plain = (text: string) => ({ type: 'plain_text', text });
const section = (...elements: Json[]) => ({ type: 'rich_text_section', elements });
const words = (text: string) => ({ type: 'text', text });

const cases: readonly (readonly [string, Json, string])[] = [
  [
    'a section with fields and a button',
    { type: 'section', text: plain('a'), fields: [plain('b')], accessory: { type: 'button', text: plain('Go') } },
    'a\nb\nGo',
  ],
  [
    'actions',
    {
      type: 'actions',
      elements: [
        { type: 'button', text: plain('Go') },
        { type: 'static_select', placeholder: plain('Which') },
      ],
    },
    '[Go] [Which]',
  ],
  ['a context', { type: 'context', elements: [plain('a'), { type: 'image', alt_text: 'dot' }] }, 'a dot'],
  [
    'rich text',
    {
      type: 'rich_text',
      elements: [section(words('see '), { type: 'user', user_id: 'U1' }, { type: 'emoji', name: 'eyes' })],
    },
    'see <@U1>:eyes:',
  ],
  [
    'a list',
    {
      type: 'rich_text',
      elements: [{ type: 'rich_text_list', style: 'ordered', elements: [section(words('a')), section(words('b'))] }],
    },
    '1. a\n2. b',
  ],
  [
    'a table',
    {
      type: 'table',
      rows: [
        [
          { type: 'raw_text', text: 'n' },
          { type: 'rich_text', elements: [section(words('who'))] },
        ],
        [
          { type: 'raw_number', value: 3 },
          { type: 'raw_text', text: 'me' },
        ],
      ],
    },
    'n | who\n3 | me',
  ],
  [
    'a container',
    { type: 'container', title: plain('Evidence'), child_blocks: [{ type: 'section', text: plain('inside') }] },
    'Evidence\ninside',
  ],
  [
    'a plan',
    { type: 'plan', title: 'Looking', tasks: [{ type: 'task_card', task_id: 't', title: 'Read', status: 'complete' }] },
    'Looking\n[complete] Read',
  ],
  [
    'a chart',
    { type: 'data_visualization', title: 'Share', chart: { type: 'pie', segments: [{ label: 'mTLS', value: 9 }] } },
    'Share\nmTLS: 9',
  ],
  [
    'an input',
    { type: 'input', label: plain('Why'), element: { type: 'plain_text_input', placeholder: plain('because') } },
    'Why\nbecause',
  ],
  [
    'a card',
    {
      type: 'card',
      title: { type: 'mrkdwn', text: 'T' },
      body: { type: 'mrkdwn', text: 'B' },
      actions: [{ type: 'button', text: plain('Go') }],
    },
    'T\nB\nGo',
  ],
  ['markdown', { type: 'markdown', text: '# Hi' }, '# Hi'],
];

describe('plain text', () => {
  for (const [name, block, expected] of cases) {
    it(`of ${name}`, () => assert.equal(plainText({ text: 'fallback', blocks: [block] }), expected));
  }
  it('of a message without blocks is its text', () => assert.equal(plainText({ text: 'hello', blocks: [] }), 'hello'));
});
