import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { slackClient } from '../../src/clients/slack-client.ts';
import { slackGone } from '../../src/clients/slack-gone.ts';
import { type FakeSlack, startFakeSlack } from '../../src/sandbox/slack/index.ts';
import { testLog } from '../helpers/log.ts';

describe('whether a channel is gone', () => {
  const { slack: logger, log } = testLog();
  let slack: FakeSlack;
  before(async () => {
    slack = await startFakeSlack({ rateLimits: 'off' });
  });
  after(() => slack.close());

  const gone = (channel: string) =>
    slackGone({ client: slackClient({ token: slack.botToken, apiUrl: slack.apiUrl, logger }), log })(channel);
  const channel = (name: string, members: readonly string[]) => slack.addChannel({ name, members: [...members] }).id;

  it('is told where it is archived, where the bot was removed, and where there is none', async () => {
    const there = channel('there', ['ana', 'bot']);
    assert.equal(await gone(there), undefined);
    assert.equal(await gone(channel('without-bot', ['ana'])), 'not_in_channel');
    assert.equal(await gone('C0NONE00001'), 'channel_not_found');
    slack.archive('there');
    assert.equal(await gone(there), 'is_archived');
    assert.equal(await gone('D0NONE00001'), undefined, 'a direct message');
  });

  it('is not known where Slack does not tell', async () => {
    const place = channel('silent', ['ana']);
    slack.revoke('channels:read', 'groups:read');
    assert.equal(await gone(place), undefined);
  });
});
