import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { WebClient } from '@slack/web-api';
import { slackChannels } from '../../src/clients/slack-channels.ts';
import { slackClient } from '../../src/clients/slack-client.ts';
import { type FakeSlack, startFakeSlack } from '../../src/sandbox/slack/index.ts';
import { testLog } from '../helpers/log.ts';

describe('who reads a channel', () => {
  const { slack: logger, log } = testLog();

  const answers: readonly (readonly [string, object | undefined, boolean | undefined])[] = [
    ['only people of this workspace', { is_ext_shared: false, is_pending_ext_shared: false }, false],
    ['people of others', { is_ext_shared: true }, true],
    ['others, once they accept', { is_ext_shared: false, is_pending_ext_shared: true }, true],
    ['nobody knows, where the answer lacks it', {}, undefined],
    ['nobody knows, where there is no answer', undefined, undefined],
  ];
  for (const [who, channel, outsiders] of answers) {
    it(who, async () => {
      const client = { conversations: { info: async () => ({ ok: true, channel }) } } as unknown as WebClient;
      const channels = slackChannels({ client, log });
      assert.equal(await channels.hasOutsiders('C1'), outsiders);
      assert.equal(await channels.ask('C1'), outsiders ?? true);
      assert.equal(await channels.hasOutsiders('D1'), false, 'a direct message');
    });
  }

  describe('where Slack does not tell', () => {
    let slack: FakeSlack;
    before(async () => {
      slack = await startFakeSlack({ rateLimits: 'off' });
      slack.revoke('channels:read', 'groups:read');
    });
    after(() => slack.close());

    it('is not known, or the failure is told', async () => {
      const client = slackClient({ token: slack.botToken, apiUrl: slack.apiUrl, logger });
      const channels = slackChannels({ client, log });
      const { id } = slack.as('ana').in('mesh').channel;
      assert.equal(await channels.hasOutsiders(id), undefined);
      await assert.rejects(channels.ask(id));
    });
  });
});
