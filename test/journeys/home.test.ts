import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readPolicy } from '../../src/clients/files/policy.ts';
import { exampleCluster } from '../../src/sandbox/example-cluster.ts';
import { type Meshbot, startMeshbot } from '../helpers/meshbot.ts';
import { waitFor } from '../helpers/wait.ts';

const everybody = `
version: 1
roles: {}
fixes:
  - fixes: [require-mtls]
    approve: [everyone]
`;
const limited = `${everybody}
look:
  - roles: [everyone]
    namespaces: ['*']
    channels: [C0NOWHERE01]
`;

for (const [name, rules] of [
  ['without a policy', undefined],
  ['with a policy', everybody],
  ['with rights to look that hide all', limited],
] as const) {
  describe(`App Home ${name}`, () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'meshbot-home-'));
    const policyFile = path.join(folder, 'policy.yaml');
    let mesh: Meshbot;
    before(async () => {
      if (rules !== undefined) writeFileSync(policyFile, rules);
      const example = new URL('../../examples/bookinfo-permissive/mesh', import.meta.url).pathname;
      const sources = { cluster: await exampleCluster({ name: 'prod', folder: example }) };
      const policy = rules === undefined ? {} : { policy: readPolicy(policyFile, ['require-mtls']) };
      const files = rules === undefined ? {} : { policyFile };
      mesh = await startMeshbot({ ...files, worker: { sources, ...policy } });
    });
    after(async () => {
      await mesh.close();
      rmSync(folder, { recursive: true });
    });

    async function home(who: string): Promise<string> {
      const calls = mesh.slack.callsOf('views.publish').length;
      await mesh.slack.as(who).openHome();
      await waitFor(() => mesh.slack.callsOf('views.publish').length > calls);
      return (await mesh.slack.as(who).waitForHome()).plain;
    }

    it('says what can be asked, before anything was', async () => {
      assert.match(await home('carla'), /\/mesh mtls bookinfo/);
      assert.ok((await mesh.slack.as('carla').waitForHome()).button('build-question'));
    });

    it('shows what is mine, and what comes into channels I ask in', async () => {
      const ana = mesh.slack.as('ana').in('mesh');
      const { answer } = await ana.slash('/mesh digest add "daily 3:00" bookinfo');
      const [id] = /\bd[0-9a-f]{8}\b/.exec(answer?.plain ?? '') ?? [];
      if (rules === limited) {
        assert.equal(id, undefined);
        return;
      }
      assert.ok(id, answer?.plain);
      await ana.slash('/mesh mutes');
      assert.match(await home('ana'), new RegExp(`bookinfo.*no digest has looked yet[\\s\\S]*${id}`));
      assert.doesNotMatch(await home('ben'), new RegExp(id));
      await ana.slash(`/mesh digest run ${id}`);
      await waitFor(() => mesh.slack.messages('mesh').some(({ text }) => /bookinfo/.test(text)));
      await mesh.slack.as('ben').in('mesh').slash('/mesh help');
      const seen = await home('ben');
      assert.match(seen, /bookinfo.*\d warning/);
      assert.match(seen, new RegExp(id));
      const digest = mesh.slack.messages('mesh').find(({ text }) => /bookinfo/.test(text));
      assert.ok(digest);
      await mesh.slack.as('ben').in('mesh').mention('rerun', { thread: digest }).event;
      await waitFor(() => mesh.slack.ephemeralsFor('ben').some(({ plain }) => plain.includes(id)));
    });

    it('says of which topics it speaks, where a digest is about some', async () => {
      if (rules === limited) return;
      mesh.slack.addChannel({ name: 'topics', members: ['carla', 'bot'] });
      const carla = mesh.slack.as('carla').in('topics');
      const { answer } = await carla.slash('/mesh digest add "daily 4:00" bookinfo mtls');
      const [id] = /\bd[0-9a-f]{8}\b/.exec(answer?.plain ?? '') ?? [];
      await carla.slash(`/mesh digest run ${id}`);
      await waitFor(() => mesh.slack.messages('topics').length > 0);
      await waitFor(async () => /bookinfo.*mtls: \d warning/.test(await home('carla')));
    });
  });
}
