import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { App, type Receiver } from '@slack/bolt';
import { slackMessenger } from '../../src/clients/slack.ts';
import { slackClient } from '../../src/clients/slack-client.ts';
import { cleanReceiver, lastHop } from '../../src/clients/slack-last-hop.ts';
import { type FakeSlack, startFakeSlack } from '../../src/sandbox/slack/index.ts';
import { testLog } from '../helpers/log.ts';

const canary = 'password: canary';
const blocks = [{ type: 'section' as const, text: { type: 'mrkdwn' as const, text: canary } }];

describe('the last hop to Slack', () => {
  const { slack: logger } = testLog();
  let slack: FakeSlack;
  let channel = '';
  before(async () => {
    slack = await startFakeSlack({ rateLimits: 'off' });
    channel = slack.as('ana').in('mesh').channel.id;
  });
  after(() => slack.close());

  const settings = () => ({ token: slack.botToken, apiUrl: slack.apiUrl, logger, onCall: () => {} });
  const sent = () => JSON.stringify(slack.calls.map(({ args }) => args));

  it('takes credentials out of every argument of every call', async () => {
    const client = slackClient(settings());
    const before = slack.calls.length;
    await client.chat.postMessage({ channel, text: canary, blocks });
    await client.chat.postEphemeral({ channel, user: slack.as('ana').id, text: canary, blocks });
    await client.views.publish({ user_id: slack.as('ana').id, view: { type: 'home', blocks } });
    assert.equal(slack.calls.length, before + 3);
    assert.ok(sent().includes('[redacted]') && !sent().includes('canary'));
  });

  it('takes them out of the name of a file and of what is in it', async () => {
    const one = slackMessenger(settings(), 'meshbot');
    const posted = await one.post({ channel, requestId: 'r1', part: 'anchor' }, { text: 'a', blocks: [] });
    assert.ok(posted.ok);
    const file = { name: 'a.txt', title: canary, content: `a\n${canary}\nb` };
    const outcome = await one.upload({ channel, thread: posted.ts, requestId: 'r1', part: 'file' }, file);
    assert.ok(outcome.ok);
    const [kept] = slack.files();
    assert.deepEqual([kept?.title, kept?.words], ['password: [redacted]', 'a\npassword: [redacted]\nb']);
  });

  it('takes them out of what goes to a response_url, and of acknowledgements', async () => {
    const bodies: unknown[] = [];
    const real = globalThis.fetch;
    globalThis.fetch = async (_, init) => {
      bodies.push(init?.body);
      return new Response('{"ok":true}');
    };
    try {
      const command = await commanded(async ({ ack, respond }) => {
        await ack(canary);
        await respond({ text: canary, blocks });
      });
      assert.deepEqual(command.acked, ['password: [redacted]']);
      assert.equal(bodies.length, 1);
      assert.ok(!String(bodies[0]).includes('canary'));
    } finally {
      globalThis.fetch = real;
    }
  });
});

type Handler = Parameters<App['command']>[1];

/** A command through Bolt, over a receiver that keeps what is acknowledged. */
async function commanded(handle: Handler): Promise<{ readonly acked: readonly unknown[] }> {
  const acked: unknown[] = [];
  let app: App | undefined;
  const receiver: Receiver = {
    init: (one) => {
      app = one;
    },
    start: async () => undefined,
    stop: async () => undefined,
  };
  const bolt = new App({
    receiver: cleanReceiver(receiver),
    authorize: async () => ({ botToken: 'xoxb-1', botId: 'B1', botUserId: 'U1', teamId: 'T1' }),
    clientOptions: { fetch: lastHop },
    convoStore: false,
    logger: testLog().slack,
  });
  bolt.command('/mesh', handle);
  const body = {
    command: '/mesh',
    text: '',
    team_id: 'T1',
    user_id: 'U1',
    channel_id: 'C1',
    response_url: 'https://slack.example/response',
  };
  await app?.processEvent({ body, ack: async (said) => void acked.push(said) });
  return { acked };
}
