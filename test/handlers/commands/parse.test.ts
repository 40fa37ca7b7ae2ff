import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { commandText, parseCommand } from '../../../src/handlers/commands/parse.ts';
import { Suggestion } from '../../../src/handlers/commands/suggestion.ts';
import type { Vocabulary } from '../../../src/handlers/commands/vocabulary.ts';
import type { Command } from '../../../src/model/command.ts';
import { UsageError } from '../../../src/model/sources.ts';
import { fixes, one, refused, suggested, topics, two, understood } from './parse-cases.ts';

const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

describe('the grammar of /mesh', () => {
  for (const [typed, command] of understood) {
    it(`understands ${JSON.stringify(typed)}`, () => assert.deepEqual(parseCommand(typed, one), command));
  }

  for (const typed of refused) {
    it(`refuses ${JSON.stringify(typed.slice(0, 50))} with a sentence`, () => {
      const error = errorOf(typed, one);
      assert.ok(!(error instanceof Suggestion), 'nothing is suggested');
      assert.match(error.message, /^\S.{10,}[.?`]$/);
      assert.ok(error.message.length < 500, 'it is short');
    });
  }

  for (const [typed, command] of suggested) {
    it(`suggests ${command} for ${JSON.stringify(typed)}`, () => {
      const error = errorOf(typed, one);
      assert.ok(error instanceof Suggestion);
      assert.equal(error.command, command);
      assert.doesNotThrow(() => parseCommand(error.command, one));
    });
  }

  it('suggests nothing that would not be understood', () => {
    for (const typed of ['mtsl', 'mtsl a b', 'mtsl Bookinfo', 'mtsl bookinfo --cluster mars']) {
      assert.ok(!(errorOf(typed, one) instanceof Suggestion), typed);
    }
  });

  it('shows where a quote was left open', () => {
    assert.match(errorOf('mtls "bookinfo', one).message, /character 6/);
  });

  it('leaves an apostrophe inside a word alone', () => {
    assert.match(errorOf("mtls don't", one).message, /don't/);
  });

  it('takes a quoted word for a name, never for an option', () => {
    assert.match(errorOf('mtls "--cluster"', one).message, /--cluster/);
  });

  it('never lets what was typed end its own markup', () => {
    assert.doesNotMatch(errorOf('mtls `<!channel>`', one).message, /`[^`]*<!channel>[^`]*`[^`]*`$/);
    assert.equal(errorOf('mtls a`b', one).message.split('`').length % 2, 1);
  });

  it('means the default cluster, or asks which', () => {
    assert.deepEqual(parseCommand('mtls bookinfo', two), {
      kind: 'check',
      topic: 'mtls',
      target: { cluster: 'prod-eu', namespace: 'bookinfo' },
    });
    assert.throws(() => parseCommand('mtls bookinfo', { topics, fixes, clusters: two.clusters }), UsageError);
  });

  it('keeps the options in a suggestion', () => {
    const error = errorOf('mtsl bookinfo --cluster prod-us', two);
    assert.ok(error instanceof Suggestion);
    assert.equal(error.command, 'mtls bookinfo --cluster prod-us');
  });

  it('writes a command so that it reads the same again', () => {
    for (const typed of [
      'mtls bookinfo',
      'mtls bookinfo/reviews-v1 --from "web, jobs"',
      'mtls a --cluster prod-us',
      'help mtls',
      'fix',
      'fix enable-uwm --cluster prod-us',
      'fix require-mtls bookinfo',
      'fix align-rule bookinfo/reviews',
      'freeze',
      'freeze because it "burns',
      'unfreeze',
      'audit p7f3a09',
      'digest',
      'digest add "weekdays 9:00 Europe/Berlin" a b uwm mtls --cluster prod-us',
      'digest pause d41c9e02',
      'mute permissive a b until 2026-12-01 --cluster prod-us because it "burns',
      'mutes',
      'unmute m1a2b3c4',
    ]) {
      const command = parseCommand(typed, two);
      assert.deepEqual(parseCommand(commandText(command, two), two), command);
    }
  });

  it('never throws anything but a UsageError, and never lets a bad name through', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'mtls',
        'mtsl',
        'help',
        'fix',
        'freeze',
        'audit',
        'digest',
        'add',
        'daily 9:00',
        'mute',
        'permissive',
        'for',
        '7d',
        'because',
        'unmute',
        'require-mtls',
        'align-rule',
        'bookinfo',
        'bookinfo/reviews-v1',
        '--cluster',
        '--from',
        '"',
        '“',
        "'",
        '=',
        ',',
        '/',
        '<@U1|a>',
        '&lt;',
        ' ',
      ),
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.string({ unit: fc.constantFrom('a', 'B', '-', '.', '0', '_', '/', '"'), maxLength: 70 }),
    );
    const typed = fc
      .array(piece, { maxLength: 8 })
      .chain((pieces) => fc.constantFrom(pieces.join(' '), pieces.join('')));
    fc.assert(
      fc.property(typed, (text) => {
        const command = parsedOrUndefined(text);
        if (command?.kind === 'fix') assert.match(command.target.namespace ?? 'a', label);
        if (command?.kind !== 'check') return;
        const { namespace = '', workload, from = [] } = command.target;
        for (const name of [namespace, ...from]) assert.match(name, label);
        if (workload !== undefined) {
          assert.ok(workload.length <= 253);
          assert.match(workload, /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/);
        }
      }),
      { numRuns: 3_000 },
    );
  });
});

function parsedOrUndefined(text: string): Command | undefined {
  try {
    return parseCommand(text, one);
  } catch (error) {
    assert.ok(error instanceof UsageError, `${error}`);
    return undefined;
  }
}

function errorOf(typed: string, vocabulary: Vocabulary): UsageError {
  try {
    assert.fail(`understood as ${JSON.stringify(parseCommand(typed, vocabulary))}`);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
}
