import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { type FakeSlack, startFakeSlack } from '../../src/sandbox/slack/index.ts';
import { channelOf, personOf } from '../../src/sandbox/slack/workspace.ts';
import { type RunningApp, socketApp } from './bolt-app.ts';

interface Seen {
  readonly me: { readonly name: string };
  readonly users: readonly { readonly id: string; readonly kind: string }[];
  readonly channels: readonly {
    readonly id: string;
    readonly name: string;
    readonly kind: string;
    readonly isMember: boolean;
    readonly botIsMember: boolean;
  }[];
  readonly messages: Readonly<
    Record<
      string,
      readonly {
        readonly ts: string;
        readonly text: string;
        readonly ephemeral?: boolean;
        readonly reply_count?: number;
        readonly blocks?: readonly { readonly block_id: string }[];
      }[]
    >
  >;
  readonly home: { readonly id: string } | null;
  readonly modal: { readonly id: string; readonly view: { readonly title: { readonly text: string } } } | null;
  readonly commands: readonly { readonly command: string }[];
}

const plain = (text: string) => ({ type: 'plain_text' as const, text });

describe('what the page of the sandbox is told', () => {
  let slack: FakeSlack;
  let running: RunningApp;
  const idOf = (name: string): string =>
    name.startsWith('#') ? channelOf(slack.workspace, name).id : personOf(slack.workspace, name).id;

  before(async () => {
    slack = await startFakeSlack();
    running = await socketApp(slack, (app) => {
      app.command('/mesh', async ({ command, ack, client }) => {
        await ack(`only for ${command.user_name}`);
        const button = { type: 'button' as const, action_id: 'open', value: 'own', text: plain('Open') };
        await client.chat.postMessage({
          channel: command.channel_id,
          text: 'result',
          blocks: [{ type: 'actions', block_id: 'b', elements: [button] }],
        });
      });
      app.action('open', async ({ ack, body, payload, client }) => {
        await ack();
        const trigger = 'trigger_id' in body ? body.trigger_id : '';
        const element = { type: 'external_select' as const, action_id: 'namespace', min_query_length: 0 };
        await client.views.open({
          trigger_id: trigger,
          view: {
            type: 'modal',
            callback_id: 'form',
            title: plain('value' in payload ? String(payload.value) : ''),
            submit: plain('Send'),
            blocks: [{ type: 'input', block_id: 'place', label: plain('Namespace'), element }],
          },
        });
      });
      app.options('namespace', async ({ ack }) => ack({ options: [{ text: plain('bookinfo'), value: 'bookinfo' }] }));
      app.view('form', async ({ ack, view }) => {
        const { namespace } = view.state.values.place ?? {};
        if (namespace?.selected_option?.value === 'bookinfo') return ack();
        return ack({ response_action: 'errors', errors: { place: 'Not this one.' } });
      });
      app.event('app_home_opened', async ({ event, client }) => {
        await client.views.publish({ user_id: event.user, view: { type: 'home', blocks: [{ type: 'divider' }] } });
      });
    });
  });
  after(async () => {
    await running.stop();
    await slack.close();
  });

  async function see(name: string): Promise<Seen> {
    const response = await fetch(`${slack.url}/sandbox/state?as=${idOf(name)}`);
    return (await response.json()) as Seen;
  }
  async function act(
    path: string,
    body: object,
  ): Promise<{
    ok: boolean;
    error?: string;
    errors?: object;
    response?: { text?: string };
    options?: readonly unknown[];
  }> {
    const response = await fetch(`${slack.url}/sandbox/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return (await response.json()) as Awaited<ReturnType<typeof act>>;
  }

  it('serves the page and nothing beside it', async () => {
    const status = async (path: string) => (await fetch(slack.url + path)).status;
    assert.equal(await status('/'), 200);
    assert.equal(await status('/page/main.js'), 200);
    assert.equal(await status('/page/nothing.js'), 404);
    assert.equal(await status('/page/..%2fslack%2findex.ts'), 404);
    assert.equal(await status('/page/%2e%2e/%2e%2e/model/target.js'), 404);
    assert.equal(await status('/package.json'), 404);
  });

  it('shows each person their own', async () => {
    const ana = await see('ana');
    assert.equal(ana.me.name, 'ana');
    assert.deepEqual(
      ana.channels.map(({ name }) => name),
      ['mesh', 'payments', 'partners', 'random', 'old-mesh', 'meshbot'],
    );
    assert.deepEqual(
      ana.commands.map(({ command }) => command),
      ['/mesh'],
    );
    const vera = await see('vera');
    assert.deepEqual(
      vera.channels.map(({ name }) => name),
      ['partners'],
    );
    assert.deepEqual(Object.keys(vera.messages), [idOf('#partners')]);
    assert.equal((await fetch(`${slack.url}/sandbox/state?as=U404`)).status, 404);
    const anyone = (await (await fetch(`${slack.url}/sandbox/state`)).json()) as Seen;
    assert.equal(anyone.me.name, 'ana');
  });

  it('types a command, presses a button, fills a form', async () => {
    const channel = idOf('#mesh');
    const as = idOf('ben');
    const asked = await act('command', { as, channel, text: '/mesh mtls bookinfo' });
    assert.deepEqual([asked.ok, asked.response?.text], [true, 'only for ben']);
    const message = await slack.waitForMessage({ channel: '#mesh', matching: /Open/ });
    const texts = async (name: string) => (await see(name)).messages[channel]?.map(({ text }) => text);
    assert.deepEqual(await texts('ben'), ['only for ben', 'result']);
    assert.deepEqual(await texts('ana'), ['result']);

    const pressed = await act('action', {
      as,
      channel,
      message_ts: message.ts,
      block_id: 'b',
      action_id: 'open',
      type: 'button',
      value: 'forged',
    });
    assert.equal(pressed.ok, true);
    await slack.as('ben').waitForModal();
    const { modal } = await see('ben');
    assert.equal(modal?.view.title.text, 'own', 'the value of a button is the one the app gave it');
    assert.equal((await see('ana')).modal, null);

    const view_id = modal?.id;
    const offered = await act('options', { as, view_id, block_id: 'place', action_id: 'namespace', value: '' });
    assert.equal(offered.options?.length, 1);
    const filled = (value: string) => ({
      place: { namespace: { type: 'external_select', selected_option: { value, text: plain(value) } } },
    });
    assert.deepEqual((await act('submit', { as, view_id, values: filled('other') })).errors, {
      place: 'Not this one.',
    });
    assert.equal((await act('submit', { as: idOf('ana'), view_id, values: filled('bookinfo') })).error, 'not_found');
    assert.equal((await act('submit', { as, view_id, values: filled('bookinfo') })).ok, true);
    assert.equal((await see('ben')).modal, null);
  });

  it('writes messages and threads', async () => {
    const channel = idOf('#payments');
    const root = await act('message', { as: idOf('ana'), channel, text: 'hello' });
    const { ts } = root as unknown as { ts: string };
    await act('message', { as: idOf('ben'), channel, text: 'hi', thread_ts: ts });
    const seen = (await see('ana')).messages[channel];
    assert.equal(seen?.find((one) => one.ts === ts)?.reply_count, 1);
    assert.equal((await act('message', { as: idOf('carla'), channel, text: 'x' })).error, 'channel_not_found');
    assert.equal(
      (await act('message', { as: idOf('ana'), channel: idOf('#old-mesh'), text: 'x' })).error,
      'is_archived',
    );
  });

  it('opens the Home tab', async () => {
    await act('home', { as: idOf('carla') });
    await slack.as('carla').waitForHome();
    assert.notEqual((await see('carla')).home, null);
  });

  it('says when something has changed, many changes at once', async () => {
    const stop = new AbortController();
    const { body } = await fetch(`${slack.url}/sandbox/events?as=${idOf('ana')}`, { signal: stop.signal });
    assert.ok(body);
    let heard = '';
    const reading = (async () => {
      for await (const chunk of body) heard += Buffer.from(chunk).toString();
    })().catch(() => {});
    await slack.waitUntil(() => heard !== '');
    for (let index = 0; index < 20; index += 1) slack.as('ana').in('#mesh').say(`line ${index}`);
    await slack.waitUntil(() => heard.includes('event: changed'));
    // One may be about what happened before.
    assert.ok((heard.match(/event: changed/g)?.length ?? 0) <= 2, heard);
    stop.abort();
    await reading;
  });

  it('answers to loopback names alone, and lets no other site write', async () => {
    const status = (headers: Record<string, string>, method = 'GET') => {
      const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
      const call = request(
        `${slack.url}/sandbox/${method === 'GET' ? 'state' : 'home'}`,
        { headers, method },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      );
      call.on('error', reject);
      call.end(method === 'GET' ? undefined : '{}');
      return promise;
    };
    const json = { 'content-type': 'application/json' };
    assert.equal(await status({ host: 'localhost:1234' }), 200);
    assert.equal(await status({ host: 'evil.example' }), 403);
    assert.equal(await status({ ...json, origin: 'http://evil.example' }, 'POST'), 403);
    assert.equal(await status({ ...json, 'sec-fetch-site': 'cross-site' }, 'POST'), 403);
    assert.equal(await status({ 'content-type': 'text/plain' }, 'POST'), 404);
    assert.equal(await status({ ...json, origin: slack.url }, 'POST'), 200);
  });
});

describe('a sandbox that its app reaches through a bridge', () => {
  it('answers to that address too, and gives it to the app', async () => {
    const slack = await startFakeSlack({ reachedAt: 'http://10.0.0.1:3001' });
    try {
      assert.equal(slack.apiUrl, 'http://10.0.0.1:3001/api/');
      for (const [host, status] of [
        ['10.0.0.1:3001', 200],
        ['10.0.0.1:3002', 403],
        ['evil.example', 403],
      ] as const) {
        const { port } = new URL(slack.url);
        const headers = { host, authorization: `Bearer ${slack.appToken}` };
        const call = request({ port, method: 'POST', path: '/api/apps.connections.open', headers }).end();
        const [response] = await once(call, 'response');
        assert.equal(response.statusCode, status, host);
        const body = await text(response);
        assert.equal(body.includes('ws://10.0.0.1:3001/'), status === 200, body);
      }
    } finally {
      await slack.close();
    }
  });
});
