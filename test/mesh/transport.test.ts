import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Protocol } from '../../src/mesh/protocol.ts';
import { type Door, passage, type Sent } from '../../src/mesh/transport.ts';

const modes = ['PERMISSIVE', 'STRICT', 'DISABLE', 'NONE'] as const satisfies readonly Door['mode'][];

/** For each way to open a connection and each protocol: PERMISSIVE, STRICT, DISABLE, no proxy. */
const table: readonly (readonly [Sent, Protocol, string])[] = [
  ['plaintext', 'http', 'works fails works works'],
  ['plaintext', 'tcp', 'works fails works works'],
  ['plaintext', 'auto', 'works fails works works'],
  ['plaintext', 'tls', 'works fails works works'],
  ['plaintext', 'banner', 'fails fails works works'],
  ['plaintext', 'auto-banner', 'fails fails fails works'],
  ['mtls', 'auto-banner', 'fails fails fails fails'],
  ['tunnel', 'http', 'works works works works'],
  ['mtls', 'http', 'works works fails fails'],
  ['mtls', 'tcp', 'works works fails fails'],
  ['mtls', 'auto', 'works works fails fails'],
  ['mtls', 'banner', 'works works fails fails'],
  // What the application serves no object says: only a proxy in its way surely refuses.
  ['tls', 'http', 'fails fails fails unknown'],
  ['tls', 'tcp', 'unknown fails unknown unknown'],
  ['tls', 'auto', 'unknown fails unknown unknown'],
  ['tls', 'tls', 'unknown fails unknown unknown'],
  ['tls', 'banner', 'fails fails fails fails'],
  ['tls', 'auto-banner', 'fails fails fails fails'],
  ['mutual', 'http', 'fails fails fails unknown'],
  ['mutual', 'tcp', 'unknown fails unknown unknown'],
  ['mutual', 'tls', 'unknown fails unknown unknown'],
];

describe('a connection at the server', () => {
  for (const [sent, protocol, expected] of table) {
    it(`${sent} to a port that carries ${protocol}`, () => {
      const outcomes = modes.map((mode) => passage(sent, { mode, protocol }).outcome);
      assert.equal(outcomes.join(' '), expected);
    });
  }
});
