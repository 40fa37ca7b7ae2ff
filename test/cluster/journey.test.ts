import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { useCluster } from './cluster.ts';
import { type Installation, install } from './journey/install.ts';
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

  before(async () => {
    mesh = await install(cluster);
    commands = traffic(mesh.slack);
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
    await mesh.cutOff('worker', 20_000);
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
});
