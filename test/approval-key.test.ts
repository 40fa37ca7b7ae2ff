import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ConfigError } from '../src/config.ts';
import { type Meshbot, startMeshbot } from './helpers/meshbot.ts';

describe('a bot with a policy and without a key for approvals', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'meshbot-policy-'));
  const policyFile = path.join(folder, 'policy.yaml');
  let mesh: Meshbot;
  before(async () => {
    mesh = await startMeshbot({ worker: 'none' });
    await mesh.bot.stop();
  });
  after(async () => {
    await mesh.close();
    rmSync(folder, { recursive: true });
  });

  it('does not start where something could be approved', async () => {
    writeFileSync(policyFile, "version: 1\nfixes: [{ fixes: ['*'], approve: [everyone] }]\n");
    await assert.rejects(mesh.startBot({ policyFile }), (error) => {
      assert.ok(error instanceof ConfigError, String(error));
      assert.match(error.problems.join(), /APPROVAL_KEY/);
      return true;
    });
  });

  it('starts where nothing can be, and goes by the rest of it', async () => {
    writeFileSync(policyFile, 'version: 1\nlook: [{ namespaces: [web] }]\n');
    await mesh.startBot({ policyFile });
    const ask = async (namespace: string) =>
      (await mesh.slack.as('ana').in('mesh').slash(`/mesh mtls ${namespace}`)).answer?.plain ?? '';
    assert.match(await ask('bookinfo'), /policy/);
    assert.doesNotMatch(await ask('web'), /policy/);
  });
});
