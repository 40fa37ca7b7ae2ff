import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { useCluster } from './cluster.ts';

const cluster = await useCluster();
const script = 'test/cluster/reachability.py';

/** Configurations in which rules meet that are easily got wrong. Each is 36 pairs of client, server and port. */
const hardSeeds = [2, 6, 9, 18, 22, 41, 55, 66, 69, 84, 109, 127];

describe('what meshbot foretells of random configurations', {
  skip: !cluster.ours && 'sends traffic in the network of our own cluster',
}, () => {
  it('is what real traffic does, for every pair', async (t) => {
    await cluster.exec('python3', script, 'setup');
    const ask = `${process.execPath} src/cli.ts check mtls {namespace} --from alpha,beta,legacy -o json`;
    const tally: string[] = [];
    // A few at a time: one call of a program may take five minutes.
    for (let first = 0; first < hardSeeds.length; first += 4) {
      const seeds = hardSeeds.slice(first, first + 4).join(',');
      const said = await cluster.exec('python3', script, 'run', '--seeds', seeds, '--ask', ask);
      tally.push(...said.split('\n').filter((line) => line.startsWith('outcome: ')));
    }
    for (const line of tally) {
      t.diagnostic(line);
      assert.match(line, /^outcome: right \d+ \(100\.00 %\)$/);
    }
    assert.equal(tally.length, 3);
  });
});
