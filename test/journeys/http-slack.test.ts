import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Signature } from '../../src/sandbox/slack/index.ts';
import { type Meshbot, startMeshbot } from '../helpers/meshbot.ts';
import { waitFor } from '../helpers/wait.ts';

describe('the same over HTTP', () => {
  let mesh: Meshbot;
  before(async () => {
    mesh = await startMeshbot({ mode: 'http' });
  });
  after(() => mesh.close());

  const ask = (namespace: string, signature?: Signature) =>
    mesh.slack
      .as('ana')
      .in('mesh')
      .slash(`/mesh mtls ${namespace}`, signature === undefined ? {} : { signature });
  const answered = () => mesh.slack.messages('mesh').filter(({ text }) => /accepts plaintext/.test(text)).length;

  it('answers a command and a click', async () => {
    const asked = await ask('one');
    assert.deepEqual([asked.ok, asked.status], [true, 200]);
    await waitFor(() => answered() === 1 && (mesh.slack.messages('mesh')[0]?.replies().length ?? 0) > 0);
    const [message] = mesh.slack.messages('mesh');
    assert.ok((await message?.button('ask-again').click('ben'))?.ok);
    await waitFor(() => answered() === 2);
  });

  it('refuses a request that was recorded and sent again', async () => {
    const before = mesh.slack.messages('mesh').length;
    assert.ok((await ask('two')).ok);
    assert.equal((await mesh.slack.replay()).status, 401);
    await waitFor(() => mesh.slack.messages('mesh').length > before);
    await waitFor(() => answered() === before + 1);
    assert.equal(mesh.slack.messages('mesh').length, before + 1);
  });

  for (const signature of ['wrong', 'stale', 'future', 'none'] as const) {
    it(`refuses a signature that is ${signature}, for commands and clicks`, async () => {
      const before = mesh.log.lines.filter(({ msg }) => msg === 'Queued').length;
      const asked = await ask(`bad-${signature}`, signature);
      assert.deepEqual([asked.ok, asked.status], [false, 401]);
      const clicked = await mesh.slack.messages('mesh')[0]?.button('ask-again').click('ana', { signature });
      assert.equal(clicked?.ok, false);
      assert.equal(mesh.log.lines.filter(({ msg }) => msg === 'Queued').length, before);
    });
  }
});
