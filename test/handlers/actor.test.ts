import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PeopleError, personOf } from '../../src/clients/slack-people.ts';
import { isOurs } from '../../src/handlers/actions/buttons.ts';
import { admit, type Sender, senderOf, senderOfMention } from '../../src/handlers/actor.ts';
import { testLog } from '../helpers/log.ts';

/** As `users.info` tells them. */
const known: Readonly<Record<string, object>> = {
  U1HOME: { id: 'U1HOME', team_id: 'T1HOME' },
  U1SIBLING: { id: 'U1SIBLING', team_id: 'T1SIBLING', enterprise_user: { enterprise_id: 'E1HOME' } },
  U1PARTNER: { id: 'U1PARTNER', team_id: 'T1PARTNER', enterprise_user: { enterprise_id: 'E1PARTNER' } },
  U1STRANGER: { id: 'U1STRANGER', team_id: 'T1PARTNER', is_stranger: true },
};

/** A click in a workspace of our organisation, by whomever. */
function click(user: string, team_id?: string) {
  return {
    type: 'block_actions',
    user: { id: user, username: 'x', ...(team_id !== undefined && { team_id }) },
    team: { id: 'T1HOME', domain: 'home', enterprise_id: 'E1HOME', enterprise_name: 'Home' },
    enterprise: { id: 'E1HOME', name: 'Home' },
    is_enterprise_install: false,
    container: { type: 'message', message_ts: '1.1', channel_id: 'C1' },
    actions: [],
  };
}

const event = { type: 'app_mention', text: '<@U1BOT> mtls a', ts: '1.1', channel: 'C1', event_ts: '1.1' };
const mentioned = (shared: boolean | undefined, said: { user: string; user_team?: string; team?: string }) =>
  senderOfMention(
    { ...event, ...said },
    {
      team_id: 'T1HOME',
      ...(shared !== undefined && { is_ext_shared_channel: shared }),
    },
  );

const single = { team: 'T1HOME' };
const enterprise = { team: 'T1HOME', enterprise: 'E1HOME' };

const cases: readonly (readonly [string, Sender, typeof single | typeof enterprise, 'in' | 'out', number])[] = [
  ['a click of our own', senderOf(click('U1HOME', 'T1HOME')), single, 'in', 0],
  ['a click of our own, in an organisation', senderOf(click('U1HOME', 'T1HOME')), enterprise, 'in', 0],
  ['a click of a partner', senderOf(click('U1PARTNER', 'T1PARTNER')), single, 'out', 0],
  ['a click of a partner, in our organisation', senderOf(click('U1PARTNER', 'T1PARTNER')), enterprise, 'out', 1],
  ['a click of a stranger, in our organisation', senderOf(click('U1STRANGER', 'T1PARTNER')), enterprise, 'out', 1],
  ['a click from another workspace of ours', senderOf(click('U1SIBLING', 'T1SIBLING')), enterprise, 'in', 1],
  ['a click that does not say whose', senderOf(click('U1HOME')), single, 'in', 1],
  ['a partner’s that does not say whose', senderOf(click('U1PARTNER')), single, 'out', 1],
  ['a click of somebody Slack does not tell of', senderOf(click('U1GONE', 'T1SIBLING')), enterprise, 'out', 1],
  ['a mention', mentioned(false, { user: 'U1HOME', team: 'T1HOME' }), single, 'in', 0],
  ['a mention without a team', mentioned(false, { user: 'U1HOME' }), single, 'in', 0],
  [
    'a mention in a shared channel',
    mentioned(true, { user: 'U1HOME', user_team: 'T1HOME', team: 'T1HOME' }),
    enterprise,
    'in',
    0,
  ],
  ['a partner’s in a shared channel', mentioned(true, { user: 'U1PARTNER', team: 'T1HOME' }), enterprise, 'out', 1],
  ['a partner’s that says so', mentioned(true, { user: 'U1PARTNER', user_team: 'T1PARTNER' }), single, 'out', 0],
  ['a partner’s where it is not told who reads', mentioned(undefined, { user: 'U1PARTNER' }), single, 'out', 1],
];

describe('whoever does something in Slack', () => {
  for (const [what, sender, home, expected, asked] of cases) {
    it(`${what}: ${expected}, by asking ${asked} times`, async () => {
      let count = 0;
      const people = {
        async ask(user: string) {
          count += 1;
          const found = known[user];
          if (found === undefined) throw new PeopleError('unknown-person', 'Slack does not show me your account.');
          return personOf(found, home, []);
        },
      };
      const { actor, refusal } = await admit(sender, { home, people, log: testLog().log });
      assert.equal(refusal === undefined ? 'in' : 'out', expected);
      assert.equal(actor.user, sender.user);
      assert.notEqual(actor.team, '');
      assert.equal(count, asked);
    });
  }
});

describe('a command behind a button', () => {
  it('is run by a colleague of another workspace of the organisation, and by nobody of another one', () => {
    assert.equal(isOurs({ team: 'T1SIBLING' }, { home: enterprise }), true);
    assert.equal(isOurs({ team: 'T1HOME' }, { home: single }), true);
    assert.equal(isOurs({ team: 'T1SIBLING' }, { home: single }), false);
  });
});
