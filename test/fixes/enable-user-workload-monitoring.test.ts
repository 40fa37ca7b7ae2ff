import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { collect } from '../../src/collectors/collect.ts';
import { enableUserWorkloadMonitoring as fix } from '../../src/fixes/enable-user-workload-monitoring.ts';
import { planOf } from '../../src/fixes/plan.ts';
import type { EvidenceByKind } from '../../src/model/evidence.ts';
import { isRefusal } from '../../src/model/fix.ts';
import type { UserWorkloadMonitoring } from '../../src/model/monitoring.ts';
import { resources } from '../../src/model/resources.ts';
import type { Cluster, KubeObject } from '../../src/model/sources.ts';
import { judge } from '../../src/topics/judge.ts';
import { uwm } from '../../src/topics/uwm.ts';
import { clusterOf, withoutRight } from '../helpers/cluster.ts';
import { namespace } from '../helpers/manifests.ts';
import { openShift, prometheus, userWorkload } from '../helpers/openshift.ts';

const target = { cluster: 'prod' };
const moment = { takenAt: '2026-11-25T12:00:00Z' };
const off = 'enableUserWorkload: false\n';
const on = 'enableUserWorkload: true\n';

describe('enable-user-workload-monitoring', () => {
  const refusals: readonly (readonly [string, Cluster])[] = [
    ['where it is on', clusterOf(...openShift({ config: on }))],
    ['where it is on by the ClusterMonitoring resource', clusterOf(...openShift({ mode: 'NamespaceIsolated' }))],
    ['outside OpenShift', { ...clusterOf(namespace('shop')), kind: 'live' }],
    ['where Red Hat runs it', clusterOf(...openShift({ config: off, managed: true }))],
    ['where Hive sets it', clusterOf(...openShift({ config: off, labels: { 'hive.openshift.io/managed': 'true' } }))],
    ['during an upgrade', clusterOf(...openShift({ config: off, upgrading: 'True' }))],
    ['while the operator is at work', clusterOf(...openShift({ config: off, progressing: 'True' }))],
    ['while the operator is degraded', clusterOf(...openShift({ config: off, degraded: ['True', 'X'] }))],
    ['while the operator is not available', clusterOf(...openShift({ config: off, available: 'False' }))],
    ['while the operator does not say how it is', clusterOf(...openShift({ config: off, silent: ['Degraded'] }))],
    ['with broken YAML', clusterOf(...openShift({ config: 'a: "\n' }))],
    ['with two documents', clusterOf(...openShift({ config: `${off}---\n` }))],
    ['with a value that is neither', clusterOf(...openShift({ config: 'enableUserWorkload: maybe\n' }))],
    ['with a misspelt key', clusterOf(...openShift({ version: '4.16.1', config: 'enableUserWorkloads: true\n' }))],
    ...['configmaps', 'clusteroperators', 'clusterversions'].map(
      (plural) => [`without ${plural}`, blindTo(plural)] as const,
    ),
  ];
  for (const [where, cluster] of refusals) {
    it(`refuses ${where}`, async () => {
      const chosen = fix.choose(await evidenceOf(cluster), target, moment);
      assert.ok(isRefusal(chosen), JSON.stringify(chosen));
      assert.match(chosen.refused, /^\S.*\.$/);
    });
  }

  it('chooses the one ConfigMap, at high risk, without doubts where all was seen', async () => {
    const chosen = await choiceIn(clusterOf(...openShift({ config: off })));
    const { namespace: place, name, risk, doubts } = chosen;
    assert.deepEqual(
      { place, name, risk, doubts },
      { place: 'openshift-monitoring', name: 'cluster-monitoring-config', risk: 'high', doubts: [] },
    );
  });

  const doubts: readonly (readonly [string, Cluster, RegExp])[] = [
    ['another Prometheus', clusterOf(...openShift({ config: off }), prometheus('tools/mine')), /tools\/mine/],
    ['too few nodes', clusterOf(...openShift({ config: off, nodes: 1 })), /nodes/],
    ['a hosted control plane', clusterOf(...openShift({ config: off, topology: 'External' })), /control plane/],
    ['a version without validation', clusterOf(...openShift({ config: off, version: '4.17.3' })), /check/],
    [
      'validation switched off',
      clusterOf(
        ...openShift({ config: off, labels: { 'monitoringconfigmaps.openshift.io/skip-validate-webhook': 'true' } }),
      ),
      /check/,
    ],
    ['nodes unseen', blindTo('nodes'), /nodes/],
    ['Prometheuses unseen', blindTo('prometheuses'), /prometheuses/],
  ];
  for (const [what, cluster, expected] of doubts) {
    it(`tells the approver of ${what}`, async () => {
      const { doubts: told = [] } = await choiceIn(cluster);
      assert.equal(told.length, 1);
      assert.match(told[0] ?? '', expected);
    });
  }

  it('counts on fewer pods where there is one node', async () => {
    const { effects, doubts: told } = await choiceIn(
      clusterOf(...openShift({ config: off, nodes: 1, topology: 'SingleReplica' })),
    );
    assert.ok(effects.some((one) => one.startsWith('Three')));
    assert.deepEqual(told, []);
  });

  it('makes a plan that changes one value of one object', async () => {
    const cluster = clusterOf(...openShift({ config: `# ours\n${off}prometheusK8s: {retention: 11d}\n` }));
    const live = await configIn(cluster);
    const plan = planOf(fix, await choiceIn(cluster), live, request);
    assert.ok(!isRefusal(plan), JSON.stringify(plan));
    const { before, after } = plan.change;
    assert.deepEqual(after?.data, { 'config.yaml': `# ours\n${on}prometheusK8s: {retention: 11d}\n` });
    assert.deepEqual(before?.data, live?.data);
    assert.equal(plan.diff.split('\n').filter((line) => /^[-+] .*enableUserWorkload/.test(line)).length, 2);
  });

  it('creates what is missing, and goes back to false rather than to nothing', () => {
    const edited = fix.edit(null, target, {});
    assert.ok(!isRefusal(edited));
    assert.deepEqual(edited.after.data, { 'config.yaml': on });
    assert.deepEqual(edited.undo?.data, { 'config.yaml': off });
  });

  it('keeps other keys of the ConfigMap, and adds the one that is missing', () => {
    const edited = fix.edit({ ...configMap(undefined), data: { other: 'x' } }, target, {});
    assert.ok(!isRefusal(edited));
    assert.deepEqual(edited.after.data, { other: 'x', 'config.yaml': on });
  });

  it('never puts its one line in the place of what is there', () => {
    const texts = [
      'a: 1\n',
      '{a: 1}',
      '# c\n',
      '  a: 1\n',
      'a: |+\n  x',
      'a: 1\n...\n',
      `a: 1\n${off}`,
      'a: "\n',
      '- a\n',
    ];
    for (const text of texts) {
      const edited = fix.edit(configMap(text), target, {});
      if (isRefusal(edited)) continue;
      const { 'config.yaml': after } = edited.after.data as { 'config.yaml': string };
      assert.ok(after.length >= text.length - 1 && after !== on, JSON.stringify({ text, after }));
    }
  });

  it('does not edit what Hive or a repository keeps', async () => {
    assert.ok(isRefusal(fix.edit(configMap(off, { 'hive.openshift.io/managed': 'true' }), target, {})));
    const labels = { 'argocd.argoproj.io/instance': 'platform' };
    const cluster = clusterOf(...openShift({ config: off, labels }));
    const plan = planOf(fix, await choiceIn(cluster), await configIn(cluster), request);
    assert.ok(isRefusal(plan) && plan.manifest?.includes('enableUserWorkload: true'), JSON.stringify(plan));
  });

  const undos: readonly (readonly [string, Partial<UserWorkloadMonitoring>, boolean])[] = [
    ['nobody uses it', { tenants: { status: 'seen', value: [] } }, true],
    ['somebody uses it', { tenants: { status: 'seen', value: ['shop'] } }, false],
    ['nobody knows', {}, false],
    ['it never started', { prometheuses: { status: 'seen', value: [] } }, true],
    [
      'it is not known whether it started',
      { prometheuses: { status: 'missing', reason: 'forbidden', detail: 'I may not.' } },
      false,
    ],
  ];
  for (const [when, parts, isAllowed] of undos) {
    it(`${isAllowed ? 'may' : 'may not'} be undone where ${when}`, async () => {
      const { userWorkloadMonitoring } = await evidenceOf(clusterOf(...openShift({ config: on }), ...userWorkload()));
      const evidence = { userWorkloadMonitoring: { ...userWorkloadMonitoring, ...parts } } as EvidenceByKind;
      assert.equal(fix.mayUndo?.(evidence, target, moment) === undefined, isAllowed);
    });
  }

  const outcomes: readonly (readonly [string, readonly string[], string])[] = [
    ['all serves', [...openShift({ config: on }), ...userWorkload()], 'done'],
    ['nothing came of it yet', openShift({ config: on }), 'waiting'],
    ['the operator is at work', [...openShift({ config: on, progressing: 'True' }), ...userWorkload()], 'waiting'],
    ['a pod does not come up', [...openShift({ config: on }), ...userWorkload({ ready: 1 })], 'waiting'],
    ['other trouble comes up', [...openShift({ config: on, degraded: ['True', 'X'] }), ...userWorkload()], 'waiting'],
    [
      'the configuration is refused',
      openShift({ config: on, degraded: ['True', 'InvalidConfiguration'], available: 'False' }),
      'failed',
    ],
    ['it was switched off again', openShift({ config: off }), 'failed'],
  ];
  for (const [when, manifests, state] of outcomes) {
    it(`is ${state} when ${when}`, async () => {
      const report = judge(uwm, await snapshotOf(clusterOf(...manifests)));
      const change = { resource: resources.configMaps, name: 'cluster-monitoring-config', before: null, after: null };
      assert.equal(fix.verify.judge(report, target, change).state, state);
    });
  }
});

const request = {
  id: 'p0123456789abcdef0123',
  target,
  requestedBy: { team: 'T1', user: 'U1' },
  requestedAt: moment.takenAt,
  channel: 'C1',
  expiresAt: '2026-11-25T12:15:00Z',
  rule: { approvals: 2, selfApproval: false, approvers: ['sre'], policy: '0' },
};

function blindTo(plural: string): Cluster {
  return withoutRight(clusterOf(...openShift({ config: off })), (resource) => resource.plural === plural);
}

function configMap(text: string | undefined, labels: Readonly<Record<string, string>> = {}): KubeObject {
  const metadata = { namespace: 'openshift-monitoring', name: 'cluster-monitoring-config', labels };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'config.yaml': text } };
}

async function configIn(cluster: Cluster): Promise<KubeObject | null> {
  const options = { namespace: 'openshift-monitoring' };
  return (await cluster.get(resources.configMaps, 'cluster-monitoring-config', options)) ?? null;
}

function snapshotOf(cluster: Cluster) {
  return collect(['namespaces', 'userWorkloadMonitoring'], { cluster }, target, { signal: AbortSignal.timeout(5_000) });
}

async function evidenceOf(cluster: Cluster): Promise<EvidenceByKind> {
  const { userWorkloadMonitoring } = (await snapshotOf(cluster)).evidence;
  assert.ok(userWorkloadMonitoring?.status === 'collected');
  return { userWorkloadMonitoring: userWorkloadMonitoring.value } as EvidenceByKind;
}

async function choiceIn(cluster: Cluster) {
  const chosen = fix.choose(await evidenceOf(cluster), target, moment);
  assert.ok(!isRefusal(chosen), JSON.stringify(chosen));
  return chosen;
}
