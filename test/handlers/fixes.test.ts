import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { digestOf } from '../../src/fixes/plan.ts';
import { signer } from '../../src/jobs/fixes/signature.ts';
import { prefix } from '../../src/jobs/queue.ts';
import { approve, begin, clear, decline, verify, wrote } from '../../src/model/life.ts';
import { type Remediation, sealed } from '../../src/model/remediation.ts';
import { restart } from '../helpers/redis.ts';
import { waitFor } from '../helpers/wait.ts';
import { approvalKey, type Carded, type Fixing, ids, startFixing } from './fixing.ts';

let f: Fixing;
before(async () => {
  f = await startFixing();
});
after(() => f.close());

describe('the buttons of a plan', () => {
  it('count an approval once, signed, and wake the worker', async () => {
    const card = await f.card();
    const told = await clicked('ben', card, 'fix-approve');
    const now = await card.now();
    assert.equal(now.state, 'approved');
    const [given] = now.approvals;
    assert.ok(given && signer(approvalKey).isSigned(card.plan, given));
    assert.match(given.policy ?? '', /^[0-9a-f]{64}$/);
    assert.deepEqual([given.by.user, given.roles, given.kubernetes?.user], [ids.ben, ['sre'], 'ben@example.com']);
    assert.notEqual(told, '');
    assert.ok((await f.jobs('advance')).some(({ id }) => id === card.id));
    assert.deepEqual(await kinds(card), ['proposed', 'approved']);
  });

  for (const who of ['ana', 'gus', 'ulla']) {
    it(`do nothing for ${who}, who is told why; it is recorded`, async () => {
      const card = await f.card();
      assert.notEqual(await clicked(who, card, 'fix-approve'), '');
      assert.equal((await card.now()).state, 'proposed');
      assert.deepEqual((await card.now()).approvals, []);
      assert.deepEqual(await kinds(card), ['proposed', 'refused']);
    });
  }

  it('do nothing for people of another workspace', async () => {
    const card = await f.card();
    f.slack.workspace.channels.get(card.message.channel)?.members.add('U0VERA00001');
    await clicked('vera', card, 'fix-approve');
    assert.equal((await card.now()).version, 1);
  });

  it('take one step for two clicks, or two people, at once', async () => {
    for (const people of [
      ['ben', 'ben'],
      ['ben', 'carla'],
    ]) {
      const card = await f.card();
      const button = card.message.button('fix-approve');
      await Promise.all(people.map((who) => button.click(who)));
      await waitFor(async () => (await card.now()).state === 'approved');
      assert.deepEqual([(await card.now()).version, (await card.now()).approvals.length], [2, 1]);
    }
  });

  it('count two different people where two are wanted', async () => {
    const card = await f.card({ rule: { approvals: 2, selfApproval: false, approvers: ['sre'], policy: 'x' } });
    await clicked('ben', card, 'fix-approve');
    await clicked('ben', card, 'fix-approve');
    assert.equal((await card.now()).state, 'proposed');
    await clicked('carla', card, 'fix-approve');
    assert.deepEqual([(await card.now()).state, (await card.now()).approvals.length], ['approved', 2]);
  });

  it('do nothing on a copy, nor for a plan that is not known', async () => {
    const card = await f.card();
    const copy = await postedAgain(card, sealed(card.plan));
    assert.notEqual(await clicked('ben', { message: copy }, 'fix-approve'), '');
    assert.equal((await card.now()).version, 1);
    const unknown = await postedAgain(card, 'p00000000000000000000');
    assert.notEqual(await clicked('ben', { message: unknown }, 'fix-approve'), '');
  });

  it('do nothing where another plan was put in the place of the one that the card shows', async () => {
    const card = await f.card();
    const key = `${prefix}:remediation:${card.id}`;
    const stored = JSON.parse((await f.client.hget(key, 'value')) ?? '') as Remediation;
    const swapped = { ...stored.plan, target: { ...stored.plan.target, namespace: 'payments' } };
    const plan = { ...swapped, digest: digestOf(swapped) };
    for (const other of [plan, { ...swapped, digest: stored.plan.digest }]) {
      await f.client.hset(key, 'value', JSON.stringify({ ...stored, plan: other }));
      assert.notEqual(await clicked('ben', card, 'fix-approve'), '');
    }
    const { state, approvals } = await card.now();
    assert.deepEqual([state, approvals, await kinds(card)], ['proposed', [], ['proposed', 'refused', 'refused']]);
  });

  it('decide nothing any more once it is decided or over', async () => {
    const declined = await f.card({}, (r) => decline(r, r.plan.requestedBy, new Date().toISOString()));
    const expired = await f.card({ expiresAt: new Date(Date.now() - 1_000).toISOString() });
    for (const card of [declined, expired]) {
      const { version } = await card.now();
      const message = await postedAgain(card, sealed(card.plan));
      await f.store.pin(card.id, { card: { channel: message.channel, ts: message.ts } });
      assert.notEqual(await clicked('ben', { message }, 'fix-approve'), '');
      assert.equal((await card.now()).version, version);
    }
  });

  it('let whoever asked, or may approve, decline; nobody else', async () => {
    for (const [who, state] of [
      ['ana', 'closed'],
      ['ben', 'closed'],
      ['gus', 'proposed'],
    ] as const) {
      const card = await f.card();
      await clicked(who, card, 'fix-decline');
      assert.equal((await card.now()).state, state, who);
    }
  });

  it('show the whole change', async () => {
    const card = await f.card();
    await card.message.button('fix-details').click('ana');
    const modal = await f.slack.as('ana').waitForModal();
    assert.ok(modal.plain.includes('mode: DISABLE') && modal.plain.includes(card.id));
  });

  it('make App Home anew where they may have changed something, and only there', async () => {
    const card = await f.card();
    const made = () => f.slack.callsOf('views.publish').length;
    const before = made();
    await card.message.button('fix-details').click('ana');
    await card.message.button('fix-decline').click('ana');
    await waitFor(() => made() > before);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(made(), before + 1);
  });

  it('let whoever asked approve alone with a reason, and keep the form open without the right', async () => {
    const card = await f.card();
    await card.message.button('fix-break-glass').click('ben');
    const refused = await (await f.slack.as('ben').waitForModal()).submit({ reason: 'The checkout is down' });
    assert.equal(refused.response.response_action, 'errors');
    await card.message.button('fix-break-glass').click('ana');
    const accepted = await (await f.slack.as('ana').waitForModal()).submit({ reason: 'The checkout is down' });
    assert.deepEqual(accepted.response, {});
    const { state, approvals } = await card.now();
    assert.deepEqual([state, approvals[0]?.breakGlass], ['approved', 'The checkout is down']);
  });

  it('let somebody approve alone three times a day in one cluster, and record what is too much', async () => {
    for (const key of await f.client.keys(`${prefix}:emergencies:*`)) await f.client.del(key);
    const alone = async (card: Carded) => {
      await card.message.button('fix-break-glass').click('ana');
      const form = await f.slack.as('ana').waitForModal();
      return form.submit({ reason: 'The checkout is down' });
    };
    for (let count = 1; count <= 3; count += 1) {
      const card = await f.card();
      await alone(card);
      assert.equal((await card.now()).state, 'approved', `${count}`);
    }
    const card = await f.card();
    const { response } = await alone(card);
    // Neither with the same form again.
    await alone(card);
    assert.equal(response.response_action, 'errors');
    assert.match(JSON.stringify(response), /3 times/);
    assert.deepEqual([(await card.now()).state, await kinds(card)], ['proposed', ['proposed', 'refused', 'refused']]);
    await clicked('ben', card, 'fix-approve');
    assert.equal((await card.now()).state, 'approved');
  });

  it('have an undo planned, for who may approve', async () => {
    const card = await f.card({}, ...applied);
    assert.equal((await card.now()).state, 'verified');
    await clicked('ana', card, 'fix-undo');
    assert.ok(!(await proposals()).some(({ undoOf }) => undoOf === card.id));
    await clicked('ben', card, 'fix-undo');
    const job = (await proposals()).find(({ undoOf }) => undoOf === card.id);
    assert.deepEqual([job?.fix, job?.target, job?.channel], ['require-mtls', card.plan.target, card.plan.channel]);
  });
});

describe('commands about fixes', () => {
  it('queue what the policy allows, and record it', async () => {
    await say('ana', '/mesh fix require-mtls payments');
    const job = (await proposals()).find(({ command }) => command === 'fix require-mtls payments');
    assert.match(String(job?.requestId), /^p[0-9a-f]{20}$/);
    const records = await f.audit.last(10, { plan: String(job?.requestId) });
    assert.deepEqual(
      records.map(({ kind, by }) => [kind, by?.user]),
      [['requested', ids.ana]],
    );
  });

  it('refuse what it does not, and record that', async () => {
    const many = (await proposals()).length;
    for (const [who, line] of [
      ['ben', '/mesh fix require-mtls payments'],
      ['gus', '/mesh fix require-mtls payments'],
      ['ana', '/mesh fix other'],
    ] as const) {
      assert.notEqual(await say(who, line), '');
      assert.equal((await f.audit.last(1))[0]?.kind, 'refused', `${who} ${line}`);
    }
    assert.equal((await proposals()).length, many);
  });

  it('stop all writes and let them go on, each for who may', async () => {
    assert.notEqual(await say('ana', '/mesh freeze because checkout is down'), '');
    assert.equal((await f.store.freeze.get())?.because, 'checkout is down');
    await say('ana', '/mesh unfreeze');
    assert.notEqual(await f.store.freeze.get(), undefined);
    await say('ben', '/mesh unfreeze');
    assert.equal(await f.store.freeze.get(), undefined);
    assert.deepEqual(
      (await f.audit.last(3)).map(({ kind }) => kind),
      ['frozen', 'refused', 'unfrozen'],
    );
  });

  it('list the fixes with the right to ask, and the records of one plan by the beginning of its id', async () => {
    const list = await say('ana', '/mesh fix');
    assert.ok(list.includes('/mesh fix require-mtls bookinfo') && list.includes('/mesh fix other'));
    const card = await f.card();
    await clicked('ben', card, 'fix-approve');
    const records = await say('carla', `/mesh audit ${card.id.slice(0, 10)}`);
    assert.ok(!(await say('gus', `/mesh audit ${card.id}`)).includes(card.id), 'not for guests');
    assert.ok(records.includes('proposed') && records.includes('approved') && records.includes(card.id));
  });

  it('say that a policy is in force, once', async () => {
    const policies = (await f.audit.read(1, 500)).filter(({ kind }) => kind === 'policy');
    assert.equal(policies.length, 1);
  });

  it('are acknowledged in time when Slack is slow to say who asks', async () => {
    const { length } = f.slack.ephemeralsFor('ana');
    f.slack.fail({ method: 'users.info', fault: { delayMs: 2_600 } });
    const { ok, answer } = await f.slack.as('ana').in('#mesh').slash('/mesh fix require-mtls slow');
    assert.ok(ok && answer === undefined);
    await f.slack.waitUntil(() => f.slack.ephemeralsFor('ana')[length]);
  });

  it('deny where Slack does not say who asks', async () => {
    f.slack.fail({ method: 'users.info', fault: { error: 'user_not_found' } });
    const many = (await proposals()).length;
    assert.notEqual(await say('ana', '/mesh fix require-mtls web'), '');
    assert.equal((await proposals()).length, many);
  });
});

describe('App Home', () => {
  it('shows each person what waits for them, and what they asked for', async () => {
    const card = await f.card({ title: 'Demand mTLS in a place of its own' });
    const own = /place of its own/;
    await f.slack.as('ben').openHome();
    const home = await f.slack.as('ben').waitForHome();
    await waitFor(() => own.test(home.plain));
    const links = JSON.stringify(home.blocks).includes(card.message.ts.replace('.', ''));
    assert.ok(links, 'with a link to the card');
    const at = new Date().toISOString();
    await f.store.pin(card.id, { tried: { outcome: 'refused', why: 'The fixer may not.', at } });
    await f.slack.as('ben').openHome();
    await waitFor(async () => !own.test(home.plain));
    await f.store.pin(card.id, { tried: { outcome: 'ok', at } });
    await clicked('ben', card, 'fix-approve');
    await waitFor(async () => !own.test(home.plain));
    await f.slack.as('ana').openHome();
    const hers = await f.slack.as('ana').waitForHome();
    await waitFor(() => own.test(hers.plain));
    await f.slack.as('gus').openHome();
    assert.doesNotMatch((await f.slack.as('gus').waitForHome()).plain, own);
  });
});

describe('when Redis is away', () => {
  it('clicks and commands are answered all the same', async () => {
    const card = await f.card();
    await restart(f.redis, async () => {
      assert.notEqual(await clicked('ben', card, 'fix-approve'), '');
      assert.notEqual(await say('ana', '/mesh freeze'), '');
    });
    assert.equal((await card.now()).state, 'proposed');
  });
});

const at = () => new Date().toISOString();
const applied = [
  (r: Remediation) => {
    const by = { team: 'T', user: ids.ben };
    return approve(r, { by, roles: ['sre'], at: at(), digest: r.plan.digest, signature: 'aa' });
  },
  (r: Remediation) => clear(r, at()),
  (r: Remediation) => begin(r, at()),
  (r: Remediation) => wrote(r, { at: at() }, at(), at()),
  (r: Remediation) => verify(r, { state: 'verified', says: 'bookinfo demands mTLS' }, at()),
];

/** What this person alone was told. */
async function clicked(who: string, { message }: Pick<Carded, 'message'>, action: string): Promise<string> {
  const before = f.slack.ephemeralsFor(who).length;
  const done = await message.button(action).click(who);
  assert.ok(done.ok, `${done.error}`);
  return f.slack.waitUntil(() => f.slack.ephemeralsFor(who)[before]?.plain);
}

async function say(who: string, line: string): Promise<string> {
  const { ok, answer } = await f.slack.as(who).in('#mesh').slash(line);
  assert.ok(ok);
  return answer?.plain ?? '';
}

async function kinds(card: Carded): Promise<readonly string[]> {
  return (await f.audit.last(20, { plan: card.id })).map(({ kind }) => kind);
}

function proposals() {
  return f.jobs('propose');
}

async function postedAgain({ message }: Carded, id: string) {
  const button = { type: 'button', action_id: 'fix-approve', value: id, text: { type: 'plain_text', text: 'Approve' } };
  const blocks = [{ type: 'actions', elements: [button] }];
  const { ts } = await f.web.chat.postMessage({ channel: message.channel, text: 'A copy', blocks: blocks as [] });
  return f.slack.waitForMessage({ channel: '#mesh', matching: (one) => one.ts === ts });
}
