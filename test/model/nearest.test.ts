import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nearest } from '../../src/model/nearest.ts';
import { UsageError } from '../../src/model/sources.ts';
import { parseTarget } from '../../src/model/target.ts';

describe('nearest', () => {
  const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['mtsl', ['mtls', 'metrics'], ['mtls']],
    ['bokinfo', ['bookinfo', 'default', 'bookinfo-2'], ['bookinfo']],
    ['book', ['bookinfo', 'payments'], ['bookinfo']],
    ['xyz', ['bookinfo', 'payments'], []],
  ];
  for (const [word, candidates, expected] of cases) {
    it(`takes ${word} for ${expected.join(' or ') || 'nothing known'}`, () => {
      assert.deepEqual(nearest(word, candidates), expected);
    });
  }
});

describe('parseTarget', () => {
  it('reads a namespace, and a workload in it', () => {
    assert.deepEqual(parseTarget('bookinfo'), { namespace: 'bookinfo' });
    assert.deepEqual(parseTarget('bookinfo/reviews-v1'), { namespace: 'bookinfo', workload: 'reviews-v1' });
  });

  for (const typed of ['', 'Bookinfo', '-a', 'a/', 'a/b/c', 'a_b', `${'a'.repeat(64)}`, 'a;rm -rf']) {
    it(`refuses ${JSON.stringify(typed)}`, () => {
      assert.throws(() => parseTarget(typed), UsageError);
    });
  }
});
