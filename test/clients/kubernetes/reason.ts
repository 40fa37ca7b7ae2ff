import assert from 'node:assert/strict';
import type { MissingReason } from '../../../src/model/sources.ts';
import { SourceError } from '../../../src/model/sources.ts';

/** For `assert.rejects`: a SourceError of this reason, whose message and next step say these things and no secret. */
export function source(reason: MissingReason, ...says: readonly RegExp[]): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof SourceError, String(error));
    assert.equal(error.reason, reason, error.message);
    const text = `${error.message} ${error.next ?? ''}`;
    for (const one of says) assert.match(text, one);
    assert.doesNotMatch(text, /canary/);
    return true;
  };
}
