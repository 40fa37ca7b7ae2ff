import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import { readPolicy } from '../../src/clients/files/policy.ts';
import { fixes } from '../../src/fixes/index.ts';
import { answer } from '../../src/jobs/answer.ts';
import { UsageError } from '../../src/model/sources.ts';
import { type ExampleCluster, exampleCluster } from '../../src/sandbox/example-cluster.ts';
import type { MessageHandle } from '../../src/sandbox/slack/index.ts';
import type { WorkerDeps } from '../../src/worker.ts';
import { startChild } from '../helpers/child.ts';
import { serveCluster } from '../helpers/cluster-wire.ts';
import { type Meshbot, startMeshbot } from '../helpers/meshbot.ts';
import { restart } from '../helpers/redis.ts';
import { waitFor } from '../helpers/wait.ts';

type Answer = WorkerDeps['answer'];

const ordinary = "version: 1\nroles: { sre: { groups: [S0SREONCALL] } }\nfixes: [{ fixes: ['*'], approve: [sre] }]\n";
const two = ordinary.replace('approve: [sre]', 'approve: [sre], approvals: 2');
const emergency = ordinary.replace('approve: [sre]', 'approve: [sre], breakGlass: { roles: [everyone] }');

describe('a fix in trouble', () => {
  let mesh: Meshbot;
  let cluster: ExampleCluster;
  let late = 0;
  const folder = mkdtempSync(path.join(tmpdir(), 'meshbot-'));
  const policyFile = path.join(folder, 'policy.yaml');

  beforeEach(async () => {
    const example = new URL('../../examples/bookinfo-broken/mesh', import.meta.url).pathname;
    cluster = await exampleCluster({ name: 'prod', folder: example });
    late = 0;
  });
  afterEach(() => mesh.close());
  after(() => rmSync(folder, { recursive: true }));

  async function begin(policyText = ordinary, worker: Partial<WorkerDeps> = {}): Promise<MessageHandle> {
    writeFileSync(policyFile, policyText);
    const known = fixes.map(({ id }) => id);
    const now = () => new Date(Date.now() + late);
    const policy = readPolicy(policyFile, known);
    mesh = await startMeshbot({
      policyFile,
      worker: { policy, answer, sources: { cluster }, sweepEveryMs: 200, now, ...worker },
    });
    await mesh.slack.as('ana').in('mesh').slash('/mesh fix align-destination-rule-tls bookinfo/reviews-v1-only');
    await waitFor(() => /^Proposed/.test(mesh.slack.messages('mesh').at(-1)?.text ?? ''));
    const card = mesh.slack.messages('mesh').at(-1);
    assert.ok(card);
    return card;
  }
  const fixing = () => mesh.startFixer({ writer: cluster, lockMs: 2_000, settleEveryMs: 200, inFlightMs: 1_500 });
  const stands = (card: MessageHandle, text: RegExp, ms?: number) => waitFor(() => text.test(card.text), ms);
  /** Long enough for what must not happen. */
  const pause = () => new Promise((resolve) => setTimeout(resolve, 600));

  it('is approved by nobody through a copy, a forged place, a stranger, or an old button', async () => {
    const card = await begin();
    await fixing();
    const approve = card.button('fix-approve');
    const response = await fetch(`${mesh.slack.apiUrl}chat.postMessage`, {
      method: 'POST',
      headers: { authorization: `Bearer ${mesh.slack.botToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ channel: card.channel, text: 'A copy', blocks: card.blocks }),
    });
    assert.equal(((await response.json()) as { ok: boolean }).ok, true);
    const copy = mesh.slack.messages('mesh').at(-1);
    assert.ok(copy && copy.ts !== card.ts);
    await copy.button('fix-approve').click('ben');
    for (const person of ['vera', 'gus', 'otto', 'ana']) await approve.click(person);
    await pause();
    assert.match(card.text, /^Proposed/);
    await approve.click('ben');
    await stands(card, /Fixed/);
    for (const person of ['ben', 'carla']) await approve.click(person);
    await pause();
    assert.equal(cluster.writes.length, 1);
    assert.match(card.text, /Fixed/);
  });

  it('is proposed by the button of a verdict that asks for it, whoever presses it', async () => {
    const first = await begin();
    await first.button('fix-decline').click('ben');
    await stands(first, /^Declined/);
    await mesh.slack.as('ana').in('mesh').slash('/mesh mtls bookinfo');
    const verdict = () =>
      mesh.slack.messages('mesh').find(({ buttons }) => buttons.some((one) => /^Propose/.test(one)));
    await waitFor(() => verdict() !== undefined);
    await verdict()?.button('run-it').click('carla');
    await waitFor(() => /^Proposed/.test(mesh.slack.messages('mesh').at(-1)?.text ?? ''));
    const card = mesh.slack.messages('mesh').at(-1);
    await card?.button('fix-approve').click('carla');
    await pause();
    assert.match(card?.text ?? '', /^Proposed/);
  });

  it('is not approved in vain: the card says why the fixer could not apply it, until it could', async () => {
    const card = await begin();
    assert.match(card.plain, /not heard yet/);
    const write = cluster.write;
    let granted = false;
    const writer: ExampleCluster = {
      ...cluster,
      write: async (...asked) =>
        granted ? write(...asked) : { status: 'forbidden', detail: 'User "fixer" cannot patch resource "x".' },
    };
    await mesh.startFixer({ writer, lockMs: 2_000, settleEveryMs: 200 });
    await waitFor(() => card.plain.includes('kubectl apply -n bookinfo -k deploy/fixes/align-destination-rule-tls'));
    assert.ok(!card.buttons.includes('Approve') && card.buttons.includes('Decline'));
    assert.equal(cluster.writes.length, 0);
    granted = true;
    late = 61_000;
    await waitFor(() => card.buttons.includes('Approve'));
    await card.button('fix-approve').click('ben');
    await stands(card, /Fixed/);
    assert.equal(cluster.writes.length, 1);
  });

  it('is said to be about to expire, and expires', async () => {
    const card = await begin();
    await fixing();
    const approve = card.button('fix-approve');
    // The whole change, as a file.
    await waitFor(() => card.replies().length === 1);
    late = 50 * 60_000;
    await waitFor(() => card.replies().length === 2);
    late = 61 * 60_000;
    await stands(card, /^Expired/);
    assert.deepEqual(
      card.buttons.filter((label) => /Approve|Decline/.test(label)),
      [],
    );
    await approve.click('ben');
    await pause();
    assert.equal(cluster.writes.length, 0);
  });

  it('takes two people where two are asked for', async () => {
    const card = await begin(two);
    await fixing();
    await card.button('fix-approve').click('ben');
    await card.button('fix-approve').click('ben');
    await pause();
    assert.equal(cluster.writes.length, 0);
    await card.button('fix-approve').click('carla');
    await stands(card, /Fixed/);
    assert.equal(cluster.writes.length, 1);
  });

  it('is taken back while it is not verified yet, and nobody waits for that', async () => {
    const blind: Answer = (...asked) => {
      if (cluster.writes.length === 1) throw new UsageError('Nobody sees whether it works.');
      return answer(...asked);
    };
    const card = await begin(ordinary, { answer: blind });
    await fixing();
    await card.button('fix-approve').click('ben');
    await stands(card, /^Applied/);
    await card.button('fix-undo').click('ben');
    await waitFor(() => card.plain.includes('Undo now'));
    assert.equal(cluster.writes.length, 1);
    await card.button('fix-approve').click('carla');
    await stands(card, /^Undone/, 15_000);
    assert.equal(cluster.writes.length, 2);
  });

  it('is approved alone in an emergency, with a reason', async () => {
    const card = await begin(emergency);
    await fixing();
    await card.button('fix-break-glass').click('ana');
    const form = await mesh.slack.as('ana').waitForModal();
    await form.submit({ reason: 'All of it is down' });
    await stands(card, /Fixed/);
    assert.equal(cluster.writes.length, 1);
    assert.match(card.text, /in an emergency/);
    assert.match(card.plain, /All of it is down/);
    const loud = mesh.slack.workspace.messages.get(card.channel)?.filter(({ broadcast }) => broadcast) ?? [];
    assert.deepEqual(
      loud.map(({ threadTs }) => threadTs),
      [card.ts],
    );
    assert.match(JSON.stringify(loud), /S0SREONCALL/);
  });

  it('waits where a person stopped all changes, and goes on once they may', async () => {
    const card = await begin();
    await fixing();
    await mesh.slack.as('ben').in('mesh').slash('/mesh freeze because of a test');
    await card.button('fix-approve').click('ben');
    await pause();
    assert.match(card.text, /^Approved/);
    assert.equal(cluster.writes.length, 0);
    await mesh.slack.as('ben').in('mesh').slash('/mesh unfreeze');
    await stands(card, /Fixed/);
    assert.equal(cluster.writes.length, 1);
  });

  it('is not applied where a person stops all changes between the last look and the write', async () => {
    const card = await begin();
    await card.button('fix-approve').click('ben');
    await waitFor(() => card.replies().some(({ text }) => text.startsWith('Checked again')));
    await mesh.slack.as('ben').in('mesh').slash('/mesh freeze because of a test');
    await fixing();
    await stands(card, /^Not applied/);
    assert.equal(cluster.writes.length, 0);
  });

  it('is not applied where the ConfigMap stops all changes after the approval', async () => {
    const card = await begin();
    cluster.freeze('a test');
    await card.button('fix-approve').click('ben');
    await fixing();
    await stands(card, /^Not applied/);
    assert.equal(cluster.writes.length, 0);
  });

  it('goes on though Redis begins anew between any two states', async () => {
    const card = await begin();
    const anew = async () => {
      await mesh.redis.stop();
      await mesh.redis.start();
    };
    await anew();
    await waitFor(async () => {
      if (/^Proposed/.test(card.text)) await card.button('fix-approve').click('ben');
      await new Promise((resolve) => setTimeout(resolve, 200));
      return /^Approved/.test(card.text);
    });
    await anew();
    await fixing();
    await waitFor(() => cluster.writes.length === 1, 15_000);
    await anew();
    await stands(card, /Fixed/, 15_000);
    await restart(mesh.redis);
    assert.equal(cluster.writes.length, 1);
  });

  for (const [hangs, text, writes] of [
    ['after', /Fixed/, 1],
    ['before', /Failed/, 0],
  ] as const) {
    it(`is settled by the next fixer where one is killed ${hangs} its write`, async () => {
      const card = await begin();
      const wire = await serveCluster(cluster);
      const child = await startChild('./fixer-process.ts', {
        REDIS_URL: mesh.redis.url,
        CLUSTER_URL: wire.url,
        POLICY_FILE: policyFile,
        APPROVAL_KEY: 'the key of bot and fixer, for tests',
        HANGS: hangs,
      });
      try {
        await card.button('fix-approve').click('ben');
        await waitFor(() => child.output().includes('hanging\n'));
        await stands(card, /^Applying/);
      } finally {
        await child.kill('SIGKILL');
        wire.close();
      }
      await fixing();
      await stands(card, text, 15_000);
      assert.equal(cluster.writes.length, writes);
    });
  }
});
