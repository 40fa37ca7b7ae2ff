import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { readPolicy } from '../../src/clients/files/policy.ts';
import { fixes } from '../../src/fixes/index.ts';
import { answer } from '../../src/jobs/answer.ts';
import { type ExampleCluster, exampleCluster } from '../../src/sandbox/example-cluster.ts';
import type { MessageHandle } from '../../src/sandbox/slack/index.ts';
import { brokenRule } from '../helpers/fix-bench.ts';
import { type Meshbot, startMeshbot } from '../helpers/meshbot.ts';
import { waitFor } from '../helpers/wait.ts';

const policyText = `
version: 1
roles:
  sre: { groups: [S0SREONCALL] }
fixes:
  - fixes: ['*']
    approve: [sre]
`;

describe('a fix in Slack', () => {
  let mesh: Meshbot;
  let cluster: ExampleCluster;
  const folder = mkdtempSync(path.join(tmpdir(), 'meshbot-'));
  const policyFile = path.join(folder, 'policy.yaml');

  before(() => writeFileSync(policyFile, policyText));
  beforeEach(async () => {
    const example = new URL('../../examples/bookinfo-broken/mesh', import.meta.url).pathname;
    cluster = await exampleCluster({ name: 'prod', folder: example });
    const policy = readPolicy(
      policyFile,
      fixes.map(({ id }) => id),
    );
    mesh = await startMeshbot({
      policyFile,
      worker: { policy, answer, sources: { cluster }, sweepEveryMs: 300 },
    });
  });
  afterEach(() => mesh.close());
  after(() => rmSync(folder, { recursive: true }));

  const fixing = () => mesh.startFixer({ writer: cluster, lockMs: 3_000, settleEveryMs: 300 });

  async function propose(): Promise<MessageHandle> {
    const asked = await mesh.slack
      .as('ana')
      .in('mesh')
      .slash('/mesh fix align-destination-rule-tls bookinfo/reviews-v1-only');
    assert.ok(asked.ok, asked.error);
    await waitFor(() => /^Proposed/.test(mesh.slack.messages('mesh').at(-1)?.text ?? ''));
    const card = mesh.slack.messages('mesh').at(-1);
    assert.ok(card);
    return card;
  }

  it('is proposed, approved by another, applied, verified, and taken back, all on one card', async () => {
    await fixing();
    const card = await propose();
    await card.button('fix-approve').click('ben');
    await waitFor(() => /Fixed/.test(card.text));
    assert.equal(cluster.writes.length, 1);
    await card.button('fix-undo').click('carla');
    await waitFor(() => card.plain.includes('Undo now'));
    await card.button('fix-approve').click('carla');
    await waitFor(() => /^Undone/.test(card.text));
    assert.equal(cluster.writes.length, 2);
    assert.match(JSON.stringify((await cluster.read(brokenRule))?.spec), /DISABLE/);
    assert.equal(mesh.slack.messages('mesh').length, 1);
  });

  it('is written once for two approvers in the same moment, who click twice', async () => {
    await fixing();
    const card = await propose();
    const button = card.button('fix-approve');
    await Promise.all(['ben', 'carla', 'ben', 'carla'].map((person) => button.click(person)));
    await waitFor(() => /Fixed/.test(card.text));
    assert.equal(cluster.writes.length, 1);
  });

  it('is approved by nobody who may not', async () => {
    const card = await propose();
    for (const person of ['ana', 'gus', 'ulla', 'otto']) {
      await card.button('fix-approve').click(person);
    }
    await new Promise((resolve) => setTimeout(resolve, 700));
    assert.match(card.text, /^Proposed/);
    assert.equal(cluster.writes.length, 0);
  });

  it('waits for a fixer that is not there, though Redis begins anew', async () => {
    const card = await propose();
    await card.button('fix-approve').click('ben');
    await waitFor(() => /^Approved/.test(card.text));
    await mesh.redis.stop();
    await mesh.redis.start();
    await fixing();
    await waitFor(() => /Fixed/.test(card.text), 20_000);
    assert.equal(cluster.writes.length, 1);
  });

  it('gives way to a new plan where the object changed before it was approved', async () => {
    await fixing();
    const card = await propose();
    await cluster.edit(brokenRule, 'kubectl-edit', (object) => ({
      ...object,
      metadata: { ...object.metadata, labels: { team: 'reviews' } },
    }));
    await card.button('fix-approve').click('ben');
    await waitFor(() => /^Closed/.test(card.text) && mesh.slack.messages('mesh').length === 2);
    assert.equal(cluster.writes.length, 0);
    const next = mesh.slack.messages('mesh').at(-1);
    await waitFor(() => /^Proposed/.test(next?.text ?? ''));
    await next?.button('fix-approve').click('carla');
    await waitFor(() => /Fixed/.test(next?.text ?? ''));
    assert.equal(cluster.writes.length, 1);
  });

  it('is not written while all is stopped', async () => {
    await fixing();
    const card = await propose();
    await mesh.slack.as('ben').in('mesh').slash('/mesh freeze because of a test');
    await card.button('fix-approve').click('ben');
    await new Promise((resolve) => setTimeout(resolve, 700));
    assert.equal(cluster.writes.length, 0);
  });
});
