import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { type FakeSlack, startFakeSlack } from '../../src/sandbox/slack/index.ts';
import { clientOf, type RunningApp, socketApp } from './bolt-app.ts';

/** Who pressed what, as a listener is told. */
interface Pressed {
  readonly channel: { readonly id: string };
  readonly message: { readonly ts: string };
}

const again = {
  type: 'button',
  action_id: 'again',
  value: 'v1',
  text: { type: 'plain_text', text: 'Ask again' },
} as const;

describe('a Bolt app over Socket Mode', () => {
  let slack: FakeSlack;
  let running: RunningApp;
  const mentions: string[] = [];
  const teams: string[] = [];

  before(async () => {
    slack = await startFakeSlack({ ackTimeoutMs: 1_000, eventRetryMs: [0, 20] });
    running = await socketApp(slack, (app) => {
      app.command('/mesh', async ({ command, ack, respond, client }) => {
        if (command.text === 'silence') return;
        teams.push(command.team_id);
        await ack(`asked: ${command.text}`);
        await client.chat.postMessage({
          channel: command.channel_id,
          text: `answer to ${command.text}`,
          blocks: [
            { type: 'section', text: { type: 'mrkdwn', text: `*answer* to ${command.text}` } },
            { type: 'actions', elements: [again] },
          ],
        });
        await respond('and one more thing');
      });
      app.action('again', async ({ ack, payload, body, client, respond }) => {
        await ack();
        const { channel, message } = body as unknown as Pressed;
        const value = 'value' in payload ? payload.value : '';
        await client.chat.update({ channel: channel.id, ts: message.ts, text: `again ${value}` });
        await respond({ text: 'done', replace_original: false, response_type: 'ephemeral' });
      });
      app.event('app_mention', async ({ event, context }) => {
        mentions.push(`${event.text.replace(/<@\w+> /, '')} ${context.retryNum ?? 0}`);
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
    assert.deepEqual(message.buttons, ['Ask again']);
    const done = await message.button('Ask again').click(ana);
    assert.equal(done.ok, true);
    await message.expectUpdate({ matching: /again v1/ });
    assert.equal(message.versions.length, 2);
    await slack.waitForMessage({ channel: '#mesh', to: 'ana', matching: /done/ });
    const alone = slack.ephemeralsFor('ana').map(({ text }) => text);
    assert.deepEqual(alone.sort(), ['and one more thing', 'asked: mtls bookinfo', 'done']);
    assert.equal(slack.ephemeralsFor('ben').length, 0);
  });

  it('gets ids for the names in a command', async () => {
    const { id } = slack.as('ben');
    const asked = await slack.as('ana').in('#mesh').slash('/mesh ask @ben & co');
    assert.equal(asked.answer?.text, `asked: ask <@${id}|ben> &amp; co`);
  });

  it('shows an error for a command that is not acknowledged', async () => {
    const asked = await slack.as('ben').in('#mesh').slash('/mesh silence');
    assert.deepEqual([asked.ok, asked.error], [false, 'operation_timeout']);
    assert.equal(slack.alarms.at(-1)?.kind, 'not-acknowledged');
  });

  const barred = [
    ['otto', '#mesh', 'account_inactive'],
    ['vera', '#mesh', 'not_in_channel'],
    ['ana', '#old-mesh', 'is_archived'],
  ] as const;
  for (const [name, channel, error] of barred) {
    it(`lets ${name} type nothing in ${channel}`, async () => {
      assert.equal((await slack.as(name).in(channel).slash('/mesh x')).error, error);
    });
  }

  it('does not know commands that are not registered', async () => {
    assert.equal((await slack.as('ana').in('#mesh').slash('/mash x')).error, 'unknown_command');
  });

  it('says that a stranger is one', async () => {
    const asked = await slack.as('vera').in('#partners').slash('/mesh hello');
    assert.equal(asked.ok, true);
    assert.equal(teams.at(-1), slack.workspace.otherTeam.id);
    await slack.as('ana').in('#partners').slash('/mesh hello');
    assert.equal(teams.at(-1), slack.workspace.team.id);
  });

  it('hears a mention, and the same again where Slack repeats it', async () => {
    const spoken = slack.as('ana').in('#mesh').mention('mtls bookinfo');
    assert.equal((await spoken.event)?.ok, true);
    await slack.repeatEvent();
    await slack.waitUntil(() => mentions.length === 2);
    assert.deepEqual(mentions, ['mtls bookinfo 0', 'mtls bookinfo 1']);
    assert.equal(slack.as('ana').in('#random').mention('not here').event, undefined);
  });

  it('is without a connection for a while after a refresh, and commands fail meanwhile', async () => {
    slack.sockets.disconnect('refresh_requested');
    const asked = await slack.as('ana').in('#mesh').slash('/mesh x');
    assert.deepEqual([asked.ok, asked.error], [false, 'dispatch_failed']);
    assert.equal(slack.alarms.at(-1)?.kind, 'no-connection');
  });
});

describe('the sockets', () => {
  let slack: FakeSlack;
  let open: WebSocket[] = [];

  before(async () => {
    slack = await startFakeSlack({ ackTimeoutMs: 1_000 });
  });
  afterEach(async () => {
    for (const socket of open) socket.terminate();
    open = [];
    await slack.waitUntil(() => slack.sockets.count() === 0);
  });
  after(() => slack.close());

  /** A connection that keeps what it is sent, and acknowledges it or not. */
  async function connect({ acks = true } = {}) {
    const { url = '' } = await clientOf(slack, slack.appToken).apps.connections.open();
    const socket = new WebSocket(url);
    open.push(socket);
    const received: Record<string, unknown>[] = [];
    socket.on('message', (data) => {
      const message = JSON.parse(String(data));
      received.push(message);
      if (acks && message.envelope_id) socket.send(JSON.stringify({ envelope_id: message.envelope_id }));
    });
    await slack.waitUntil(() => received.length > 0);
    return { socket, received, url };
  }

  it('greet each connection with how many there are', async () => {
    const [first, second] = [await connect(), await connect()];
    assert.deepEqual([first.received[0]?.type, first.received[0]?.num_connections], ['hello', 1]);
    assert.equal(second.received[0]?.num_connections, 2);
  });

  it('are let in once per address', async () => {
    const { url } = await connect();
    const { promise, resolve } = Promise.withResolvers<string>();
    new WebSocket(url).on('error', ({ message }) => resolve(message));
    assert.match(await promise, /404/);
  });

  it('send each payload to one of them, and not always the same', async () => {
    const all = [await connect(), await connect(), await connect()];
    for (let index = 0; index < 30; index += 1) await slack.as('ana').in('#mesh').slash('/mesh x');
    const counts = all.map(({ received }) => received.length - 1);
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      30,
    );
    assert.ok(
      counts.every((count) => count > 0),
      String(counts),
    );
  });

  it('are ten at most', async () => {
    for (let index = 0; index < 10; index += 1) await connect();
    const { received } = await connect();
    assert.deepEqual([received[0]?.type, received[0]?.reason], ['disconnect', 'too_many_websockets']);
    assert.equal(slack.sockets.count(), 10);
  });

  it('warn, and end as many connections as told', async () => {
    const [first, second] = [await connect(), await connect()];
    slack.sockets.disconnect('warning', { only: 1 });
    assert.equal((await slack.as('ana').in('#mesh').slash('/mesh x')).ok, true);
    slack.sockets.disconnect('refresh_requested', { only: 1, closeAfterMs: 10 });
    await slack.waitUntil(() => first.socket.readyState === WebSocket.CLOSED);
    assert.deepEqual(
      first.received.filter(({ type }) => type === 'disconnect').map(({ reason }) => reason),
      ['warning', 'refresh_requested'],
    );
    assert.equal(second.socket.readyState, WebSocket.OPEN);
    assert.equal((await slack.as('ana').in('#mesh').slash('/mesh x')).ok, true);
  });

  it('fail a command that nobody acknowledges, and do not send it again', async () => {
    const { received } = await connect({ acks: false });
    assert.equal((await slack.as('ana').in('#mesh').slash('/mesh x')).error, 'operation_timeout');
    assert.equal(received.length, 2);
  });

  it('tell a command that crossed with the end of its connection from one that the app let lie', async () => {
    const outcome = async (holdMs: number) => {
      const { socket, received } = await connect({ acks: false });
      const asked = slack.as('ana').in('#mesh').slash('/mesh x');
      await slack.waitUntil(() => received.length === 2);
      await sleep(holdMs);
      socket.close();
      return [(await asked).error, slack.alarms.at(-1)?.kind];
    };
    assert.deepEqual(await outcome(0), ['operation_timeout', 'crossed']);
    assert.deepEqual(await outcome(600), ['operation_timeout', 'not-acknowledged']);
  });

  it('carry things that Slack would not send', async () => {
    const { received, socket } = await connect();
    const { promise, resolve } = Promise.withResolvers<string>();
    socket.once('message', (data) => resolve(String(data)));
    slack.sockets.raw('{"type":"nonsense"}');
    assert.equal(await promise, '{"type":"nonsense"}');
    assert.equal(received.length, 2);
  });
});
