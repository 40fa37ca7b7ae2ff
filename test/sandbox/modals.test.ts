import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ModalView } from '@slack/types';
import type { WebAPIPlatformError } from '@slack/web-api';
import { type FakeSlack, startFakeSlack } from '../../src/sandbox/slack/index.ts';
import { type RunningApp, socketApp } from './bolt-app.ts';

const plain = (text: string) => ({ type: 'plain_text' as const, text });

const form: ModalView = {
  type: 'modal',
  callback_id: 'ask',
  title: plain('Ask'),
  submit: plain('Ask'),
  notify_on_close: true,
  private_metadata: 'C1',
  blocks: [
    {
      type: 'input',
      block_id: 'place',
      label: plain('Namespace'),
      element: { type: 'external_select', action_id: 'namespace', min_query_length: 0 },
    },
    {
      type: 'input',
      block_id: 'why',
      optional: true,
      label: plain('Why'),
      element: { type: 'plain_text_input', action_id: 'reason', initial_value: 'curious' },
    },
    { type: 'actions', block_id: 'more', elements: [{ type: 'button', action_id: 'preview', text: plain('Preview') }] },
  ],
};

describe('modals, Home and shortcuts', () => {
  let slack: FakeSlack;
  let running: RunningApp;
  const heard: unknown[] = [];
  const codes: string[] = [];
  let now = Date.now();
  let second: string | undefined;

  before(async () => {
    slack = await startFakeSlack({ now: () => now });
    running = await socketApp(slack, (app) => {
      app.shortcut('ask', async ({ ack, client, shortcut }) => {
        await ack();
        if (shortcut.type === 'message_action') heard.push(['message', shortcut.message.text]);
        await client.views.open({ trigger_id: shortcut.trigger_id, view: form });
        const again = client.views.open({ trigger_id: shortcut.trigger_id, view: form });
        codes.push(
          await again.then(
            () => 'ok',
            (error: WebAPIPlatformError) => error.data.error,
          ),
        );
      });
      app.shortcut('late', async ({ ack, client, shortcut }) => {
        await ack();
        now += 3_001;
        const late = client.views.open({ trigger_id: shortcut.trigger_id, view: form });
        codes.push(
          await late.then(
            () => 'ok',
            (error: WebAPIPlatformError) => error.data.error,
          ),
        );
      });
      app.options('namespace', async ({ ack, options }) => {
        const names = ['bookinfo', 'payments'].filter((name) => name.startsWith(options.value));
        await ack({ options: names.map((name) => ({ text: plain(name), value: name })) });
      });
      app.action('preview', async ({ ack, client, body }) => {
        await ack();
        const view = 'view' in body ? body.view : undefined;
        await client.views.update({
          view_id: view?.id ?? '',
          hash: view?.hash ?? '',
          view: { ...form, title: plain('Preview') },
        });
        const again = client.views.update({ view_id: view?.id ?? '', hash: view?.hash ?? '', view: form });
        codes.push(
          await again.then(
            () => 'ok',
            (error: WebAPIPlatformError) => error.data.error,
          ),
        );
      });
      app.view('ask', async ({ ack, view }) => {
        const { namespace } = view.state.values.place ?? {};
        const { reason } = view.state.values.why ?? {};
        heard.push([namespace?.selected_option?.value, reason?.value, view.private_metadata]);
        if (reason?.value === 'bad') return ack({ response_action: 'errors', errors: { why: 'Say why.' } });
        if (reason?.value === 'more') return ack({ response_action: 'push', view: { ...form, callback_id: 'next' } });
        return ack();
      });
      app.view('next', async ({ ack }) => ack({ response_action: 'clear' }));
      app.view({ callback_id: 'ask', type: 'view_closed' }, async ({ ack }) => {
        heard.push('closed');
        await ack();
      });
      app.event('app_home_opened', async ({ event, client }) => {
        await client.views.publish({
          user_id: event.user,
          view: { type: 'home', blocks: [{ type: 'header', text: plain(`Hello ${event.tab}`) }] },
        });
      });
    });
  });
  after(async () => {
    await running.stop();
    await slack.close();
  });

  async function opened() {
    const ana = slack.as('ana');
    const before = ana.modal()?.id;
    await ana.shortcut('ask');
    const view = await slack.waitUntil(() => ana.modal()?.id !== before && ana.modal());
    await slack.waitUntil(() => codes.length === 1);
    second = codes.pop();
    heard.length = 0;
    return view;
  }

  it('open with a trigger that is good once', async () => {
    const view = await opened();
    assert.deepEqual([view.title, view.callbackId, view.privateMetadata], ['Ask', 'ask', 'C1']);
    assert.equal(second, 'exchanged_trigger_id');
    assert.equal(slack.as('ben').modal(), undefined);
  });

  it('do not open three seconds later', async () => {
    await slack.as('ben').shortcut('late');
    await slack.waitUntil(() => codes.length === 1);
    assert.deepEqual(codes.splice(0), ['expired_trigger_id']);
  });

  it('offer what the app says', async () => {
    const view = await opened();
    const { options } = await view.choice('Namespace').options('ana', 'book');
    assert.deepEqual(
      options.map(({ value }) => value),
      ['bookinfo'],
    );
    assert.equal((await view.choice('Namespace').options('ben', '')).error, 'not_found');
  });

  it('send what was entered, with what fields started with', async () => {
    const view = await opened();
    const done = await view.submit({ Namespace: 'bookinfo' });
    assert.equal(done.ok, true);
    assert.deepEqual(heard, [['bookinfo', 'curious', 'C1']]);
    assert.equal(view.isOpen, false);
    assert.equal(slack.as('ana').modal(), undefined);
  });

  it('are not sent without what is required', async () => {
    const view = await opened();
    const done = await view.submit();
    assert.deepEqual([done.error, Object.keys(done.errors ?? {})], ['missing_input', ['place']]);
    assert.equal(heard.length, 0);
    assert.throws(() => view.submit({ Colour: 'red' }), /Colour/);
  });

  it('stay open and say what is wrong', async () => {
    const view = await opened();
    const done = await view.submit({ namespace: 'bookinfo', Why: 'bad' });
    assert.deepEqual(done.errors, { why: 'Say why.' });
    assert.equal(view.isOpen, true);
  });

  it('lie over each other, and go away together', async () => {
    const view = await opened();
    await view.submit({ place: 'bookinfo', why: 'more' });
    const next = slack.as('ana').modal();
    assert.equal(next?.callbackId, 'next');
    assert.equal(view.isOpen, true);
    await next?.submit({ place: 'payments' });
    assert.equal(view.isOpen, false);
  });

  it('tell when they are closed', async () => {
    const view = await opened();
    await view.close();
    assert.deepEqual(heard, ['closed']);
    assert.equal(slack.as('ana').modal(), undefined);
  });

  it('are updated where nobody else has done so meanwhile', async () => {
    const view = await opened();
    await view.button('Preview').click('ana');
    await view.expectUpdate();
    assert.equal(view.title, 'Preview');
    await slack.waitUntil(() => codes.length === 1);
    assert.deepEqual(codes.splice(0), ['hash_conflict']);
  });

  it('open from the menu of a message', async () => {
    const { message } = slack.as('ben').in('#mesh').say('alert: reviews is down');
    heard.length = 0;
    await message.shortcut('ben', 'ask');
    await slack.as('ben').waitForModal();
    assert.deepEqual(heard, [['message', 'alert: reviews is down']]);
  });

  it('a Home tab belongs to one person', async () => {
    await slack.as('carla').openHome();
    const home = await slack.as('carla').waitForHome();
    assert.equal(home.plain, 'Hello home');
    assert.equal(slack.as('ana').home(), undefined);
  });
});
