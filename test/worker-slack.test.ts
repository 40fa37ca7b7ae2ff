import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { slackMessenger } from '../src/clients/slack.ts';
import { slackClient } from '../src/clients/slack-client.ts';
import { watchSlack } from '../src/worker-slack.ts';
import { testLog } from './helpers/log.ts';
import { type Fault, type SlackApi, startSlackApi } from './helpers/slack-api.ts';

const place = { channel: 'C1', requestId: 'r1', part: 'anchor' };
const message = { text: 'hello', blocks: [] };

describe("a worker's access to Slack", () => {
  let api: SlackApi;
  before(async () => {
    api = await startSlackApi();
  });
  after(() => api.close());

  function watched() {
    const settings = { token: 'xoxb-1', apiUrl: api.url, logger: testLog().slack };
    const messenger = slackMessenger({ ...settings, onCall: () => {} }, 'meshbot');
    const slack = watchSlack({ messenger, client: slackClient(settings) });
    const turns: (string | undefined)[] = [];
    slack.onTurn(() => turns.push(slack.sight()?.code));
    return { ...slack, turns };
  }

  it('is not known before anything was asked, and good where the token is', async () => {
    const slack = watched();
    assert.equal(slack.sight(), undefined);
    await slack.check();
    assert.ok(slack.sight()?.at);
    assert.equal(slack.sight()?.code, undefined);
  });

  it('is lost with a message that is refused, though the token is good, and back with one that is taken', async () => {
    const slack = watched();
    api.fail('chat.postMessage', { error: 'account_inactive' });
    await slack.messenger.post(place, message);
    await slack.check();
    assert.equal(slack.sight()?.code, 'account_inactive');
    await slack.messenger.post(place, message);
    assert.equal(slack.sight()?.code, undefined);
    assert.deepEqual(slack.turns, ['account_inactive', undefined]);
  });

  it('is lost with the token', async () => {
    const slack = watched();
    await slack.messenger.post(place, message);
    api.fail('auth.test', { error: 'token_revoked' });
    await slack.check();
    assert.equal(slack.sight()?.code, 'token_revoked');
  });

  const others: readonly Fault[] = [
    { error: 'not_in_channel' },
    { error: 'invalid_blocks' },
    { error: 'message_not_found' },
    { status: 429, retryAfter: 3 },
  ];
  for (const fault of others) {
    it(`is not lost with ${JSON.stringify(fault)}: that is about one message, or passes`, async () => {
      const slack = watched();
      await slack.check();
      api.fail('chat.update', fault);
      await slack.messenger.update(place, '1.1', message);
      assert.equal(slack.sight()?.code, undefined);
      assert.deepEqual(slack.turns, []);
    });
  }
});
