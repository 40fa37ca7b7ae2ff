import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fixes } from '../src/fixes/index.ts';
import { forwardRights, rightsIn } from '../src/rights.ts';
import { rightsOf } from '../src/worker-state.ts';
import { startReviewer } from './helpers/reviewer.ts';

const istio = {
  'security.istio.io': { v1: ['peerauthentications'] },
  'networking.istio.io': { v1: ['destinationrules'] },
};
const plans = ['get destinationrules.networking.istio.io', 'get peerauthentications.security.istio.io'];

describe('the rights of a worker', () => {
  it('include to get what fixes change: a right to list does not cover it', async () => {
    const { cluster } = await startReviewer(({ verb, name }) => verb === 'list' || name !== undefined, istio);
    const report = await rightsIn(cluster);
    assert.equal(report.complete, false);
    const lacked = report.rights.filter(({ state }) => state === 'missing');
    assert.deepEqual(
      lacked.map(({ verb, resource }) => `${verb} ${resource}`),
      plans,
    );
    assert.deepEqual(
      [...new Set(lacked.flatMap(({ fixes: ids = [] }) => ids))].toSorted(),
      fixes.map(({ id }) => id).filter((id) => id !== 'enable-user-workload-monitoring'),
    );
  });

  it('are told of plans only where fixes are on', async () => {
    const { cluster } = await startReviewer(({ verb, name }) => verb === 'list' || name !== undefined, istio);
    const lacks = async (on: boolean) => {
      const said = await rightsOf(cluster, { fixes: on });
      return said.status === 'known' ? said.lacks : assert.fail(said.why);
    };
    assert.deepEqual(await lacks(false), []);
    assert.deepEqual(
      (await lacks(true)).map(({ right }) => right),
      plans,
    );
    assert.ok((await lacks(true)).every(({ grant }) => /mesh-reader/.test(grant)));
  });

  it('to ask proxies are counted by namespace: both verbs, of at most twenty', async () => {
    const mayI = ({ namespace, verb }: { namespace?: string; verb: string }) =>
      namespace === 'bookinfo' || (namespace === 'payments' && verb === 'get');
    const { cluster, asked } = await startReviewer(mayI);
    const found = await forwardRights(cluster, ['bookinfo', 'payments', 'web']);
    assert.deepEqual([found?.held, found?.asked], [1, 3]);
    assert.match(found?.grant ?? '', /mesh-portforward/);
    assert.ok(asked.every(({ resource, subresource }) => resource === 'pods' && subresource === 'portforward'));
    const many = Array.from({ length: 50 }, (_, index) => `team-${index}`);
    assert.equal((await forwardRights(cluster, many))?.asked, 20);
    assert.equal(await forwardRights(cluster, []), undefined);
  });

  it('to ask proxies are held everywhere where they are held for the cluster', async () => {
    const { cluster, asked } = await startReviewer(({ namespace }) => namespace === undefined);
    const found = await forwardRights(cluster, ['bookinfo', 'payments']);
    assert.deepEqual([found?.held, found?.asked, asked.length], [2, 2, 2]);
  });
});
