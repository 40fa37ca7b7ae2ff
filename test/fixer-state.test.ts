import assert from 'node:assert/strict';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { readPolicy } from '../src/clients/files/policy.ts';
import { rightsAsker } from '../src/fixer-rights.ts';
import { type FixerStateSettings, tellFixerState } from '../src/fixer-state.ts';
import { fixes } from '../src/fixes/index.ts';
import { loadFixerState } from '../src/jobs/fixer-state.ts';
import type { FixerState } from '../src/model/fixer-state.ts';
import { SourceError } from '../src/model/sources.ts';
import { release } from '../src/release.ts';
import { folderOf } from './clients/files/folder.ts';
import { fixerBench, policy } from './helpers/fixer.ts';
import { startReviewer } from './helpers/reviewer.ts';
import { waitFor } from './helpers/wait.ts';

const bench = fixerBench();
const running: (() => void)[] = [];
after(() => {
  for (const stop of running) stop();
});

/** What a fixer says first. */
async function said(changes: Partial<FixerStateSettings> = {}): Promise<FixerState> {
  const settings = { redis: bench.redis, cluster: 'prod', fixes, policy: () => policy, log: bench.log.log };
  const writer = { frozen: async () => undefined };
  running.push(tellFixerState({ ...settings, writer, looksAtFreeze: true, asker: undefined, ...changes }));
  const load = () => loadFixerState(bench.redis, 'prod');
  await waitFor(async () => (await load()) !== undefined);
  return (await load()) ?? assert.fail();
}

describe('what a fixer says of itself', () => {
  it('is its version, its policy, and that changes go on; no rights where there is nobody to ask', async () => {
    const state = await said();
    assert.equal(state.release, release());
    assert.deepEqual(state.policy, { status: 'known', value: policy.hash });
    assert.deepEqual(state.freeze, { status: 'known', value: {} });
    assert.equal(state.rights, undefined);
  });

  it('is that it looks at no ConfigMap, where none is named', async () => {
    assert.equal((await said({ looksAtFreeze: false })).freeze, undefined);
  });

  it('is why changes are stopped, and why that cannot be seen', async () => {
    const { freeze } = await said({ writer: { frozen: async () => 'a release' } });
    assert.deepEqual(freeze, { status: 'known', value: { because: 'a release' } });
    await bench.redis.flushall();
    const refused = async () => Promise.reject(new SourceError('forbidden', 'I may not.', { next: 'Apply it.' }));
    assert.deepEqual((await said({ writer: { frozen: refused } })).freeze, {
      status: 'unknown',
      why: 'I may not. Apply it.',
    });
  });

  it('is why its policy cannot be followed', async () => {
    const file = path.join(folderOf({ 'policy.yaml': 'broken: [' }), 'policy.yaml');
    const state = await said({ policy: () => readPolicy(file, []) });
    assert.equal(state.policy.status, 'unknown');
  });

  it('is which rights it lacks for what the policy allows', async () => {
    const { cluster } = await startReviewer(() => false);
    await bench.redis.set('meshbot:names:prod', JSON.stringify(['bookinfo']));
    const { rights } = await said({ asker: rightsAsker(cluster) });
    assert.ok(rights?.status === 'known');
    assert.deepEqual(
      rights.value.map(({ fix, lacks }) => [fix, lacks.map(({ namespace }) => namespace)]),
      [
        ['align-destination-rule-tls', ['bookinfo']],
        ['require-mtls', ['bookinfo']],
      ],
    );
  });
});
