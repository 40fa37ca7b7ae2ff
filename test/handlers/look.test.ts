import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { names } from '../../src/jobs/names.ts';
import { type Fixing, ids, startFixing } from './fixing.ts';

const policy = `
version: 1
roles:
  dev: { users: [${ids.ana}] }
fixes:
  - fixes: [require-mtls]
    approve: [everyone]
look:
  - roles: [dev]
    namespaces: [bookinfo, 'book-*']
  - roles: [everyone]
    namespaces: [public]
`;

let f: Fixing;
before(async () => {
  f = await startFixing(policy);
});
after(() => f.close());

async function asked(who: string, line: string, channel = 'mesh') {
  const before = (await f.questions()).length;
  const { answer } = await f.slack.as(who).in(channel).slash(line);
  return { answer, queued: (await f.questions()).length - before };
}

describe('rights to look', () => {
  for (const [who, line, queued] of [
    ['ana', '/mesh mtls bookinfo', 1],
    ['ana', '/mesh mtls book-shop --from bookinfo', 1],
    ['ana', '/mesh mtls bookinfo --from payments', 0],
    ['ana', '/mesh mtls payments', 0],
    ['ana', '/mesh uwm', 0],
    ['ben', '/mesh mtls bookinfo', 0],
    ['ben', '/mesh mtls public', 1],
    ['gus', '/mesh mtls public', 0],
  ] as const) {
    it(`${queued === 1 ? 'let' : 'do not let'} ${who} ask ${line}`, async () => {
      const outcome = await asked(who, line);
      assert.equal(outcome.queued, queued);
      if (queued === 1) return;
      assert.notEqual(outcome.answer, undefined);
      const [record] = await f.audit.last(1);
      assert.deepEqual([record?.kind, record?.cluster], ['refused', 'prod']);
    });
  }

  it('hide all from a channel that people from outside read, and where Slack does not tell', async () => {
    assert.equal((await asked('ana', '/mesh mtls bookinfo', 'partners')).queued, 0);
    f.slack.revoke('groups:read');
    try {
      assert.equal((await asked('ana', '/mesh mtls bookinfo', 'payments')).queued, 0);
    } finally {
      f.slack.grant('groups:read');
    }
  });

  it('hold for digests and mutes as well', async () => {
    const refused = ['digest add "daily 9:00" bookinfo payments', 'mute permissive payments for 1d because x'];
    for (const line of refused) {
      await f.slack.as('ana').in('mesh').slash(`/mesh ${line}`);
      assert.equal((await f.audit.last(1))[0]?.kind, 'refused', line);
    }
    await f.slack.as('ana').in('mesh').slash('/mesh digest add "daily 9:00" bookinfo');
    assert.equal((await f.audit.last(1))[0]?.kind, 'schedule');
  });

  it('decide what the form offers', async () => {
    await f.client.set('meshbot:names:prod', JSON.stringify(['bookinfo', 'payments', 'public']), 'EX', 60);
    assert.deepEqual(await names(f.client).namespaces('prod'), ['bookinfo', 'payments', 'public']);
    const { answer } = await f.slack.as('ana').in('mesh').slash('/mesh');
    await answer?.button('build-question').click('ana');
    const modal = await f.slack.as('ana').waitForModal();
    const offered = async (text: string) =>
      (await modal.choice('build-namespace').options('ana', text)).options.map(({ value }) => value);
    assert.deepEqual(await offered(''), ['bookinfo', 'public']);
    assert.deepEqual(await offered('pay'), []);
    assert.deepEqual(await offered('book-x'), ['book-x']);
  });
});
