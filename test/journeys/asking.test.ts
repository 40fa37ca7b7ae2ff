import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Redis } from 'ioredis';
import { auditLog } from '../../src/jobs/audit/audit.ts';
import { names } from '../../src/jobs/names.ts';
import { queueName } from '../../src/jobs/queue.ts';
import type { MessageHandle } from '../../src/sandbox/slack/index.ts';
import { type Meshbot, startMeshbot } from '../helpers/meshbot.ts';
import { waitFor } from '../helpers/wait.ts';
import { clientOf } from '../sandbox/bolt-app.ts';

describe('ways to ask', () => {
  let mesh: Meshbot;
  before(async () => {
    mesh = await startMeshbot();
  });
  after(() => mesh.close());

  /** Answers in the channel: what the bot wrote there, without threads. */
  const answers = (channel = 'mesh'): readonly MessageHandle[] =>
    mesh.slack.messages(channel).filter(({ user }) => user === mesh.slack.workspace.app.botUser);

  async function answered(act: () => Promise<unknown>, channel = 'mesh'): Promise<MessageHandle> {
    const before = answers(channel).length;
    await act();
    // The evidence comes last: from then on the same question is a new one.
    await waitFor(() => answers(channel)[before]?.replies().length);
    const answer = answers(channel)[before];
    assert.ok(answer);
    return answer;
  }

  const ask = (line: string, channel = 'mesh') => answered(() => mesh.slack.as('ana').in(channel).slash(line), channel);

  it('again, by name, in the thread of an answer: also by others, and again in the new thread', async () => {
    const first = await ask('/mesh mtls again-1');
    const second = await answered(
      async () => mesh.slack.as('ben').in('mesh').mention('rerun', { thread: first }).event,
    );
    assert.match(second.plain, /again-1/);
    await answered(async () => mesh.slack.as('ben').in('mesh').mention('run again!', { thread: second }).event);
  });

  it('by name, as with the command', async () => {
    const answer = await answered(async () => mesh.slack.as('ben').in('mesh').mention('mtls by-name').event);
    assert.match(answer.plain, /by-name/);
  });

  it('once, where Slack tells of it twice', async () => {
    const answer = await answered(async () => mesh.slack.as('ben').in('mesh').mention('mtls told-twice').event);
    const count = answers().length;
    await mesh.slack.repeatEvent();
    await ask('/mesh mtls after-it');
    assert.equal(answers().length, count + 1);
    assert.match(answer.plain, /told-twice/);
  });

  it('not in a thread of something else, nor what is not understood: who asked alone is told', async () => {
    const { message } = mesh.slack.as('ana').in('mesh').say('Good morning');
    for (const [text, options] of [
      ['rerun', { thread: message }],
      ['rerun', {}],
      ['mtsl bookinfo', {}],
    ] as const) {
      const before = mesh.slack.ephemeralsFor('carla').length;
      const count = answers().length;
      await mesh.slack.as('carla').in('mesh').mention(text, options).event;
      await waitFor(() => mesh.slack.ephemeralsFor('carla').length === before + 1);
      assert.equal(answers().length, count);
    }
  });

  it('not by people of another workspace', async () => {
    await mesh.slack.as('vera').in('partners').mention('mtls bookinfo').event;
    await waitFor(() => mesh.slack.ephemeralsFor('vera').length === 1);
    assert.equal(answers('partners').length, 0);
  });

  it('not where people of other workspaces read: who asked alone is told, and it is recorded', async () => {
    const partners = mesh.slack.as('ana').in('partners');
    const { answer } = await partners.slash('/mesh mtls shared-1');
    assert.match(answer?.plain ?? '', new RegExp(partners.channel.id), 'how to allow it');
    await partners.mention('mtls shared-1').event;
    await partners.slash('/mesh digest add "daily 9:00" shared-1');
    assert.equal(answers('partners').length, 0);
    const redis = new Redis(mesh.redis.url);
    const refused = async () =>
      (await auditLog(redis).last(10)).filter(({ by }) => by?.user === mesh.slack.as('ana').id);
    try {
      await waitFor(async () => (await refused()).length === 3);
      assert.ok((await refused()).every(({ kind }) => kind === 'refused'));
    } finally {
      redis.disconnect();
    }
  });

  it('there as well, where Slack does not tell who reads', async () => {
    mesh.slack.addChannel({ name: 'untold', members: ['ana', 'vera', 'bot'], shared: true });
    mesh.slack.revoke('channels:read');
    try {
      await ask('/mesh mtls shared-2', 'untold');
    } finally {
      mesh.slack.grant('channels:read');
    }
  });

  it('about the place that an alert names, by its menu', async () => {
    const redis = new Redis(mesh.redis.url);
    await redis.set('meshbot:names:prod:payments', JSON.stringify(['api-v1']));
    assert.deepEqual(await names(redis).workloads('prod', 'payments'), ['api-v1']);
    redis.disconnect();
    for (const [workload, place] of [
      ['api-v1', /payments\/api-v1/],
      ['something-else', /payments(?!\/)/],
    ] as const) {
      const text = `*[FIRING:1]* Errors\n*namespace:* \`payments\`\n*deployment:* \`${workload}\``;
      const blocks = [{ type: 'section' as const, text: { type: 'mrkdwn' as const, text } }];
      const channel = mesh.slack.as('ana').in('mesh').channel.id;
      const { ts } = await clientOf(mesh.slack).chat.postMessage({ channel, text: 'Firing', blocks });
      const alert = await mesh.slack.waitForMessage({ channel: 'mesh', matching: (one) => one.ts === ts });
      const answer = await answered(() => alert.shortcut('ben', 'diagnose-alert'));
      assert.match(answer.plain, place);
    }
  });

  it('not about a message that names none: who asked alone is told', async () => {
    const { message } = mesh.slack.as('ana').in('mesh').say('Lunch?');
    const [before, count] = [mesh.slack.ephemeralsFor('ben').length, answers().length];
    const { ok } = await message.shortcut('ben', 'diagnose-alert');
    assert.ok(ok);
    await waitFor(() => mesh.slack.ephemeralsFor('ben').length === before + 1);
    assert.equal(answers().length, count);
  });

  it('not about an alert of a cluster that is not known: the command is offered', async () => {
    const { message } = mesh.slack.as('ana').in('mesh').say('[FIRING] Errors cluster="staging" namespace="offered-1"');
    const count = answers().length;
    await message.shortcut('ben', 'diagnose-alert');
    const offer = () => mesh.slack.ephemeralsFor('ben').find(({ plain }) => plain.includes('staging'));
    await waitFor(offer);
    assert.equal(answers().length, count);
    const answer = await answered(() => Promise.resolve(offer()?.button('run-it').click('ben')));
    assert.match(answer.plain, /offered-1/);
  });

  it('with a form, whose answer comes into the chosen channel', async () => {
    const { answer: help } = await mesh.slack.as('ana').in('mesh').slash('/mesh');
    await help?.button('build-question').click('ana');
    const modal = await mesh.slack.as('ana').waitForModal();
    const channel = mesh.slack.as('ana').in('payments').channel.id;
    const values = { 'build-namespace': 'by-form', 'build-channel': channel };
    const answer = await answered(() => modal.submit(values), 'payments');
    assert.match(answer.plain, /by-form/);
    assert.equal(modal.isOpen, false);
  });
});

describe('an alert, where there are several clusters', () => {
  let mesh: Meshbot;
  before(async () => {
    mesh = await startMeshbot({ worker: 'none' });
    await mesh.bot.stop();
    mesh.slack.deliverTo((await mesh.startBot({ clusters: ['eu', 'us'], defaultCluster: 'eu' })).requestsUrl);
  });
  after(() => mesh.close());

  const questions = async (cluster: string) => {
    const redis = new Redis(mesh.redis.url);
    try {
      return Number(await redis.llen(`meshbot:${queueName(cluster)}:wait`));
    } finally {
      redis.disconnect();
    }
  };

  for (const [text, asked] of [
    ['cluster="us" namespace="bookinfo"', [0, 1]],
    ['cluster="ap" namespace="bookinfo"', [0, 0]],
    ['namespace: bookinfo (critical us)', [0, 0]],
    ['namespace: payments', [1, 0]],
  ] as const) {
    it(`is looked at in its own, or not at all: ${text}`, async () => {
      const before = [await questions('eu'), await questions('us')];
      const told = mesh.slack.ephemeralsFor('ben').length;
      const { message } = mesh.slack.as('ana').in('mesh').say(text);
      await message.shortcut('ben', 'diagnose-alert');
      await waitFor(() => mesh.slack.ephemeralsFor('ben').length > told);
      const after = [await questions('eu'), await questions('us')];
      assert.deepEqual(
        after.map((count, index) => count - (before[index] ?? 0)),
        asked,
      );
    });
  }
});
