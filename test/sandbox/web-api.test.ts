import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
  type WebClient,
} from '@slack/web-api';
import { type FakeSlack, startFakeSlack } from '../../src/sandbox/slack/index.ts';
import { channelOf, personOf } from '../../src/sandbox/slack/workspace.ts';
import { clientOf } from './bolt-app.ts';

/** The error code that Slack answers, or `ok`. */
async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'ok';
  } catch (error) {
    if (error instanceof WebAPIPlatformError) return error.data.error;
    throw error;
  }
}

describe('the Web API', () => {
  let slack: FakeSlack;
  let client: WebClient;
  const idOf = (name: string): string => channelOf(slack.workspace, name).id;
  const userOf = (name: string): string => personOf(slack.workspace, name).id;

  before(async () => {
    slack = await startFakeSlack({ rateLimits: 'off' });
    client = clientOf(slack);
  });
  after(() => slack.close());

  it('knows the app by its token', async () => {
    const { team_id, user_id, bot_id } = await client.auth.test();
    const { team, app } = slack.workspace;
    assert.deepEqual([team_id, user_id, bot_id], [team.id, app.botUser, app.botId]);
    assert.equal(await codeOf(clientOf(slack, 'xoxb-other').auth.test()), 'invalid_auth');
    assert.equal(await codeOf(client.apps.connections.open()), 'not_allowed_token_type');
    const anonymous = await fetch(`${slack.apiUrl}auth.test`, { method: 'POST' });
    assert.deepEqual(await anonymous.json(), { ok: false, error: 'not_authed' });
    assert.equal(await codeOf(client.apiCall('chat.shout')), 'unknown_method');
  });

  it('keeps no token in its log', async () => {
    await fetch(`${slack.apiUrl}auth.test?token=${slack.botToken}`, { method: 'POST' });
    assert.equal(JSON.stringify(slack.calls).includes(slack.botToken), false);
  });

  const places = [
    ['#mesh', 'ok'],
    ['#payments', 'ok'],
    ['#random', 'not_in_channel'],
    ['#leads', 'channel_not_found'],
    ['#old-mesh', 'is_archived'],
  ] as const;
  for (const [name, expected] of places) {
    it(`answers ${expected} to a post into ${name}`, async () => {
      assert.equal(await codeOf(client.chat.postMessage({ channel: idOf(name), text: 'hello' })), expected);
    });
  }

  it('posts to a person by opening the conversation', async () => {
    const { channel = '' } = await client.chat.postMessage({ channel: userOf('ana'), text: 'psst' });
    assert.deepEqual(
      slack
        .as('ana')
        .direct()
        .messages()
        .map(({ text }) => text),
      ['psst'],
    );
    const opened = await client.conversations.open({ users: userOf('ana') });
    assert.equal(opened.channel?.id, channel);
    assert.equal(await codeOf(client.chat.postMessage({ channel: userOf('otto'), text: 'x' })), 'user_disabled');
  });

  it('keeps every version of a message', async () => {
    const channel = idOf('#mesh');
    const blocks = [{ type: 'section', text: { type: 'plain_text', text: 'in blocks' } }];
    const { ts = '' } = await client.chat.postMessage({ channel, text: 'one', blocks });
    await client.chat.update({ channel, ts, text: 'two', blocks });
    await client.chat.update({ channel, ts, text: 'three' });
    const message = slack.messages('#mesh').find((one) => one.ts === ts);
    assert.deepEqual(
      message?.versions.map(({ text, plain }) => [text, plain]),
      [
        ['one', 'in blocks'],
        ['two', 'in blocks'],
        ['three', 'three'],
      ],
      'a text without blocks takes the blocks away',
    );
  });

  it('changes only messages that are there and its own', async () => {
    const channel = idOf('#mesh');
    const theirs = slack.as('ana').in('#mesh').say('mine').message.ts;
    assert.equal(await codeOf(client.chat.update({ channel, ts: '1.000001', text: 'x' })), 'message_not_found');
    assert.equal(await codeOf(client.chat.update({ channel, ts: theirs, text: 'x' })), 'cant_update_message');
    assert.equal(await codeOf(client.chat.delete({ channel, ts: theirs })), 'cant_delete_message');
    const { ts = '' } = await client.chat.postMessage({ channel, text: 'short lived' });
    await client.chat.delete({ channel, ts });
    assert.equal(await codeOf(client.chat.update({ channel, ts, text: 'x' })), 'message_not_found');
    assert.equal(
      slack.messages('#mesh').some((one) => one.ts === ts),
      false,
    );
  });

  it('refuses what is empty or too long', async () => {
    const channel = idOf('#mesh');
    assert.equal(await codeOf(client.chat.postMessage({ channel, text: '' })), 'no_text');
    assert.equal(await codeOf(client.chat.postMessage({ channel, text: 'x'.repeat(40_001) })), 'msg_too_long');
    const metadata = { event_type: 'job', event_payload: { big: 'x'.repeat(20_000) } };
    assert.equal(await codeOf(client.chat.postMessage({ channel, text: 'x', metadata })), 'metadata_too_large');
  });

  it('shows an ephemeral message to one person, and to no method', async () => {
    const channel = idOf('#mesh');
    const { message_ts: ts = '' } = await client.chat.postEphemeral({ channel, user: userOf('ana'), text: 'for you' });
    assert.ok(slack.ephemeralsFor('ana').some((one) => one.ts === ts));
    assert.equal(
      slack
        .as('ben')
        .in('#mesh')
        .messages()
        .some((one) => one.ts === ts),
      false,
    );
    assert.equal(await codeOf(client.chat.update({ channel, ts, text: 'x' })), 'message_not_found');
    const { messages = [] } = await client.conversations.history({ channel, limit: 1_000 });
    assert.equal(
      messages.some((one) => one.ts === ts),
      false,
    );
    assert.equal(
      await codeOf(client.chat.postEphemeral({ channel, user: userOf('vera'), text: 'x' })),
      'user_not_in_channel',
    );
  });

  it('gives history newest first, threads oldest first, metadata on request, page by page', async () => {
    const channel = idOf('#payments');
    const metadata = { event_type: 'job', event_payload: { id: 'r1' } };
    const { ts: root = '' } = await client.chat.postMessage({ channel, text: 'root', metadata });
    for (const text of ['a', 'b', 'c']) await client.chat.postMessage({ channel, text, thread_ts: root });
    const { ts: next = '' } = await client.chat.postMessage({ channel, text: 'next' });
    const history = await client.conversations.history({
      channel,
      oldest: root,
      inclusive: true,
      include_all_metadata: true,
    });
    assert.deepEqual(
      history.messages?.map(({ ts }) => ts),
      [next, root],
    );
    assert.deepEqual(history.messages?.[1]?.metadata, metadata);
    assert.equal(history.messages?.[1]?.reply_count, 3);
    const first = await client.conversations.replies({ channel, ts: root, limit: 3 });
    const second = await client.conversations.replies({
      channel,
      ts: root,
      limit: 3,
      cursor: first.response_metadata?.next_cursor ?? '',
    });
    const said = [...(first.messages ?? []), ...(second.messages ?? [])].map(({ text, metadata: more }) => [
      text,
      more,
    ]);
    assert.deepEqual(said, [
      ['root', undefined],
      ['a', undefined],
      ['b', undefined],
      ['c', undefined],
    ]);
    assert.equal(second.response_metadata?.next_cursor, '');
    assert.deepEqual(
      slack.thread(root).map(({ text }) => text),
      ['root', 'a', 'b', 'c'],
    );
  });

  it('says who is who', async () => {
    const flags = async (name: string) => {
      const { user } = await client.users.info({ user: userOf(name) });
      return [user?.deleted, user?.is_bot, user?.is_restricted, user?.is_ultra_restricted, user?.is_stranger ?? false];
    };
    assert.deepEqual(await flags('ana'), [false, false, false, false, false]);
    assert.deepEqual(await flags('gus'), [false, false, true, false, false]);
    assert.deepEqual(await flags('ulla'), [false, false, true, true, false]);
    assert.deepEqual(await flags('otto'), [true, false, false, false, false]);
    assert.deepEqual(await flags('vera'), [false, false, false, false, false]);
    slack.leave('#partners', 'vera');
    assert.deepEqual(await flags('vera'), [false, false, false, false, true]);
    slack.join('#partners', 'vera');
    assert.deepEqual(await flags('bot'), [false, true, false, false, false]);
    const { user } = await client.users.info({ user: userOf('vera') });
    assert.notEqual(user?.team_id, slack.workspace.team.id);
    assert.equal((await client.users.list({})).members?.length, slack.workspace.people.size);
    const { usergroups = [] } = await client.usergroups.list({});
    const onCall = usergroups.find(({ handle }) => handle === 'sre-oncall')?.id ?? '';
    const { users } = await client.usergroups.users.list({ usergroup: onCall });
    assert.deepEqual(users, [userOf('ben'), userOf('carla')]);
  });

  it('says what channels there are, as far as the app sees them', async () => {
    const { channel } = await client.conversations.info({ channel: idOf('#partners') });
    assert.equal(channel?.is_ext_shared, true);
    const { channels = [] } = await client.conversations.list({ types: 'public_channel,private_channel' });
    assert.deepEqual(channels.map(({ name }) => name).sort(), ['mesh', 'old-mesh', 'partners', 'payments', 'random']);
    const { members = [] } = await client.conversations.members({ channel: idOf('#payments') });
    assert.deepEqual(members, ['ana', 'ben', 'bot'].map(userOf));
    assert.equal(await codeOf(client.conversations.history({ channel: idOf('#random') })), 'not_in_channel');
  });

  it('names the scope that is missing', async () => {
    slack.revoke('users:read');
    await assert.rejects(client.users.info({ user: userOf('ana') }), (error: WebAPIPlatformError) => {
      assert.equal(error.data.error, 'missing_scope');
      const { needed, provided } = error.data as { needed?: string; provided?: string };
      assert.equal(needed, 'users:read');
      assert.ok(provided?.includes('chat:write'));
      return true;
    });
    slack.grant('users:read');
    slack.revoke('groups:history');
    assert.equal(await codeOf(client.conversations.history({ channel: idOf('#payments') })), 'missing_scope');
    assert.equal(await codeOf(client.conversations.history({ channel: idOf('#mesh') })), 'ok');
    slack.grant('groups:history');
  });

  it('links to messages and takes reactions', async () => {
    const channel = idOf('#mesh');
    const { ts = '' } = await client.chat.postMessage({ channel, text: 'look' });
    const { permalink = '' } = await client.chat.getPermalink({ channel, message_ts: ts });
    const { status, headers } = await fetch(permalink, { redirect: 'manual' });
    assert.deepEqual([status, headers.get('location')], [302, `/#channel=${channel}&thread=${ts}`]);
    await client.reactions.add({ channel, timestamp: ts, name: 'eyes' });
    assert.equal(await codeOf(client.reactions.add({ channel, timestamp: ts, name: 'eyes' })), 'already_reacted');
    assert.deepEqual(slack.messages('#mesh').at(-1)?.reactions, ['eyes']);
  });
});

describe('limits on how often', () => {
  it('lets about one post a second through in each channel, and says when the next may come', async () => {
    let now = Date.parse('2026-11-20T09:00:00Z');
    const slack = await startFakeSlack({ now: () => now });
    const client = clientOf(slack);
    const post = (name: string) => client.chat.postMessage({ channel: channelOf(slack.workspace, name).id, text: 'x' });
    for (let index = 0; index < 5; index += 1) await post('#mesh');
    await assert.rejects(
      post('#mesh'),
      (error: unknown) => error instanceof WebAPIRateLimitedError && error.retryAfter === 1,
    );
    await post('#payments');
    now += 1_000;
    await post('#mesh');
    await assert.rejects(post('#mesh'), WebAPIRateLimitedError);
    assert.equal(slack.callsOf('chat.postMessage').filter(({ outcome }) => outcome === 'ratelimited').length, 2);
    await slack.close();
  });
});

describe('faults on request', () => {
  let slack: FakeSlack;
  let client: WebClient;
  const post = (text: string) => client.chat.postMessage({ channel: channelOf(slack.workspace, '#mesh').id, text });
  const said = () => slack.messages('#mesh').map(({ text }) => text);

  before(async () => {
    slack = await startFakeSlack({ rateLimits: 'off' });
    client = clientOf(slack);
  });
  after(() => slack.close());

  it('answers 429 or 500 as often as told', async () => {
    slack.fail({ method: 'chat.postMessage', fault: { status: 429, retryAfter: 7 }, times: 2 });
    for (const text of ['a', 'b']) {
      await assert.rejects(
        post(text),
        (error: unknown) => error instanceof WebAPIRateLimitedError && error.retryAfter === 7,
      );
    }
    slack.fail({ method: '*', fault: { status: 500 } });
    await assert.rejects(post('c'), WebAPIHTTPError);
    await post('d');
    assert.deepEqual(said(), ['d']);
  });

  it('drops a request before it did anything, or its reply after it did', async () => {
    slack.fail({ method: 'chat.postMessage', fault: { drop: 'request' } });
    await assert.rejects(post('never'), WebAPIRequestError);
    slack.fail({ method: 'chat.postMessage', fault: { drop: 'reply' } });
    await assert.rejects(post('posted, but nobody knows'), WebAPIRequestError);
    assert.deepEqual(said(), ['d', 'posted, but nobody knows']);
  });

  it('hits every nth call, some calls later, late, or with an error', async () => {
    slack.fail({ method: 'auth.test', fault: { error: 'internal_error' }, every: 2 });
    const outcomes = [];
    for (let index = 0; index < 4; index += 1) outcomes.push(await codeOf(client.auth.test()));
    assert.deepEqual(outcomes, ['ok', 'internal_error', 'ok', 'internal_error']);
    slack.healAll();
    slack.fail({ method: 'auth.test', fault: { delayMs: 400 }, after: 1 });
    const took = async () => {
      const begun = performance.now();
      await client.auth.test();
      return performance.now() - begun;
    };
    assert.ok((await took()) < 400);
    assert.ok((await took()) >= 399);
  });
});
