import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type FakeSlack, startFakeSlack } from '../../src/sandbox/slack/index.ts';
import { type RunningApp, socketApp } from './bolt-app.ts';

describe('a Bolt app over Socket Mode', () => {
  let slack: FakeSlack;
  let running: RunningApp;

  before(async () => {
    slack = await startFakeSlack({ ackTimeoutMs: 300 });
    running = await socketApp(slack, (app) => {
      app.command('/mesh', async ({ command, ack, respond, client }) => {
        if (command.text === 'silence') return;
        await ack(`asked: ${command.text}`);
        await client.chat.postMessage({
          channel: command.channel_id,
          text: `answer to ${command.text}`,
          blocks: [
            { type: 'section', text: { type: 'mrkdwn', text: `*answer* to ${command.text}` } },
            { type: 'actions', elements: [{ type: 'button', action_id: 'again', value: 'v1', text: { type: 'plain_text', text: 'Ask again' } }] },
          ],
        });
        await respond('and one more thing');
      });
      app.action('again', async ({ ack, action, body, client, respond }) => {
        await ack();
        const { channel, message } = body as { channel: { id: string }; message: { ts: string } };
        await client.chat.update({ channel: channel.id, ts: message.ts, text: `again ${(action as { value: string }).value}` });
        await respond({ text: 'done', replace_original: false, response_type: 'ephemeral' });
      });
    });
  });
  after(async () => {
    await running.stop();
    await slack.close();
  });

  it('answers a command, a button, and the person alone', async () => {
    const ana = slack.as('ana');
    const asked = await ana.in('#mesh').slash('/mesh mtls bookinfo');
    assert.equal(asked.ok, true);
    assert.equal(asked.answer?.text, 'asked: mtls bookinfo');
    const message = await slack.waitForMessage({ channel: '#mesh', from: 'bot', matching: /answer to mtls/ });
    const done = await message.button('Ask again').click(ana);
    assert.equal(done.ok, true);
    await message.expectUpdate({ matching: /again v1/ });
    assert.equal(message.versions.length, 2);
    await slack.waitForMessage({ channel: '#mesh', to: 'ana', matching: /done/ });
    assert.deepEqual(
      slack.ephemeralsFor('ana').map(({ text }) => text).sort(),
      ['and one more thing', 'asked: mtls bookinfo', 'done'],
    );
    assert.equal(slack.ephemeralsFor('ben').length, 0);
  });

  it('shows an error for a command that is not acknowledged', async () => {
    const asked = await slack.as('ben').in('#mesh').slash('/mesh silence');
    assert.deepEqual([asked.ok, asked.error], [false, 'operation_timeout']);
    assert.equal(slack.alarms.at(-1)?.kind, 'not-acknowledged');
  });
});
