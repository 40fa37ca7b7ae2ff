import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type FakeSlack, startFakeSlack } from '../../src/sandbox/slack/index.ts';
import { type RunningApp, socketApp } from './bolt-app.ts';

describe('a response URL', () => {
  let slack: FakeSlack;
  let running: RunningApp;
  let now = Date.now();
  let url = '';

  before(async () => {
    slack = await startFakeSlack({ now: () => now });
    running = await socketApp(slack, (app) => {
      app.command('/mesh', async ({ command, ack }) => {
        url = command.response_url;
        await ack();
      });
      app.action('go', async ({ ack, body }) => {
        url = 'response_url' in body ? String(body.response_url) : '';
        await ack();
      });
    });
  });
  after(async () => {
    await running.stop();
    await slack.close();
  });

  const button = { type: 'button', action_id: 'go', text: { type: 'plain_text', text: 'Go' } };
  const withButton = { text: 'choose', blocks: [{ type: 'actions', elements: [button] }] };

  async function post(body: object): Promise<string> {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const { ok, error } = (await response.json()) as { ok: boolean; error?: string };
    return ok ? 'ok' : `${response.status} ${error}`;
  }

  it('takes five posts', async () => {
    await slack.as('ana').in('#mesh').slash('/mesh x');
    for (let index = 0; index < 5; index += 1) assert.equal(await post({ text: `reply ${index}` }), 'ok');
    assert.equal(await post({ text: 'one too many' }), '404 used_url');
    assert.equal(slack.ephemeralsFor('ana').length, 5);
    assert.equal(slack.callsOf('response_url').length, 6);
  });

  it('takes none after half an hour', async () => {
    await slack.as('ana').in('#mesh').slash('/mesh x');
    now += 30 * 60_000 + 1;
    assert.equal(await post({ text: 'late' }), '404 expired_url');
  });

  it('refuses what a post would be refused for', async () => {
    await slack.as('ana').in('#mesh').slash('/mesh x');
    assert.equal(await post({ text: 'x', blocks: [{ type: 'marquee' }] }), '400 invalid_blocks');
    assert.equal(await post({}), '500 no_text');
  });

  it('shows to all, replaces and takes away the message it came from', async () => {
    await slack.as('ana').in('#mesh').slash('/mesh x');
    await post({ ...withButton, response_type: 'in_channel' });
    const message = slack.messages('#mesh').at(-1);
    assert.ok(message);
    await message.button('Go').click('ben');
    await post({ text: 'chosen', replace_original: true });
    assert.deepEqual([message.plain, message.buttons], ['chosen', []]);
    await post({ delete_original: true });
    assert.equal(message.deleted, true);
  });

  it('changes an ephemeral message, which nothing else can', async () => {
    await slack.as('carla').in('#mesh').slash('/mesh x');
    await post(withButton);
    const [message] = slack.ephemeralsFor('carla');
    assert.ok(message);
    assert.equal((await message.button('Go').click('ben')).error, 'message_not_found');
    assert.equal((await message.button('Go').click('carla')).ok, true);
    await post({ text: 'chosen', replace_original: true });
    assert.equal(message.plain, 'chosen');
    assert.equal(message.ephemeralTo, slack.as('carla').id);
  });
});
