import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { type FakeSlack, type Signature, startFakeSlack } from '../../src/sandbox/slack/index.ts';
import { httpApp, type RunningApp } from './bolt-app.ts';

describe('a Bolt app behind a request URL', () => {
  let slack: FakeSlack;
  let running: RunningApp;
  let commands = 0;

  before(async () => {
    slack = await startFakeSlack({ ackTimeoutMs: 3_000 });
    running = await httpApp(slack, (app) => {
      app.command('/mesh', async ({ command, ack, client }) => {
        commands += 1;
        await ack({ text: `asked: ${command.text}`, response_type: 'in_channel' });
        const actions = [
          { type: 'button' as const, action_id: 'go', text: { type: 'plain_text' as const, text: 'Go' } },
        ];
        await client.chat.postMessage({
          channel: command.channel_id,
          text: 'x',
          blocks: [{ type: 'actions', elements: actions }],
        });
      });
      app.action('go', async ({ ack, respond }) => {
        await ack();
        await respond({ text: 'gone', replace_original: true });
      });
    });
  });
  after(async () => {
    await running.stop();
    await slack.close();
  });

  it('takes a signed command and a click', async () => {
    const asked = await slack.as('ana').in('#mesh').slash('/mesh mtls bookinfo');
    assert.deepEqual([asked.ok, asked.status], [true, 200]);
    const message = await slack.waitForMessage({
      channel: '#mesh',
      from: 'bot',
      matching: ({ buttons }) => buttons.length > 0,
    });
    assert.equal(slack.messages('#mesh')[0]?.text, 'asked: mtls bookinfo');
    assert.equal((await message.button('Go').click('ben')).ok, true);
    await message.expectUpdate({ matching: /gone/ });
  });

  const refused: readonly Signature[] = ['wrong', 'stale', 'none'];
  for (const signature of refused) {
    it(`refuses a request whose signature is ${signature}`, async () => {
      const before = commands;
      const asked = await slack.as('ana').in('#mesh').slash('/mesh x', { signature });
      assert.deepEqual([asked.ok, asked.error, asked.status], [false, 'dispatch_failed', 401]);
      assert.equal(commands, before);
    });
  }

  it('lets Bolt be told of the future and the past: it takes both', async () => {
    const before = commands;
    assert.equal((await slack.as('ana').in('#mesh').slash('/mesh x', { signature: 'future' })).status, 200);
    await slack.as('ana').in('#mesh').slash('/mesh x');
    assert.equal((await slack.replay()).status, 200);
    assert.equal(commands, before + 3);
  });

  it('fails commands where nobody listens', async () => {
    slack.deliverTo('http://127.0.0.1:1/');
    assert.equal((await slack.as('ana').in('#mesh').slash('/mesh x')).error, 'dispatch_failed');
  });
});

describe('events over HTTP', () => {
  it('come again with a number until they are acknowledged, and are the same event', async () => {
    const seen: { retry: unknown; reason: unknown; id: string }[] = [];
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const { 'x-slack-retry-num': retry, 'x-slack-retry-reason': reason } = request.headers;
      seen.push({ retry, reason, id: JSON.parse(body).event_id });
      response.writeHead(seen.length < 3 ? 500 : 200).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const slack = await startFakeSlack({ requestUrl: `http://127.0.0.1:${port}/`, eventRetryMs: [0, 10, 20] });
    const delivered = await slack.as('ana').in('#mesh').mention('help').event;
    assert.equal(delivered?.ok, true);
    assert.deepEqual(
      seen.map(({ retry }) => retry),
      [undefined, '1', '2'],
    );
    assert.equal(new Set(seen.map(({ id }) => id)).size, 1);
    await slack.close();
    server.closeAllConnections();
    server.close();
  });
});
