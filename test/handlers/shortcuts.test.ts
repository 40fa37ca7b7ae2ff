import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { messageText } from '../../src/handlers/shortcuts/message-text.ts';
import { placeOfAlert } from '../../src/model/alert.ts';

const place = { namespace: 'bookinfo', workload: 'reviews-v1' };
const said = (text: string, style?: object) => ({ type: 'text', text, ...style });

describe('the text of a message', () => {
  for (const [what, message] of [
    ['plain words', { text: 'FIRING namespace: bookinfo, deployment: reviews-v1' }],
    [
      'the text of an attachment',
      { text: '', attachments: [{ text: '*namespace:* `bookinfo`\n*workload:* `reviews-v1`' }] },
    ],
    [
      'the fields of an attachment',
      {
        attachments: [
          {
            pretext: 'Firing',
            fields: [
              { title: 'namespace', value: 'bookinfo', short: true },
              { title: 'pod', value: 'reviews-v1-7d4c9f8b6d-x2x9z', short: true },
            ],
          },
        ],
      },
    ],
    [
      'sections with fields',
      {
        blocks: [
          {
            type: 'section',
            fields: [
              { type: 'mrkdwn', text: '*namespace:* bookinfo' },
              { type: 'mrkdwn', text: '*workload:* reviews-v1' },
            ],
          },
        ],
      },
    ],
    [
      'rich text in pieces',
      {
        blocks: [
          {
            type: 'rich_text',
            elements: [
              {
                type: 'rich_text_section',
                elements: [said('namespace', { style: { bold: true } }), said(': '), said('bookinfo')],
              },
              { type: 'rich_text_section', elements: [said('workload'), said('='), said('reviews-v1')] },
            ],
          },
        ],
      },
    ],
    [
      'blocks in an attachment',
      {
        attachments: [
          {
            blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'namespace="bookinfo" workload="reviews-v1"' } }],
          },
        ],
      },
    ],
  ] as const) {
    it(`holds ${what}`, () => assert.deepEqual(placeOfAlert(messageText(message), []), place));
  }

  it('is bounded, and never fails', () => {
    assert.ok(messageText({ text: 'x'.repeat(100_000) }).length <= 20_000);
    assert.equal(messageText({ text: null, blocks: [null, 1, []], attachments: 'a' }), 'a');
    assert.equal(messageText({}), '');
  });
});
