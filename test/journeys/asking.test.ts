import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Redis } from 'ioredis';
import { names } from '../../src/jobs/names.ts';
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
