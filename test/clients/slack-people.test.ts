import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it, mock } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify, slackClient } from '../../src/clients/slack-client.ts';
import { type People, PeopleError, personOf, slackPeople } from '../../src/clients/slack-people.ts';
import { type FakeSlack, startFakeSlack } from '../../src/sandbox/slack/index.ts';
import { testLog } from '../helpers/log.ts';

const onCall = 'S0SREONCALL';
const admins = 'S0MESHADMIN';

describe('who people are', () => {
  const { slack: logger, log, lines } = testLog();
  let slack: FakeSlack;
  let people: People;
  const idOf = (name: string) => Array.from(slack.workspace.people.values()).find((one) => one.name === name)?.id ?? '';
  const askedFor = (method: string, since = 0) => slack.callsOf(method).length - since;

  before(async () => {
    slack = await startFakeSlack({ rateLimits: 'off' });
  });
  beforeEach(async () => {
    slack.healAll();
    slack.grant('users:read', 'usergroups:read');
    people = await newPeople(onCall, admins);
  });
  after(() => slack.close());

  async function newPeople(...groups: readonly string[]): Promise<People> {
    const client = slackClient({ token: slack.botToken, apiUrl: slack.apiUrl, logger });
    return slackPeople({ client, groups, home: await identify(client, log), log });
  }

  const usual = { deleted: false, bot: false, guest: false, stranger: false, groups: [] };
  const known: readonly (readonly [string, object])[] = [
    ['ana', usual],
    ['ben', { ...usual, groups: [onCall] }],
    ['carla', { ...usual, groups: [onCall, admins] }],
    ['gus', { ...usual, guest: true }],
    ['ulla', { ...usual, guest: true }],
    ['otto', { ...usual, deleted: true }],
    ['vera', { ...usual, stranger: true }],
    ['meshbot', { ...usual, bot: true }],
  ];
  for (const [name, expected] of known) {
    it(`knows ${name}`, async () => {
      const user = idOf(name);
      const { team, ...found } = await people.ask(user);
      assert.deepEqual(found, { user, ...expected });
      assert.equal(team, slack.workspace.people.get(user)?.team);
    });
  }

  it('asks about the groups of the policy and no others', async () => {
    const begun = askedFor('usergroups.users.list');
    assert.deepEqual((await (await newPeople(admins)).ask(idOf('carla'))).groups, [admins]);
    assert.equal(askedFor('usergroups.users.list', begun), 1);
  });

  it('remembers for a minute', async () => {
    const user = idOf('ben');
    await people.ask(user);
    const begun = askedFor('users.info');
    const now = performance.now.bind(performance);
    for (const [later, calls] of [
      [59_000, 0],
      [60_001, 1],
    ] as const) {
      const clock = mock.method(performance, 'now', () => now() + later);
      await people.ask(user);
      clock.mock.restore();
      // The cache looks at the clock once a millisecond.
      await sleep(5);
      assert.equal(askedFor('users.info', begun), calls);
    }
  });

  it('asks anew where that is wanted', async () => {
    const user = idOf('ben');
    await people.ask(user);
    const group = slack.workspace.groups.find(({ id }) => id === onCall);
    assert.ok(group);
    const before = group.users;
    group.users = before.filter((one) => one !== user);
    assert.deepEqual((await people.ask(user)).groups, [onCall]);
    assert.deepEqual((await people.ask(user, { fresh: true })).groups, []);
    assert.deepEqual((await people.ask(user)).groups, [], 'and remembers that');
    group.users = before;
  });

  it('knows what it said to a decision for five seconds, and nothing that it said before', async () => {
    const user = idOf('ben');
    const one = await newPeople(onCall, admins);
    await one.ask(user);
    assert.equal(one.recent(user), undefined);
    await one.ask(user, { fresh: true });
    const begun = slack.calls.length;
    assert.deepEqual(one.recent(user)?.groups, [onCall]);
    assert.equal(slack.calls.length, begun);
    assert.equal(one.recent(idOf('ana')), undefined, 'of somebody else');
    const now = performance.now.bind(performance);
    await sleep(5);
    const clock = mock.method(performance, 'now', () => now() + 5_100);
    assert.equal(one.recent(user), undefined);
    clock.mock.restore();
    await sleep(5);
  });

  it('asks once for all who want to know at the same time', async () => {
    const begun = askedFor('users.info');
    await Promise.all([1, 2, 3].map(() => people.ask(idOf('ben'), { fresh: true })));
    assert.equal(askedFor('users.info', begun), 1);
  });

  it('takes what it knows where it asked too often, and nothing otherwise', async () => {
    const user = idOf('ben');
    const one = await newPeople(onCall);
    const tooOften = { method: 'usergroups.users.list', fault: { status: 429, retryAfter: 30 } } as const;
    slack.fail(tooOften);
    await assert.rejects(one.ask(user, { fresh: true }), { reason: 'rate-limited' });
    await one.ask(user);
    slack.fail(tooOften);
    assert.deepEqual((await one.ask(user, { fresh: true })).groups, [onCall]);
  });

  it('knows nothing where Slack does not answer, whatever it knew', async () => {
    const user = idOf('ben');
    await people.ask(user);
    slack.fail({ method: 'users.info', fault: { status: 503 } });
    await assert.rejects(people.ask(user, { fresh: true }), { reason: 'unavailable' });
    assert.equal((await people.ask(user)).user, user);
  });

  for (const scope of ['users:read', 'usergroups:read']) {
    it(`says that ${scope} is missing`, async () => {
      slack.revoke(scope);
      await assert.rejects(people.ask(idOf('ben')), (error) => {
        assert.ok(error instanceof PeopleError && error.reason === 'missing-scope');
        return error.message.includes(`\`${scope}\``);
      });
    });
  }

  it('does not know whom Slack does not know', async () => {
    await assert.rejects(people.ask('U0NOBODY'), { name: 'PeopleError', reason: 'unknown-person' });
  });

  it('has nobody in a group that is not there, and says so in the log', async () => {
    assert.deepEqual((await (await newPeople('S0GONE')).ask(idOf('ben'))).groups, []);
    assert.ok(lines.some(({ usergroup }) => usergroup === 'S0GONE'));
  });

  it('has strangers in channels that are not seen as well', async () => {
    slack.leave('#partners', 'vera');
    assert.equal((await people.ask(idOf('vera'))).stranger, true);
    slack.join('#partners', 'vera');
  });
});

describe('whose people they are', () => {
  const home = { team: 'T0HOME', enterprise: 'E0HOME' };
  const cases: readonly (readonly [string, object, boolean])[] = [
    ['of this workspace', { team_id: 'T0HOME' }, false],
    ['of another one', { team_id: 'T0OTHER' }, true],
    [
      'of another one in this organisation',
      { team_id: 'T0OTHER', enterprise_user: { enterprise_id: 'E0HOME' } },
      false,
    ],
    ['of another organisation', { team_id: 'T0OTHER', enterprise_user: { enterprise_id: 'E0OTHER' } }, true],
    ['of none that Slack tells', {}, true],
    ['not visible from here', { team_id: 'T0HOME', is_stranger: true }, true],
  ];
  for (const [what, user, stranger] of cases) {
    it(`${what}: ${stranger ? 'a stranger' : 'one of ours'}`, () => {
      assert.equal(personOf(user, home, []).stranger, stranger);
    });
  }

  it('has bots that Slack does not call bots', () => {
    assert.ok(personOf({ id: 'USLACKBOT', team_id: 'T0HOME' }, home, []).bot);
    assert.ok(personOf({ id: 'U1', team_id: 'T0HOME', is_workflow_bot: true }, home, []).bot);
  });
});
