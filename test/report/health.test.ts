import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Health, healthWords, isWell } from '../../src/report/health.ts';

const calm: Health = { error: 0, warning: 0, unknown: 0, muted: 0, gaps: 0, beyond: 0 };

describe('the health of a namespace', () => {
  it('is well where nothing is wrong, unknown or muted, and all was seen', () => {
    assert.equal(healthWords(calm), 'all well');
    for (const key of ['error', 'warning', 'unknown', 'muted'] as const) {
      const one = { ...calm, [key]: 1 };
      assert.equal(isWell(one), false, key);
      assert.doesNotMatch(healthWords(one), /well/, key);
    }
    assert.doesNotMatch(healthWords({ ...calm, gaps: 1 }), /all well/);
    assert.doesNotMatch(healthWords({ ...calm, beyond: 1 }), /all well/);
  });
});
