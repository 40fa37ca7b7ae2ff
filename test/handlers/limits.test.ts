import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { approve } from '../../src/model/life.ts';
import { sealed } from '../../src/model/remediation.ts';
import { approvalOf } from '../helpers/remediations.ts';
import { waitFor } from '../helpers/wait.ts';
import { type Carded, type Fixing, ids, startFixing } from './fixing.ts';

describe('how much one person may ask for', () => {
  let f: Fixing;
  before(async () => {
    f = await startFixing(undefined, 20);
  });
  after(() => f.close());

  it('is enough for people, ends, and is told; others and the stop of all changes are not held up', async () => {
    const card = await f.card();
    const lists = f.slack.callsOf('usergroups.users.list').length;
    for (let click = 0; click < 20; click += 1) await clicked(f, 'gus', card, 'fix-approve');
    assert.equal((await refusals(f)).length, 20);
    assert.ok(f.slack.callsOf('usergroups.users.list').length - lists <= 4, 'not one for each click');
    assert.match(await clicked(f, 'gus', card, 'fix-approve'), /\d s\./);
    assert.match(await say(f, 'gus', '/mesh mtls bookinfo'), /\d s\./);
    assert.equal((await refusals(f)).length, 20, 'and no more records');
    const homes = f.slack.callsOf('views.publish').length;
    await clicked(f, 'gus', card, 'fix-decline');
    assert.equal(f.slack.callsOf('views.publish').length, homes, 'nor App Home made anew');
    assert.equal((await f.questions()).length, 0);
    assert.doesNotMatch(await say(f, 'gus', '/mesh freeze'), /\d s\./);
    await clicked(f, 'ben', card, 'fix-approve');
    assert.equal((await card.now()).state, 'approved');
  });

  it('also ends records of strangers', async () => {
    const card = await f.card();
    f.slack.workspace.channels.get(card.message.channel)?.members.add('U0VERA00001');
    const before = (await refusals(f)).length;
    for (let click = 0; click < 22; click += 1) await clicked(f, 'vera', card, 'fix-approve');
    assert.equal((await refusals(f)).length - before, 20);
    const [record] = await f.audit.last(1);
    assert.deepEqual([record?.by?.user, record?.by?.team], ['U0VERA00001', 'T0PARTNER01']);
  });
});

describe('every refusal', () => {
  let f: Fixing;
  before(async () => {
    f = await startFixing();
  });
  after(() => f.close());

  it('of a click on a copied card is recorded', async () => {
    const card = await f.card();
    const button = {
      type: 'button',
      action_id: 'fix-approve',
      value: sealed(card.plan),
      text: { type: 'plain_text', text: 'Approve' },
    };
    const blocks = [{ type: 'actions', elements: [button] }];
    const { channel } = card.message;
    const { ts } = await f.web.chat.postMessage({ channel, text: 'A copy', blocks: blocks as [] });
    const message = await f.slack.waitForMessage({ channel: '#mesh', matching: (one) => one.ts === ts });
    await clicked(f, 'ben', { message }, 'fix-approve');
    const [record] = await f.audit.last(1, { plan: card.id });
    assert.deepEqual([record?.kind, record?.by?.user], ['refused', ids.ben]);
  });

  it('of a plan for a channel that people from outside read is recorded', async () => {
    const { answer } = await f.slack.as('ana').in('partners').slash('/mesh fix require-mtls payments');
    assert.match(answer?.plain ?? '', /look/);
    assert.equal((await f.audit.last(1))[0]?.kind, 'refused');
    assert.equal((await f.jobs('propose')).length, 0);
  });

  it('of a step that the life of a plan does not have is recorded', async () => {
    const rule = { approvals: 2, selfApproval: false, approvers: ['sre'], policy: 'x' };
    const card = await f.card({ rule, expiresAt: new Date(Date.now() + 60_000).toISOString() }, (r) =>
      approve(r, approvalOf(r.plan, 'U0TWIN00001', { kubernetes: { user: 'ben@example.com', groups: [] } })),
    );
    await clicked(f, 'ben', card, 'fix-approve');
    const [record] = await f.audit.last(1, { plan: card.id });
    assert.deepEqual([record?.kind, (await card.now()).approvals.length], ['refused', 1]);
  });

  it('and no plan that never is: who asks for one that is on its way is recorded with that', async () => {
    await say(f, 'ana', '/mesh fix require-mtls payments');
    await say(f, 'ana', '/mesh fix require-mtls payments');
    const [job, ...more] = await f.jobs('propose');
    assert.equal(more.length, 0);
    const records = (await f.audit.last(10)).filter(({ kind }) => kind === 'requested');
    assert.deepEqual(
      records.map(({ plan }) => plan),
      [job?.requestId, job?.requestId],
    );
  });
});

describe('where Slack does not say who somebody is', () => {
  let f: Fixing;
  before(async () => {
    f = await startFixing();
    f.slack.revoke('users:read');
  });
  after(() => f.close());

  for (const line of ['/mesh fix', '/mesh audit', '/mesh fix require-mtls payments', '/mesh unfreeze']) {
    it(`${line} says what is missing`, async () => {
      assert.match(await say(f, 'ana', line), /users:read/);
    });
  }

  it('everyone may stop all changes, where the policy lets everyone', async () => {
    await say(f, 'ana', '/mesh freeze');
    assert.equal((await f.store.freeze.get())?.by.user, ids.ana);
  });

  it('App Home says so, and shows the rest', async () => {
    await f.slack.as('ana').openHome();
    const home = await f.slack.as('ana').waitForHome();
    assert.match(home.plain, /users:read/);
    assert.match(home.plain, /\/mesh mtls bookinfo/);
    assert.doesNotMatch(home.plain, /Nothing waits/);
  });
});

describe('where not everyone may stop all changes', () => {
  it('who may not is told of the other way', async () => {
    const rules = `
version: 1
roles:
  sre: { users: [${ids.ben}] }
fixes:
  - { fixes: [require-mtls], approve: [sre] }
freeze: { freeze: [sre] }
look:
  - { namespaces: [bookinfo] }
`;
    const f = await startFixing(rules);
    try {
      assert.match(await say(f, 'ana', '/mesh freeze'), /ConfigMap/);
      f.slack.revoke('users:read');
      assert.match(await say(f, 'ben', '/mesh freeze'), /users:read.*ConfigMap/);
      assert.equal(await f.store.freeze.get(), undefined);
      const mute = { id: 'm1', code: 'permissive', cluster: 'prod', namespace: 'bookinfo', because: 'x' };
      const times = { at: new Date().toISOString(), until: new Date(Date.now() + 60_000).toISOString() };
      const by = { team: 'T', user: ids.ana };
      await f.client.hset('meshbot:mutes', 'm1', JSON.stringify({ ...mute, ...times, by }));
      assert.match(await say(f, 'carla', '/mesh mutes'), /users:read/);
    } finally {
      await f.close();
    }
  });
});

describe('App Home, where not all plans can be read', () => {
  it('does not say that nothing waits', async () => {
    const f = await startFixing();
    try {
      const card = await f.card();
      await f.client.hset(`meshbot:remediation:${card.id}`, 'value', '{}');
      await f.slack.as('ben').openHome();
      await waitFor(() => f.slack.as('ben').home() !== undefined);
      const { plain } = await f.slack.as('ben').waitForHome();
      assert.match(plain, /1 more plan could not be read/);
      assert.doesNotMatch(plain, /Nothing waits/);
    } finally {
      await f.close();
    }
  });
});

/** What this person alone was told. */
async function clicked(f: Fixing, who: string, { message }: Pick<Carded, 'message'>, action: string): Promise<string> {
  const before = f.slack.ephemeralsFor(who).length;
  await message.button(action).click(who);
  return f.slack.waitUntil(() => f.slack.ephemeralsFor(who)[before]?.plain);
}

async function say(f: Fixing, who: string, line: string): Promise<string> {
  const { answer } = await f.slack.as(who).in('#mesh').slash(line);
  return answer?.plain ?? '';
}

async function refusals(f: Fixing) {
  return (await f.audit.last(100)).filter(({ kind }) => kind === 'refused');
}
