import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { userWorkloadMonitoring } from '../../src/checks/user-workload-monitoring.ts';
import { prometheus } from '../../src/clients/prometheus.ts';
import { collect } from '../../src/collectors/collect.ts';
import type { Cluster, Metrics, ResourceType } from '../../src/model/sources.ts';
import { runCheck as judgeCheck } from '../../src/topics/judge.ts';
import { clusterOf, withoutRight } from '../helpers/cluster.ts';
import { namespace } from '../helpers/manifests.ts';
import { openShift, rollout, userWorkload } from '../helpers/openshift.ts';
import { type Answer, recorded, stores, vector } from '../helpers/prometheus.ts';
import { outline, runCheck } from '../helpers/run-check.ts';

const config = 'openshift-monitoring/cluster-monitoring-config';
const ours = 'openshift-user-workload-monitoring';
const on = 'enableUserWorkload: true\n';
const endpoint = (of: string) => `--endpoint=dnssrv+_grpc._tcp.prometheus-operated.${of}.svc.cluster.local`;

type Case = readonly [name: string, manifests: readonly string[], expected: readonly string[]];

describe('user-workload-monitoring', () => {
  const cases: readonly Case[] = [
    ['on and healthy', [...openShift({ config: on }), ...userWorkload()], [`ok enabled ${config}`]],
    [
      'on by the ClusterMonitoring resource, without a word in the ConfigMap',
      [...openShift({ config: '# nothing\n', mode: 'NamespaceIsolated' }), ...userWorkload()],
      ['ok enabled cluster'],
    ],
    [
      'off by the ConfigMap, whose word comes first',
      openShift({ config: 'enableUserWorkload: false\n', mode: 'NamespaceIsolated' }),
      [`warning disabled ${config}`],
    ],
    ['off by default, without a ConfigMap', openShift(), [`warning disabled ${config}`]],
    ['off by the ClusterMonitoring resource', openShift({ mode: 'Disabled' }), ['warning disabled cluster']],
    [
      'off in a setting of another name',
      openShift({ config: 'userWorkload:\n  enableUserWorkload: true\n' }),
      [`warning disabled ${config}`],
    ],
    ['off where Red Hat runs it', openShift({ managed: true }), [`warning disabled-elsewhere ${config}`]],
    [
      'off by Hive',
      openShift({ config: '{}', labels: { 'hive.openshift.io/managed': 'true' } }),
      [`warning disabled-elsewhere ${config}`],
    ],
    ['without the key', openShift({ config: null }), [`error config-key-missing ${config}`]],
    ['with broken YAML', openShift({ config: 'a: "\n' }), [`error config-invalid ${config}`]],
    ['with a list', openShift({ config: '- a\n' }), [`error config-invalid ${config}`]],
    ['with two documents', openShift({ config: `${on}---\na: 1\n` }), [`error config-invalid ${config}`]],
    ['with text for true', openShift({ config: 'enableUserWorkload: "true"\n' }), [`error value-invalid ${config}`]],
    [
      'refused by the operator',
      [...openShift({ config: on, degraded: ['True', 'InvalidConfiguration'], available: 'False' }), ...userWorkload()],
      ['error config-rejected monitoring'],
    ],
    [
      'with an operator in trouble',
      [...openShift({ config: on, degraded: ['True', 'PlatformTasksFailed'] }), ...userWorkload()],
      ['error operator-degraded monitoring'],
    ],
    [
      'on, before anything came of it',
      openShift({ config: on }),
      [
        `warning rolling-out ${ours}/prometheus-user-workload`,
        `warning rolling-out ${ours}/thanos-ruler-user-workload`,
        `warning rolling-out ${ours}/user-workload`,
      ],
    ],
    [
      'on, while the operator is at work',
      [...openShift({ config: on, progressing: 'True' }), ...userWorkload()],
      ['warning rolling-out monitoring'],
    ],
    [
      'on, with conditions of an older Prometheus',
      [...openShift({ config: on }), ...userWorkload({ observed: 0 })],
      [`warning rolling-out ${ours}/user-workload`],
    ],
    [
      'on, with a pod that does not come up',
      [...openShift({ config: on }), ...userWorkload({ available: 'False', ready: 1 })],
      [`error not-ready ${ours}/prometheus-user-workload`, `error not-ready ${ours}/user-workload`],
    ],
    [
      'on, before the querier knows',
      [
        ...openShift({ config: on }).filter((one) => !one.includes('thanos-querier')),
        rollout('Deployment', 'openshift-monitoring/thanos-querier', 1),
        ...userWorkload(),
      ],
      ['warning rolling-out openshift-monitoring/thanos-querier'],
    ],
    [
      'on, before the querier is told of it',
      [
        ...openShift({ config: on }).filter((one) => !one.includes('thanos-querier')),
        rollout('Deployment', 'openshift-monitoring/thanos-querier', 2, [endpoint('openshift-monitoring')]),
        ...userWorkload(),
      ],
      ['warning rolling-out openshift-monitoring/thanos-querier'],
    ],
    [
      'on, with a querier that is told of it',
      [
        ...openShift({ config: on }).filter((one) => !one.includes('thanos-querier')),
        rollout('Deployment', 'openshift-monitoring/thanos-querier', 2, [
          endpoint('openshift-monitoring'),
          endpoint(ours),
        ]),
        ...userWorkload(),
      ],
      [`ok enabled ${config}`],
    ],
    ...['Available', 'Degraded', 'Progressing'].map(
      (silent): Case => [
        `on, without a word on whether the operator is ${silent}`,
        [...openShift({ config: on, silent: [silent] }), ...userWorkload()],
        ['unknown unseen of user workloads'],
      ],
    ),
  ];
  for (const [name, manifests, expected] of cases) {
    it(name, async () => assert.deepEqual(outline(await runCheck(userWorkloadMonitoring, manifests)), expected));
  }

  const spellings: readonly (readonly [string, string, string])[] = [
    ['4.16.9', 'enableUserWorkloads: true', `warning key-misspelt ${config}`],
    ['4.17.1', 'enableUserWorkloads: true', `warning key-misspelt ${config}`],
    ['4.18.0', 'enableUserWorkloads: true', `error config-invalid ${config}`],
    ['5.0.0', 'enableUserWorkloads: true', `error config-invalid ${config}`],
    ['4.18.0', 'enableuserworkload: true', `warning key-misspelt ${config}`],
    ['4.19.0', 'enableuserworkload: true', `error config-invalid ${config}`],
    ['4.16.9', 'a: 1\na: 2', `warning key-misspelt ${config}`],
    ['4.18.0', 'a: 1\na: 2', `error config-invalid ${config}`],
  ];
  for (const [version, text, expected] of spellings) {
    it(`${JSON.stringify(text)} in OpenShift ${version}`, async () => {
      assert.deepEqual(outline(await runCheck(userWorkloadMonitoring, openShift({ version, config: text }))), [
        expected,
      ]);
    });
  }

  it('proposes the fix where it is off, and nowhere else', async () => {
    const fixOf = async (manifests: readonly string[]) => (await runCheck(userWorkloadMonitoring, manifests))[0]?.fix;
    assert.deepEqual(await fixOf(openShift()), { fix: 'enable-user-workload-monitoring' });
    assert.equal(await fixOf(openShift({ managed: true })), undefined);
    assert.equal(await fixOf(openShift({ config: null })), undefined);
  });

  it('says so where this is no OpenShift', async () => {
    const plain: Cluster = { ...clusterOf(namespace('shop')), kind: 'live' };
    assert.deepEqual(await seenIn(plain), ['warning not-openshift version']);
  });

  it('cannot tell from files that leave out the cluster', async () => {
    assert.deepEqual(
      outline(await runCheck(userWorkloadMonitoring, [namespace('shop')])),
      ['unknown unseen of user workloads', `warning disabled ${config}`].toSorted(),
    );
  });

  const whole = clusterOf(...openShift({ config: on }), ...userWorkload());
  for (const plural of ['clusteroperators', 'prometheuses', 'statefulsets', 'deployments', 'configmaps']) {
    it(`is never ok without ${plural}`, async () => {
      const lacking = withoutRight(whole, (resource: ResourceType) => resource.plural === plural);
      const found = await seenIn(lacking);
      assert.ok(found.includes('unknown unseen of user workloads'), found.join());
      assert.ok(
        found.every((one) => !one.startsWith('ok ')),
        found.join(),
      );
    });
  }

  const platform = ['10.0.0.1:10901', 'openshift-monitoring/k8s'] as const;
  const user = (name: string, lastError?: string) => [name, `${ours}/user-workload`, lastError] as const;
  const asked: readonly (readonly [string, Answer, string])[] = [
    ['answers from both', stores(platform, user('a'), user('b')), `ok enabled ${config}`],
    ['does not know it yet', stores(platform), 'warning rolling-out openshift-monitoring/thanos-querier'],
    [
      'reaches none of it',
      stores(platform, user('a', 'no route')),
      'warning rolling-out openshift-monitoring/thanos-querier',
    ],
    [
      'reaches a part of it',
      stores(platform, user('a'), user('b', 'no route')),
      'error not-ready openshift-monitoring/thanos-querier',
    ],
    ['may not be asked', { status: 403, type: 'text/plain', body: 'Forbidden' }, 'unknown unseen of user workloads'],
    ['is of another cluster', stores(['10.9.9.9:10901', 'fleet/k8s']), `ok enabled ${config}`],
    ['is one Prometheus', { status: 404, type: 'text/plain', body: 'not found' }, `ok enabled ${config}`],
  ];
  for (const [name, answer, expected] of asked) {
    it(`judges by the querier's own stores where it ${name}`, async () => {
      const url = await recorded(({ endpoint }) => (endpoint === 'stores' ? answer : vector()));
      const metrics = prometheus({ url });
      after(() => metrics.close());
      assert.deepEqual(await seenIn(whole, metrics), [expected]);
    });
  }

  it('is missing as a whole where nothing may be read', async () => {
    assert.deepEqual(await seenIn(withoutRight(whole, () => true)), [
      'unknown evidence-missing user-workload-monitoring',
    ]);
  });

  it('needs the version only where a key is in doubt', async () => {
    const blind = (text: string) =>
      withoutRight(clusterOf(...openShift({ config: text })), ({ plural }) => plural === 'clusterversions');
    assert.deepEqual(await seenIn(blind('enableuserworkload: true')), ['unknown unseen of user workloads']);
    assert.deepEqual(await seenIn(blind('a: 1')), [`warning disabled ${config}`]);
  });

  it('keeps nothing of the text but the switch', async () => {
    const text = 'prometheusK8s:\n  remoteWrite:\n  - url: https://canary.example.com\n# canary\nbroken: "canary\n';
    const snapshot = await snapshotOf(clusterOf(...openShift({ config: text })));
    assert.ok(!JSON.stringify(snapshot).includes('canary'));
  });
});

function snapshotOf(cluster: Cluster, metrics?: Metrics) {
  const sources = { cluster, ...(metrics !== undefined && { metrics }) };
  return collect(['userWorkloadMonitoring'], sources, { cluster: 'test' }, { signal: AbortSignal.timeout(5_000) });
}

async function seenIn(cluster: Cluster, metrics?: Metrics): Promise<readonly string[]> {
  return outline(judgeCheck(userWorkloadMonitoring, await snapshotOf(cluster, metrics)));
}
