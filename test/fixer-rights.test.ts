import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fixRights, rightsAsker } from '../src/fixer-rights.ts';
import { fixes } from '../src/fixes/index.ts';
import type { FixRule, Policy } from '../src/model/policy.ts';
import { policyWith } from './helpers/fixer.ts';
import { type Asked, startReviewer } from './helpers/reviewer.ts';

const openShift = { 'config.openshift.io': { v1: ['clusterversions'] } };

async function ask(
  rule: Partial<FixRule>,
  mayI: (asked: Asked) => boolean,
  { namespaces = [], groups = {} }: { namespaces?: readonly string[]; groups?: typeof openShift | object } = {},
) {
  const { cluster, asked } = await startReviewer(mayI, groups as typeof openShift);
  const policy: Policy = policyWith(rule);
  return { found: await fixRights(rightsAsker(cluster), { cluster: 'prod', fixes, policy, namespaces }), asked };
}

const anything = () => true;
const nothing = () => false;

describe('the rights of a fixer', () => {
  it('are asked about where the policy names a namespace, verb by verb', async () => {
    const rule = { fixes: ['require-mtls'], namespaces: ['bookinfo'] };
    const { found, asked } = await ask(rule, ({ verb }) => verb !== 'patch');
    assert.deepEqual(
      asked.map(({ verb, resource, namespace }) => `${verb} ${resource} ${namespace}`).toSorted(),
      ['create', 'delete', 'get', 'patch'].map((verb) => `${verb} peerauthentications bookinfo`),
    );
    const [{ fix, grant, lacks, asked: places } = assert.fail()] = found;
    assert.deepEqual([fix, places, found.length], ['require-mtls', 1, 1]);
    assert.match(grant, /-n NAMESPACE -k deploy\/fixes\/require-mtls$/);
    const rights = ['patch peerauthentications.security.istio.io'];
    assert.deepEqual(lacks, [{ namespace: 'bookinfo', rights, isNamed: true }]);
  });

  it('are asked about in the namespaces that are known, where the policy has a *', async () => {
    const rule = { fixes: ['require-mtls'], namespaces: ['team-*'] };
    const mayI = ({ namespace }: Asked) => namespace === 'team-a';
    const [one] = (await ask(rule, mayI, { namespaces: ['team-b', 'kube-system', 'team-a'] })).found;
    assert.equal(one?.asked, 2);
    assert.deepEqual(
      one?.lacks.map(({ namespace, isNamed }) => [namespace, isNamed]),
      [['team-b', false]],
    );
  });

  it('are asked about in twenty namespaces at most, and it is told how many are left', async () => {
    const namespaces = Array.from({ length: 50 }, (_, index) => `team-${index}`);
    const { found, asked } = await ask({ fixes: ['require-mtls'] }, anything, { namespaces });
    assert.deepEqual([found[0]?.asked, found[0]?.notAsked, asked.length], [20, 30, 80]);
  });

  it('are none where no namespace is known', async () => {
    const [one] = (await ask({ fixes: ['require-mtls'] }, nothing)).found;
    assert.deepEqual([one?.asked, one?.notAsked, one?.lacks], [0, 0, []]);
  });

  it('are none of a fix that the policy allows nowhere here', async () => {
    assert.deepEqual((await ask({ clusters: ['staging'] }, nothing)).found, []);
    const twice = { fixes: ['require-mtls'], namespaces: ['bookinfo'] };
    assert.deepEqual(
      (await ask(twice, nothing, { groups: openShift })).found.map(({ fix }) => fix),
      ['require-mtls'],
    );
  });

  it('of a fix for OpenShift are asked about only there', async () => {
    const rule = { fixes: ['enable-user-workload-monitoring'] };
    assert.deepEqual((await ask(rule, nothing)).found, []);
    const { found, asked } = await ask(rule, nothing, { groups: openShift });
    assert.deepEqual(
      asked.map(({ verb, namespace, name }) => `${verb} ${namespace}/${name}`).toSorted(),
      ['create', 'get', 'patch'].map((verb) => `${verb} openshift-monitoring/cluster-monitoring-config`),
    );
    const rights = ['get configmaps', 'patch configmaps', 'create configmaps'];
    assert.deepEqual(found[0]?.lacks, [{ rights, isNamed: true }]);
    assert.match(found[0]?.grant ?? '', /apply -k deploy\/fixes\/enable-user-workload-monitoring$/);
  });
});
