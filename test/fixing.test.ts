import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { it } from 'node:test';
import { readPolicy } from '../src/clients/files/policy.ts';
import { patientRedis } from '../src/clients/redis.ts';
import { fixes } from '../src/fixes/index.ts';
import { answer } from '../src/jobs/answer.ts';
import { auditLog } from '../src/jobs/audit/audit.ts';
import { exampleCluster } from '../src/sandbox/example-cluster.ts';
import { startMeshbot } from './helpers/meshbot.ts';
import { waitFor } from './helpers/wait.ts';

const text = `
version: 1
roles:
  sre: { groups: [S0SREONCALL] }
fixes:
  - fixes: ['*']
    approve: [sre]
`;

it('bot, worker and fixer name the policy that they go by in each record of a fix', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'meshbot-'));
  const policyFile = path.join(folder, 'policy.yaml');
  writeFileSync(policyFile, text);
  const ids = fixes.map(({ id }) => id);
  const policy = readPolicy(policyFile, ids);
  const cluster = await exampleCluster({ name: 'prod', folder: 'examples/bookinfo-broken/mesh' });
  const worker = { policy, answer, sources: { cluster }, sweepEveryMs: 300 };
  const mesh = await startMeshbot({ policyFile, worker });
  const redis = patientRedis({ url: mesh.redis.url, name: 'test', onError: () => {} });
  try {
    await mesh.slack.as('ana').in('mesh').slash('/mesh fix align-destination-rule-tls bookinfo/reviews-v1-only');
    const card = () => mesh.slack.messages('mesh').at(-1);
    await waitFor(() => /^Proposed/.test(card()?.text ?? ''));
    await card()?.button('fix-approve').click('ben');
    const kinds = async () => (await auditLog(redis).last(100)).map(({ kind }) => kind);
    await waitFor(async () => (await kinds()).includes('cleared'));
    // The fixer reads its own file, as it is by then.
    writeFileSync(policyFile, `${text}# A comment.\n`);
    await mesh.startFixer({ writer: cluster, lockMs: 3_000, settleEveryMs: 300 });
    await waitFor(() => /Fixed/.test(card()?.text ?? ''));
    const others = readPolicy(policyFile, ids).hash;
    const byFixer = ['dry-run', 'applying', 'applied'];
    const records = await auditLog(redis).last(100);
    assert.ok(records.length >= 9, String(records.length));
    for (const { kind, policy: named } of records)
      assert.equal(named, byFixer.includes(kind) ? others : policy.hash, kind);
  } finally {
    redis.disconnect();
    await mesh.close();
    rmSync(folder, { recursive: true });
  }
});
