import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type HeldRight, rightsReport, rightsText } from '../../src/report/rights.ts';

function right(resource: string, state: HeldRight['state'], ...evidence: HeldRight['evidence']): HeldRight {
  return { verb: 'list', resource, state, evidence };
}

const pods = right('pods', 'held', 'workloads');
const jobs = right('jobs.batch', 'missing', 'workloads');
const configs = right('deploymentconfigs.apps.openshift.io', 'not-needed', 'workloads');

describe('a report on rights', () => {
  it('tells what each kind of evidence lacks', () => {
    const { complete, evidence } = rightsReport('ana', 'prod', [pods, jobs, right('services', 'held', 'services')]);
    assert.equal(complete, false);
    assert.deepEqual(evidence, [
      { kind: 'services', lacks: [] },
      { kind: 'workloads', lacks: ['list jobs.batch'] },
    ]);
  });

  it('is complete without what the cluster does not have', () => {
    const report = rightsReport('ana', 'prod', [pods, configs]);
    assert.equal(report.complete, true);
    assert.match(rightsText(report), /^✔ ana .*prod/);
    assert.match(rightsText(report), /- no .* {2}list deploymentconfigs\.apps\.openshift\.io/);
  });

  it('begins with what is lacking, and says how to get it', () => {
    const [first = '', second = '', third = ''] = rightsText(rightsReport('ana', 'prod', [pods, jobs])).split('\n');
    assert.match(first, /^✖ ana .*1 of 2 .*prod/);
    assert.match(second, /workloads.*list jobs\.batch/);
    assert.match(third, /rbac\.yaml/);
  });

  it('names the only objects that a right is for', () => {
    const named: HeldRight = { ...right('configmaps', 'missing', 'controlPlane'), verb: 'get', names: ['istio'] };
    assert.deepEqual(rightsReport('ana', 'prod', [named]).evidence[0]?.lacks, ['get configmaps istio']);
  });
});
