import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { meshbot } from './accounts.ts';
import { eventually, type Manifest, useCluster } from './cluster.ts';
import { startMonitoringOperator } from './monitoring-operator.ts';

interface Answer {
  readonly verdict: string;
  readonly status: number;
  readonly codes: readonly string[];
}

const cluster = await useCluster();

describe('meshbot check uwm', () => {
  it('says of plain Kubernetes that it is no OpenShift', async () => {
    const { codes, status } = await answered();
    assert.deepEqual([codes, status], [['not-openshift'], 1]);
  });

  it('follows the switch and the operator of an OpenShift', { timeout: 120_000 }, async () => {
    const operator = await startMonitoringOperator(cluster);
    assert.deepEqual((await until('disabled')).verdict, 'warning');

    await cluster.apply(config('# ours\nenableUserWorkload: true\n'));
    const on = await until('enabled');
    assert.deepEqual([on.verdict, on.status, on.codes], ['ok', 0, ['enabled']]);

    await cluster.apply(config('enableUserWorkload: false\n'));
    await until('disabled');
    operator.setMode('slow');
    await cluster.apply(config('enableUserWorkload: true\n'));
    assert.equal((await until('rolling-out')).verdict, 'warning');
    assert.equal((await until('enabled')).verdict, 'ok');

    operator.setMode('degraded');
    const { verdict, status } = await until('config-rejected');
    assert.deepEqual([verdict, status], ['error', 1]);
  });
});

function config(text: string): Manifest {
  const metadata = { namespace: 'openshift-monitoring', name: 'cluster-monitoring-config' };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'config.yaml': text } };
}

function until(code: string): Promise<Answer> {
  return eventually(answered, ({ codes }) => codes.includes(code), 30);
}

async function answered(): Promise<Answer> {
  const { status, stdout, stderr } = await meshbot('check', 'uwm', '-o', 'json', '--kubeconfig', cluster.kubeconfig);
  assert.match(stdout, /^\{/, stderr);
  const { verdict, findings } = JSON.parse(stdout);
  return { verdict, status, codes: findings.map((one: { code: string }) => one.code) };
}
