import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type LiveCluster, liveCluster } from '../../src/clients/kubernetes/live-cluster.ts';
import { rightsNeeded } from '../../src/collectors/rights.ts';
import { rightsOf } from '../../src/worker-state.ts';
import { useCluster } from './cluster.ts';

const cluster = await useCluster();
const namespace = await cluster.namespace('state');

/** A cluster as one sees it who holds this token. */
async function holding(token: string): Promise<LiveCluster> {
  const live = await liveCluster({ kubeconfig: await cluster.kubeconfigWith(token) });
  after(() => live.close());
  return live;
}

describe('what a worker says of its rights', () => {
  before(() => cluster.kubectl('create', 'serviceaccount', 'nobody', '-n', namespace));

  it('is what an admin has: all', async () => {
    const admin = await liveCluster({ kubeconfig: cluster.kubeconfig });
    after(() => admin.close());
    const said = await rightsOf(admin);
    assert.ok(said.status === 'known');
    assert.deepEqual(said.lacks, []);
  });

  it('is what an account without any has: none, each with what is not seen and what grants it', async () => {
    const token = (await cluster.kubectl('create', 'token', 'nobody', '-n', namespace)).trim();
    const said = await rightsOf(await holding(token));
    assert.ok(said.status === 'known');
    assert.equal(said.held, 0);
    assert.ok(said.lacks.length > 0 && said.lacks.length <= rightsNeeded().length);
    assert.ok(said.lacks.every(({ evidence, grant }) => evidence.length > 0 && /mesh-reader/.test(grant)));
  });

  it('is not known where the API server takes no credentials of ours', async () => {
    assert.equal((await rightsOf(await holding('no-token-at-all'))).status, 'unknown');
  });
});
