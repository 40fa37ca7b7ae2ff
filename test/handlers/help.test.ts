import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Fixing, ids, startFixing } from './fixing.ts';

const policy = `
version: 1
roles:
  dev: { users: [${ids.ana}] }
  all: { users: [${ids.carla}] }
fixes:
  - fixes: ['*']
    approve: [everyone]
look:
  - roles: [dev]
    namespaces: [shop, web]
  - roles: [all]
    namespaces: ['*']
`;

let f: Fixing;
before(async () => {
  f = await startFixing(policy);
  await f.client.set('meshbot:names:prod', JSON.stringify(['default', 'hidden', 'shop', 'web']), 'EX', 600);
});
after(() => f.close());

/** The commands that help gives to copy. */
async function commands(who: string, channel = 'mesh') {
  const { answer } = await f.slack.as(who).in(channel).slash('/mesh');
  return Array.from(
    (answer?.plain ?? '').matchAll(/\/mesh ([a-z]+(?: [a-z]+)?(?: "[^"]*")?(?: [a-z]+)?)/g),
    ([, one = '']) => one.trim(),
  );
}

describe('help', () => {
  it('is five commands of what this person may ask', async () => {
    const offered = await commands('ana');
    assert.equal(offered.length, 5);
    assert.ok(offered.some((one) => one.startsWith('mtls shop')));
    assert.ok(offered.some((one) => /^digest add ".*" shop/.test(one)));
    assert.ok(offered.some((one) => one.startsWith('fix')));
    assert.ok(!offered.some((one) => one.startsWith('uwm')), 'about the whole cluster');
  });

  it('is about the whole cluster too, for who may look at all of it', async () => {
    const offered = await commands('carla');
    assert.ok(offered.some((one) => one.startsWith('uwm')));
    assert.ok(offered.some((one) => one.startsWith('mtls hidden')));
  });

  it('is about the namespaces of the channel, first of all', async () => {
    await f.slack.as('ana').in('payments').slash('/mesh digest add "daily 9:00" web');
    assert.ok((await commands('ana', 'payments')).some((one) => one.startsWith('mtls web')));
    assert.ok(
      (await commands('ana')).some((one) => one.startsWith('mtls shop')),
      'elsewhere not',
    );
  });

  it('runs a command on a click, in its channel', async () => {
    const { answer } = await f.slack.as('ana').in('mesh').slash('/mesh help');
    await answer?.button('run-it').click('ana');
    const channel = f.slack.as('ana').in('mesh').channel.id;
    assert.deepEqual(await f.questions(), [{ command: 'mtls shop', channel }]);
  });

  it('is given where Slack does not tell who somebody is, without what they may not ask', async () => {
    f.slack.revoke('users:read');
    try {
      const offered = await commands('ben');
      assert.ok(offered.some((one) => one.startsWith('mtls')) && !offered.some((one) => one.startsWith('uwm')));
    } finally {
      f.slack.grant('users:read');
    }
  });
});
