import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { asks } from '../../src/jobs/asks.ts';
import { names } from '../../src/jobs/names.ts';
import { approve, begin, clear, verify, wrote } from '../../src/model/life.ts';
import type { Remediation } from '../../src/model/remediation.ts';
import { approvalOf } from '../helpers/remediations.ts';
import { waitFor } from '../helpers/wait.ts';
import { type Carded, type Fixing, ids, startFixing } from './fixing.ts';

const policy = `
version: 1
roles:
  dev: { users: [${ids.ana}] }
fixes:
  - fixes: ['*']
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

  it('let the form offer nothing where Slack does not tell them in time', async () => {
    await f.client.set('meshbot:names:prod', JSON.stringify(['bookinfo']), 'EX', 60);
    const { id } = f.slack.addChannel({ name: 'slow', members: ['ana', 'bot'] });
    const { answer } = await f.slack.as('ana').in('mesh').slash('/mesh');
    await answer?.button('build-question').click('ana');
    const modal = await f.slack.as('ana').waitForModal();
    const values = { channel: { 'build-channel': { selected_conversation: id } } };
    await modal.choice('build-channel').choose('ana', id, { values });
    await waitFor(() => modal.privateMetadata.includes(id));
    f.slack.fail({ method: 'conversations.info', fault: { delayMs: 4_000 }, times: 1 });
    const { ok, options } = await modal.choice('build-namespace').options('ana', '');
    assert.deepEqual([ok, options], [true, []]);
    const offered = async () => (await modal.choice('build-namespace').options('ana', '')).options.length;
    await waitFor(async () => (await offered()) === 1);
  });
});

describe('rights to look, for plans', () => {
  for (const [who, line, channel, queued] of [
    ['ana', '/mesh fix require-mtls bookinfo', 'mesh', 1],
    ['ana', '/mesh fix require-mtls payments', 'mesh', 0],
    ['ana', '/mesh fix require-mtls book-2', 'partners', 0],
    ['ana', '/mesh fix other', 'mesh', 0],
    ['ben', '/mesh fix require-mtls book-3', 'mesh', 0],
    ['ben', '/mesh fix require-mtls public', 'mesh', 1],
  ] as const) {
    it(`${queued === 1 ? 'let' : 'do not let'} ${who} ask ${line} in ${channel}`, async () => {
      const before = (await f.jobs('propose')).length;
      const { answer } = await f.slack.as(who).in(channel).slash(line);
      assert.equal((await f.jobs('propose')).length - before, queued);
      const [record] = await f.audit.last(1);
      assert.equal(record?.kind, queued === 1 ? 'requested' : 'refused');
      if (queued === 0) assert.notEqual(answer, undefined);
    });
  }

  it('hold for the button that proposes a fix', async () => {
    const command = 'fix require-mtls payments --cluster prod';
    await asks(f.client).save('r1-fix-1', { command, team: f.slack.workspace.team.id, channel: 'C0MESH00001' });
    const before = (await f.jobs('propose')).length;
    const message = await posted('run-it', 'r1-fix-1');
    assert.match(await clicked('ana', { message }, 'run-it'), /payments/);
    assert.equal((await f.jobs('propose')).length, before);
  });

  it('hold for the whole change behind a card', async () => {
    const card = await f.card();
    assert.notEqual(await clicked('ben', card, 'fix-details'), '');
    assert.equal(f.slack.as('ben').modal(), undefined);
    assert.equal((await f.audit.last(1))[0]?.kind, 'refused');
    await card.message.button('fix-details').click('ana');
    assert.ok((await f.slack.as('ana').waitForModal()).plain.includes(card.id));
  });

  it('hold for taking it back', async () => {
    const card = await f.card({}, ...applied);
    const asked = async () => (await f.jobs('propose')).filter(({ undoOf }) => undoOf === card.id).length;
    await clicked('ben', card, 'fix-undo');
    assert.equal(await asked(), 0);
    await clicked('ana', card, 'fix-undo');
    assert.equal(await asked(), 1);
  });
});

const at = () => new Date().toISOString();
const applied = [
  (r: Remediation) => approve(r, approvalOf(r.plan, ids.ben, { at: at() })),
  (r: Remediation) => clear(r, at()),
  (r: Remediation) => begin(r, at()),
  (r: Remediation) => wrote(r, { at: at() }, at(), at()),
  (r: Remediation) => verify(r, { state: 'verified', says: 'bookinfo demands mTLS' }, at()),
];

/** What this person alone was told. */
async function clicked(who: string, { message }: Pick<Carded, 'message'>, action: string): Promise<string> {
  const before = new Set(f.slack.ephemeralsFor(who).map(({ ts }) => ts));
  await message.button(action).click(who);
  return f.slack.waitUntil(() => f.slack.ephemeralsFor(who).find(({ ts }) => !before.has(ts))?.plain);
}

async function posted(action: string, value: string) {
  const button = { type: 'button', action_id: action, value, text: { type: 'plain_text', text: 'Press' } };
  const blocks = [{ type: 'actions', elements: [button] }];
  const { ts } = await f.web.chat.postMessage({ channel: 'C0MESH00001', text: 'An answer', blocks: blocks as [] });
  return f.slack.waitForMessage({ channel: '#mesh', matching: (one) => one.ts === ts });
}
