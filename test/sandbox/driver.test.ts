import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { WebAPIPlatformError, WebClient } from '@slack/web-api';
import { type FakeSlack, startFakeSlack } from '../../src/sandbox/slack/index.ts';
import { channelOf } from '../../src/sandbox/slack/workspace.ts';
import { clientOf } from './bolt-app.ts';

describe('what tests can do with the workspace', () => {
  let slack: FakeSlack;
  let client: WebClient;
  const idOf = (name: string): string => channelOf(slack.workspace, name).id;

  before(async () => {
    slack = await startFakeSlack({ rateLimits: 'off' });
    client = clientOf(slack);
  });
  after(() => slack.close());

  it('wait for a message that is not there yet, by who, where and what', async () => {
    const channel = idOf('#mesh');
    slack.as('ana').in('#mesh').say('verdict?');
    const waiting = slack.waitForMessage({ channel: '#mesh', from: 'bot', matching: /verdict/ });
    await client.chat.postMessage({ channel, text: 'something else' });
    const { ts = '' } = await client.chat.postMessage({ channel, text: 'the verdict' });
    assert.equal((await waiting).ts, ts);
    const reply = slack.waitForMessage({ channel: '#mesh', thread: ts });
    const { ts: replied } = await client.chat.postMessage({ channel, text: 'why', thread_ts: ts });
    assert.equal((await reply).ts, replied);
    const next = slack.waitForMessage({
      channel: '#mesh',
      from: 'bot',
      after: ts,
      thread: 'none',
      matching: /verdict/,
    });
    const { ts: later } = await client.chat.postMessage({ channel, text: 'the next verdict' });
    assert.equal((await next).ts, later);
  });

  it('are told what is there where they wait in vain', async () => {
    await client.chat.postMessage({ channel: idOf('#payments'), text: 'not that' });
    const waiting = slack.waitForMessage({ channel: '#payments', matching: /this/, timeoutMs: 30 });
    await assert.rejects(waiting, ({ message }: Error) => message.includes('not that') && message.includes('/this/'));
  });

  it('wait for what changes after they have looked, not before', async () => {
    const channel = idOf('#mesh');
    const { ts = '' } = await client.chat.postMessage({ channel, text: 'one' });
    const message = await slack.waitForMessage({ channel: '#mesh', matching: /^one/m });
    await client.chat.update({ channel, ts, text: 'two' });
    await message.expectUpdate({ matching: /two/ });
    await assert.rejects(message.expectUpdate({ timeoutMs: 30 }));
    const third = message.expectUpdate();
    await client.chat.update({ channel, ts, text: 'three' });
    assert.equal((await third).text, 'three');
    assert.deepEqual(
      message.versions.map(({ text }) => text),
      ['one', 'two', 'three'],
    );
  });

  it('see what was asked of Slack, with blocks as blocks', async () => {
    const blocks = [{ type: 'divider' as const }];
    await client.chat.postMessage({ channel: idOf('#mesh'), text: 'x', blocks });
    const call = slack.callsOf('chat.postMessage').at(-1);
    assert.deepEqual([call?.outcome, call?.args.blocks], ['ok', blocks]);
  });

  it('let people and the app come and go, and close channels', async () => {
    const post = async () => {
      const posted = client.chat.postMessage({ channel: idOf('#lab'), text: 'x' });
      return posted.then(
        () => 'ok',
        (error: WebAPIPlatformError) => error.data.error,
      );
    };
    slack.addChannel({ name: 'lab', members: ['ana'] });
    assert.equal(await post(), 'not_in_channel');
    slack.join('#lab', 'bot');
    assert.equal(await post(), 'ok');
    slack.leave('#lab', 'ana');
    assert.throws(() => slack.as('ana').in('#lab').say('hello'), /not_in_channel/);
    slack.archive('#lab');
    assert.equal(await post(), 'is_archived');
  });

  it('press buttons that have gone from the screen since', async () => {
    const channel = idOf('#mesh');
    const button = {
      type: 'button' as const,
      action_id: 'old',
      value: 'r1',
      text: { type: 'plain_text' as const, text: 'Old' },
    };
    const { ts = '' } = await client.chat.postMessage({
      channel,
      text: 'x',
      blocks: [{ type: 'actions', elements: [button] }],
    });
    const message = await slack.waitForMessage({
      channel: '#mesh',
      matching: ({ buttons }) => buttons.includes('Old'),
    });
    const old = message.button('Old');
    await client.chat.update({ channel, ts, text: 'closed' });
    assert.throws(() => message.button('Old'), /none/);
    assert.deepEqual([old.value, old.actionId], ['r1', 'old']);
    assert.equal((await old.click('ana')).error, 'dispatch_failed', 'it was sent, and no app is connected');
  });

  it('fill a channel without end: the oldest messages are forgotten', () => {
    const place = slack.as('ben').in('#random');
    for (let index = 0; index < 1_010; index += 1) place.say(`line ${index}`);
    const kept = slack.messages('#random');
    assert.deepEqual([kept.length, kept[0]?.text, kept.at(-1)?.text], [1_000, 'line 10', 'line 1009']);
  });

  it('name what does not exist', () => {
    assert.throws(() => slack.as('nobody'), /nobody/);
    assert.throws(() => slack.messages('#nowhere'), /#nowhere/);
  });
});
