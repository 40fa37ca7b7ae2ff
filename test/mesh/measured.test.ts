import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { MeshView } from '../../src/mesh/mesh-view.ts';
import { all, view } from './view.ts';

/**
 * What real traffic through real sidecars did (test/cluster/reachability.py): `scenarios.json` has the configuration
 * of each seed and what was seen of every pair, for each Service port.
 */
interface Scenario {
  readonly seed: number;
  readonly config: Partial<MeshView>;
  /** By `client server` and port: `fails`, or `works` and what was on the wire where the server could tell. */
  readonly seen: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const base = read('mesh.json') as Partial<MeshView>;
const scenarios = read('scenarios.json') as readonly Scenario[];

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`measured/${name}`, import.meta.url), 'utf8'));
}

describe('measured on a real mesh', () => {
  for (const { seed, config, seen } of scenarios) {
    it(`seed ${seed}`, () => {
      const found = new Map(
        all(view({ ...base, ...config })).map(({ client, server, port, outcome, wire }) => {
          const pair = `${client.namespace}/${client.workload} ${server.namespace}/${server.workload}`;
          return [`${pair} ${port}`, outcome === 'works' ? `works ${wire}` : outcome];
        }),
      );
      for (const [pair, ports] of Object.entries(seen)) {
        for (const [port, fact] of Object.entries(ports)) {
          const foretold = found.get(`${pair} ${port}`) ?? 'missing';
          assert.ok(foretold === fact || foretold.startsWith(`${fact} `), `${pair} ${port}: ${fact}, not ${foretold}`);
        }
      }
    });
  }
});
