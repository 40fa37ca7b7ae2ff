import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  type AnyBlock,
  plainText,
  problemsOf,
  shorten,
  splitMessages,
  withinLimits,
} from '../../src/report/slack-message.ts';

const section = (text: string): AnyBlock => ({ type: 'section', text: { type: 'plain_text', text } }) as AnyBlock;
const table = (rows: number, columns: number, text: string): AnyBlock =>
  ({
    type: 'table',
    rows: Array.from({ length: rows }, (_, row) =>
      Array.from({ length: columns }, (_, column) => ({ type: 'raw_text', text: `${text}${row}.${column}` })),
    ),
  }) as AnyBlock;

describe('the limits of a Slack message', () => {
  it('name what Slack would refuse', () => {
    const cases: readonly (readonly [string, readonly AnyBlock[], RegExp])[] = [
      ['', [section('x')], /text is empty/],
      ['x'.repeat(4_001), [], /text has 4001/],
      ['x', Array.from({ length: 46 }, () => section('x')), /46 blocks/],
      ['x', [section('x'.repeat(3_001))], /section has 3001/],
      ['x', Array.from({ length: 5 }, () => section('x'.repeat(2_900))), /blocks take/],
      ['x', [table(2, 2, 'a'), table(2, 2, 'b')], /2 tables/],
      ['x', [table(101, 1, 'a')], /101 rows/],
      ['x', [table(1, 21, 'a')], /columns/],
      ['x', [table(50, 1, 'a'.repeat(300))], /table has/],
    ];
    for (const [text, blocks, problem] of cases) assert.match(problemsOf({ text, blocks }).join(), problem);
    assert.ok(withinLimits({ text: 'x', blocks: [section('x'), table(20, 5, 'cell ')] }));
  });

  it('are kept by splitting, whatever the blocks: nothing is lost, the order stays', () => {
    const block = fc.oneof(
      fc.integer({ min: 1, max: 3_000 }).map((length) => section('x'.repeat(length))),
      fc
        .tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 8 }), fc.integer({ min: 0, max: 60 }))
        .map(([rows, columns, length]) => table(rows, columns, 'y'.repeat(length))),
    );
    fc.assert(
      fc.property(fc.array(block, { maxLength: 60 }), (blocks) => {
        const messages = splitMessages('Verdict', blocks);
        for (const message of messages) assert.deepEqual(problemsOf(message), []);
        assert.equal(messages.length === 0, blocks.length === 0);
        assert.deepEqual(linesOf(messages.flatMap((message) => message.blocks)), linesOf(blocks));
      }),
      { numRuns: 60 },
    );
  });

  it('repeat the first row of a table that is cut', () => {
    const messages = splitMessages('Verdict', [table(150, 2, 'r')]);
    assert.ok(messages.length > 1);
    for (const { text, blocks } of messages) {
      assert.match(text, /\(\d of \d\)/);
      assert.match(plainText(blocks), /^r0\.0 \| r0\.1\n/);
    }
  });

  it('cut a text without breaking a character', () => {
    assert.equal(shorten('short', 10), 'short');
    assert.equal(shorten('a'.repeat(20), 10).length, 10);
    assert.ok(shorten('😀'.repeat(20), 10).isWellFormed());
  });

  it('leave the words of buttons out of plain text', () => {
    const actions = {
      type: 'actions',
      elements: [{ type: 'button', text: { type: 'plain_text', text: 'Ask again' } }],
    };
    assert.equal(plainText([section('one'), actions as AnyBlock, section('two')]), 'one\ntwo');
  });
});

/** Every row and section once: rows that were repeated as headings are left out. */
function linesOf(blocks: readonly AnyBlock[]): readonly string[] {
  return plainText(blocks)
    .split('\n')
    .filter((line) => !/^y*0\.0/.test(line));
}
