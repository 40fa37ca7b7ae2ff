import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, useCluster } from './cluster.ts';
import { type Installation, install } from './journey/install.ts';
import { type RefusedCalls, refusedCalls } from './journey/refused-calls.ts';
import { type Counts, type Flow, traffic } from './journey/traffic.ts';

const cluster = await useCluster();
const patienceMs = 120_000;

/**
 * The image of our Dockerfile, as `deploy/overlays/kubernetes` installs it, among everything that goes wrong. Slack is the
 * fake one; the network plugin of the test cluster does not enforce the NetworkPolicies, which are applied nevertheless.
 */
describe('a journey in the cluster', { skip: !cluster.ours && 'it kills containers, and cuts their network' }, () => {
  let mesh: Installation;
  let commands: ReturnType<typeof traffic>;
  let calls: RefusedCalls;

  before(async () => {
    mesh = await install(cluster);
    commands = traffic(mesh.slack);
    calls = await refusedCalls(cluster, mesh);
    await mesh.ready();
  });
  after(() => mesh?.remove());

  /** Every command that was accepted has ended in one terminal message. Prints the counts. */
  async function settled(test: TestContext, ...flows: readonly Flow[]): Promise<Counts> {
    for (const { done } of flows) await done;
    const begun = performance.now();
    const counts = await commands.settle(
      flows.flatMap(({ questions }) => questions),
      patienceMs,
    );
    const seconds = ((performance.now() - begun) / 1000).toFixed(0);
    const row = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
    test.diagnostic(`${test.name}: ${row.join(', ')}; the last ${seconds} s after the last command`);
    const { accepted, answered, lost, doubled, cutShort } = counts;
    assert.deepEqual({ answered, lost, doubled, cutShort }, { answered: accepted, lost: 0, doubled: 0, cutShort: 0 });
    return counts;
  }

  const begun = ({ questions }: Flow) => questions.filter(commands.isUnderWay);
  const accepted = ({ questions }: Flow) => questions.filter(({ outcome }) => outcome === 'accepted');
  const waiting = (flow: Flow) => accepted(flow).filter((one) => !commands.isAnswered(one));
  const soon = { timeoutMs: 30_000 };

  it('answers a person', async () => {
    const { slack } = mesh;
    const asked = await slack.as('ana').in('mesh').slash('/mesh mtls bookinfo');
    assert.ok(asked.ok);
    const verdict = await slack.waitForMessage({
      channel: 'mesh',
      matching: ({ buttons }) => buttons.length > 0,
      ...soon,
    });
    assert.match(verdict.plain, / bookinfo · test · asked by <@U0ANA/);
    const evidence = await slack.waitUntil(() => verdict.replies().length > 0 && verdict.replies(), soon);
    const shown = evidence.map(({ plain }) => plain).join('\n');
    for (const version of [1, 2, 3]) assert.match(shown, new RegExp(`reviews-v${version}`));
    assert.equal(slack.messages('mesh').length, 1);
  });

  it('a fix: calls are refused, answered, and refused again once it is undone', async () => {
    await calls.answered(false);
    const card = await calls.propose();
    await calls.offers(card, 'Approve', 30);
    await calls.click(card, 'Approve');
    assert.match(await calls.offers(card, 'Undo', 60), /Applied|Fixed/);
    await calls.answered(true);
    await calls.says(card, 'Fixed', 60);
    await calls.undo(card);
    await calls.answered(false);
    assert.equal(await calls.writes(), 2);
  });

  it('kill -9 of the fixer while it writes: it is settled by the next one, and written once', async () => {
    const kill = await mesh.killer('fixer');
    await calls.begin();
    const card = await calls.propose();
    await calls.offers(card, 'Approve', 30);
    await calls.slowed(async () => {
      const written = (await mesh.logsOf('fixer')).split('Writing a change').length;
      await calls.click(card, 'Approve');
      await eventually(
        () => mesh.logsOf('fixer'),
        (logged) => logged.split('Writing a change').length > written,
      );
      // It neither hears that the write was made, nor can it take it back by hanging up.
      await mesh.cutOff('fixer', async () => {
        await kill();
        assert.equal(await calls.writes(), 0, 'it was written before the kill');
        await eventually(calls.writes, (count) => count > 0);
      });
    });
    await calls.says(card, 'Fixed', 90);
    assert.equal(await calls.writes(), 1);
    await mesh.ready();
  });

  it('no fix while a ConfigMap stops it, or without its Role: the card says which, and nothing is written', async () => {
    await calls.begin();
    const stopped = await calls.propose();
    await calls.offers(stopped, 'Approve', 30);
    await mesh.frozen('a release', async () => {
      await calls.click(stopped, 'Approve');
      await calls.says(stopped, /Not applied[\s\S]*a release/, 30);
    });
    await calls.withoutRole(async () => {
      const card = await calls.propose();
      await calls.says(card, 'deploy/fixes/align-destination-rule-tls', 30);
      assert.ok(!card.buttons.includes('Approve'));
      await calls.click(card, 'Decline');
      await calls.says(card, 'Declined', 30);
    });
    assert.equal(await calls.writes(), 0);
  });

  it('a new version of the fixer, rolled out while a plan waits for it', async () => {
    const card = await calls.propose();
    await calls.offers(card, 'Approve', 30);
    await calls.click(card, 'Approve');
    await mesh.rollOut('fixer');
    await calls.says(card, 'Fixed', 90);
    assert.equal(await calls.writes(), 1);
    await mesh.ready();
  });

  it('kill -9 of the worker in the middle of answers', async (test) => {
    const kill = await mesh.killer('worker');
    mesh.slack.fail({ method: 'chat.update', fault: { delayMs: 3_000 }, times: 4 });
    const flow = commands.flow(16, 300);
    await mesh.slack.waitUntil(() => begun(flow).length > 1, soon);
    await kill();
    assert.ok(begun(flow).length > 0, 'nothing was under way');
    const { unacknowledged } = await settled(test, flow);
    assert.equal(unacknowledged, 0);
    await mesh.ready();
  });

  it('kill -9 of both bots between acknowledgement and answer', async (test) => {
    const kill = await mesh.killer('bot');
    mesh.slack.fail({ method: 'chat.postMessage', fault: { delayMs: 4_000 }, times: 4 });
    const first = commands.flow(8, 0);
    await first.done;
    assert.equal(waiting(first).length, 8, 'some were answered already');
    await kill();
    const second = commands.flow(12, 500);
    await settled(test, first, second);
    await mesh.ready();
  });

  it('kill -9 of Redis, which keeps what was acknowledged', async (test) => {
    const kill = await mesh.killer('redis');
    mesh.slack.fail({ method: 'chat.postMessage', fault: { delayMs: 2_000 }, times: 12 });
    const flow = commands.flow(50, 150);
    await mesh.slack.waitUntil(() => accepted(flow).length >= 15, soon);
    await kill();
    assert.ok(waiting(flow).length > 5, 'nothing was in the queue');
    await settled(test, flow);
    await mesh.ready();
  });

  it('an API server that does not answer the worker for 20 s', async (test) => {
    const flow = commands.flow(16, 1_500);
    await mesh.cutOff('worker', () => sleep(20_000));
    const { accepted: taken, unknown } = await settled(test, flow);
    assert.equal(taken, 16);
    assert.ok(unknown > 0, 'the worker did not notice');
    await mesh.ready();
  });

  it('a new version, rolled out while 200 commands flow', async (test) => {
    const flow = commands.flow(200, 150);
    const crossed = () => mesh.slack.alarms.filter(({ kind }) => kind === 'crossed').length;
    const before = crossed();
    await sleep(1_000);
    await mesh.rollOut('bot', 'worker');
    const { accepted: taken, unacknowledged } = await settled(test, flow);
    // Nothing tells Slack that a socket is about to close: what it sends before it hears of the end is lost, and it says
    // so to the asker. Two bots close two sockets each.
    assert.equal(unacknowledged, crossed() - before);
    assert.ok(unacknowledged <= 4, `${unacknowledged} commands were lost while four sockets closed`);
    assert.equal(taken, 200 - unacknowledged);
    await mesh.ready();
  });

  it('sockets that Slack refreshes every two seconds', async (test) => {
    const { sockets } = mesh.slack;
    const flow = commands.flow(50, 250);
    for (const reason of [
      'warning',
      'refresh_requested',
      'warning',
      'refresh_requested',
      'refresh_requested',
    ] as const) {
      await sleep(2_000);
      sockets.disconnect(reason, { only: 1, closeAfterMs: 1_000 });
    }
    const { unacknowledged } = await settled(test, flow);
    assert.equal(unacknowledged, 0);
  });

  it('a rate limit on every third post', async (test) => {
    mesh.slack.fail({ method: 'chat.postMessage', fault: { status: 429, retryAfter: 1 }, every: 3 });
    await settled(test, commands.flow(20, 200));
    mesh.slack.healAll();
  });

  it('all of it together, once more at the end', async (test) => {
    const counts = await settled(test, { questions: commands.all, done: Promise.resolve() });
    assert.equal(counts.accepted + counts.refused + counts.unacknowledged, counts.asked);
    assert.ok(counts.accepted > 300);
  });

  it('all of it stands in the audit log, whose chain holds: no plan was written twice', async () => {
    await mesh.meshbot('audit', 'verify');
    const records = JSON.parse(await mesh.meshbot('audit', 'show', '--last', '1000', '-o', 'json'));
    const written = records.filter(({ kind }: { kind: string }) => kind === 'applying');
    const plans = written.map(({ plan }: { plan: string }) => plan);
    assert.equal(new Set(plans).size, plans.length);
    // The fix, its way back, the one of the killed fixer, and the one of the new version.
    assert.equal(plans.length, 4);
  });
});
