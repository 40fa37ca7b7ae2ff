import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Plan, type Remediation, sealed } from '../../src/model/remediation.ts';
import type { Trial } from '../../src/model/trial.ts';
import { cardMessage } from '../../src/report/fix-card.ts';
import { detailsView } from '../../src/report/fix-details.ts';
import { changeFile } from '../../src/report/fix-file.ts';
import {
  emergencyMessage,
  refusalFile,
  refusalMessage,
  reminderMessage,
  stepMessage,
} from '../../src/report/fix-messages.ts';
import { plainText, problemsOf, type SlackMessage } from '../../src/report/slack-message.ts';
import { blockProblems, viewProblems } from '../../src/sandbox/slack/blocks/validate.ts';
import { ana, approval, lives, plan, undoPlan, view } from './fix-cases.ts';

type Json = Record<string, unknown>;

/** Which buttons work in which state: action and the plan that the click is about. */
const buttons: Readonly<Record<string, readonly string[]>> = {
  proposed: ['fix-approve', 'fix-decline', 'fix-details'],
  'one of two': ['fix-approve', 'fix-decline', 'fix-details'],
  approved: ['fix-decline', 'fix-details'],
  cleared: ['fix-decline', 'fix-details'],
  applying: ['fix-details'],
  applied: ['fix-undo', 'fix-details'],
  verified: ['fix-undo', 'fix-details'],
  unverified: ['fix-undo', 'fix-details'],
  'undo offered': ['fix-details', 'undo:fix-approve', 'undo:fix-decline'],
  'undo applying': ['fix-details'],
  'undo applied': ['fix-details'],
  'undo unverified': ['fix-details'],
  'undo verified': ['fix-details'],
  // The object may still be as the fix left it: a click looks.
  'undo unclear': ['fix-undo', 'fix-details'],
  'undo declined': ['fix-undo', 'fix-details'],
  undone: ['fix-details'],
  declined: ['fix-details'],
  drifted: ['fix-details'],
};

describe('the card of a plan', () => {
  for (const [state, [remediation, undo]] of Object.entries(lives())) {
    it(`${state}: has only the buttons that work, and is within limits`, () => {
      const message = cardMessage(remediation, undo, view);
      assert.deepEqual(buttonsIn(message), buttons[state]);
      assert.deepEqual(problemsIn(message), []);
      assert.ok(plainText(message.blocks).startsWith(message.text), 'the first line is the notification');
    });
  }

  it('has no button once its time is over, and none to undo once that time is over', () => {
    const { proposed, verified } = lives();
    const later = { ...view, now: plan.expiresAt, undoUntil: plan.expiresAt };
    assert.deepEqual(buttonsIn(cardMessage(of(proposed), undefined, later)), ['fix-details']);
    assert.deepEqual(buttonsIn(cardMessage(of(verified), undefined, later)), ['fix-details']);
  });

  it('does not say that it is fixed once that is taken back, or may be', () => {
    const heads = (state: string) => cardMessage(...shownIn(state), view).text;
    for (const state of ['undo applying', 'undo applied', 'undo unverified', 'undo verified', 'undo unclear', 'undone'])
      assert.doesNotMatch(heads(state), /Fixed/, state);
    for (const state of ['verified', 'undo offered', 'undo declined']) assert.match(heads(state), /Fixed/, state);
  });

  it('says of an undo that is not confirmed why, and never that it is under way or was not done', () => {
    const said = (state: string) => plainText(cardMessage(...shownIn(state), view).blocks);
    for (const state of ['undo unverified', 'undo unclear'])
      assert.doesNotMatch(said(state), /Undoing|Not undone/, state);
    assert.match(said('undo unverified'), /is not as it was before/);
    assert.match(said('undo unclear'), /kubectl-edit/);
  });

  it('says what the fixer found without writing, and has no button to approve what it refuses', () => {
    const why = 'The fixer may not change PeerAuthentications in bookinfo.';
    const shown = (tried?: Trial) => {
      const message = cardMessage({ ...of(lives().proposed), ...(tried && { tried }) }, undefined, loud);
      assert.deepEqual(problemsIn(message), []);
      return { said: plainText(message.blocks), buttons: buttonsIn(message) };
    };
    const loud = { ...view, breakGlass: true };
    const all = ['fix-approve', 'fix-decline', 'fix-break-glass', 'fix-details'];
    assert.match(shown().said, /not heard yet/);
    assert.deepEqual(shown().buttons, all);
    for (const outcome of ['ok', 'drifted', 'unknown', 'refused'] as const) {
      const { said, buttons } = shown({ outcome, at: view.now, ...(outcome !== 'ok' && { why }) });
      assert.equal(said.includes(why), outcome !== 'ok', outcome);
      assert.doesNotMatch(said, /not heard yet/);
      assert.deepEqual(buttons, outcome === 'refused' ? ['fix-decline', 'fix-details'] : all);
    }
    const { approved } = lives();
    assert.doesNotMatch(plainText(cardMessage(of(approved), undefined, view).blocks), /not heard yet/);
  });

  it('offers an emergency where the policy has one', () => {
    const message = cardMessage(of(lives().proposed), undefined, { ...view, breakGlass: true });
    assert.deepEqual(buttonsIn(message), ['fix-approve', 'fix-decline', 'fix-break-glass', 'fix-details']);
  });

  it('says in its head that somebody approved it alone, from then on', () => {
    const heads = (more: object) =>
      ['approved', 'cleared', 'applying', 'applied', 'verified', 'unverified'].map((state) => {
        const r = of(lives()[state]);
        return cardMessage({ ...r, approvals: r.approvals.map((one) => ({ ...one, ...more })) }, undefined, view).text;
      });
    assert.ok(heads({ breakGlass: 'all is down' }).every((head) => /in an emergency/.test(head)));
    assert.ok(heads({}).every((head) => !/emergency/.test(head)));
  });

  it('asks again before a high risk', () => {
    const risky = lives({ ...plan, risk: 'high' }).proposed;
    const confirmed = (message: SlackMessage) => elements(message).filter(({ confirm }) => confirm !== undefined);
    assert.equal(confirmed(cardMessage(of(risky), undefined, view)).length, 1);
    assert.equal(confirmed(cardMessage(of(lives().proposed), undefined, view)).length, 0);
  });

  it('shows the effects, the doubts, how it is undone, the diff, and who may approve', () => {
    const shown = plainText(cardMessage(of(lives().proposed), undefined, view).blocks);
    for (const said of [...plan.effects, ...plan.doubts, plan.undone, plan.diff, view.approverNames, 'p7f3a09b']) {
      assert.ok(shown.includes(said), said);
    }
  });

  it('says that all is stopped while it can still be applied', () => {
    const frozen = { ...view, frozen: { by: ana, because: 'checkout is down' } };
    const says = (state: string) =>
      plainText(cardMessage(of(lives()[state]), undefined, frozen).blocks).includes('checkout is down');
    assert.deepEqual(['proposed', 'cleared', 'verified', 'declined'].map(says), [true, true, false, false]);
  });

  it('says how much of a long diff is left out', () => {
    const long = { ...plan, diff: Array.from({ length: 100 }, (_, n) => `+line${n}`).join('\n') };
    const shown = plainText(cardMessage(of(lives(long).proposed), undefined, view).blocks);
    assert.ok(shown.includes('+line59') && !shown.includes('+line60'));
    assert.match(shown, /^40 more lines/m);
  });

  it('is within limits and literal, whatever a cluster is full of', () => {
    fc.assert(
      fc.property(planOf(), ({ plan: wild, reason }) => {
        for (const [state, [remediation, undo]] of Object.entries(lives(wild))) {
          const own = undo && { ...undo, plan: { ...undo.plan, diff: wild.diff, doubts: wild.doubts } };
          const wordy = { ...view, approverNames: reason, checked: reason, frozen: { by: ana, because: reason } };
          const message = cardMessage(
            {
              ...remediation,
              approvals: [approval(ana, { breakGlass: reason })],
              tried: { outcome: 'refused', why: reason, at: view.now },
            },
            own,
            wordy,
          );
          assert.deepEqual(problemsIn(message), [], state);
          assert.deepEqual(markupIn(message.blocks), [], state);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('the other messages about a plan', () => {
  it('are within limits and literal, whatever a cluster is full of', () => {
    fc.assert(
      fc.property(planOf(), ({ plan: wild, reason }) => {
        const { proposed, verified } = lives(wild);
        const asked = { fix: wild.fix, target: wild.target, requestedBy: ana };
        const messages = [
          stepMessage({ at: view.now, says: reason, by: ana }),
          emergencyMessage(wild, approval(ana, { breakGlass: reason })),
          reminderMessage(of(proposed), { ...view, approverNames: reason }),
          refusalMessage({ refused: reason, next: reason, manifest: wild.diff }, asked),
        ];
        for (const message of messages) {
          assert.deepEqual(problemsIn(message), []);
          assert.deepEqual(markupIn(message.blocks), []);
        }
        assert.deepEqual(viewProblems(JSON.parse(JSON.stringify(detailsView(of(verified))))), []);
      }),
      { numRuns: 60 },
    );
  });

  it('shows the YAML to commit, or gives it as a file where it is long', () => {
    const asked = { fix: plan.fix, target: plan.target, requestedBy: ana };
    const short = { refused: 'Argo CD would revert it.', manifest: 'kind: DestinationRule' };
    assert.ok(plainText(refusalMessage(short, asked).blocks).includes(short.manifest));
    assert.equal(refusalFile(short, asked), undefined);
    const long = { ...short, manifest: 'a: 1\n'.repeat(200) };
    assert.equal(refusalFile(long, asked)?.content, long.manifest);
  });

  it('gives the whole change as a file and to read', () => {
    const { content } = changeFile(plan);
    for (const part of [plan.diff, 'mode: DISABLE', plan.digest, plan.id]) assert.ok(content.includes(part), part);
    const { blocks } = detailsView(of(lives().verified));
    const shown = plainText(blocks);
    for (const part of [plan.diff, plan.id, plan.digest, 'mode: DISABLE']) assert.ok(shown.includes(part), part);
  });

  it('shows a change whose next line after an empty one is long', () => {
    const [remediation] = lives().verified ?? assert.fail();
    const diff = `a: 1\n${'b'.repeat(2_896)}\n\n${'c'.repeat(3_000)}\nd: 1`;
    for (const one of [diff, `\n${'c'.repeat(3_000)}`]) {
      const view = detailsView({ ...remediation, plan: { ...remediation.plan, diff: one } });
      assert.deepEqual(viewProblems(JSON.parse(JSON.stringify(view))), []);
      for (const part of one.split('\n')) assert.ok(plainText(view.blocks).replaceAll('\n', '').includes(part));
    }
  });

  it('shows an object that does not exist', () => {
    const created = { ...plan, change: { ...plan.change, before: null } };
    assert.match(changeFile(created).content, /# it does not exist/);
  });
});

function shownIn(state: string): readonly [Remediation, Remediation | undefined] {
  const [remediation, undo] = lives()[state] ?? assert.fail(state);
  return [remediation, undo];
}

function of<T>(life: readonly [T, T?] | undefined): T {
  assert.ok(life);
  return life[0];
}

/** Plans with everything that is hard: markup, backticks, emoji, long lines and many. */
function planOf() {
  const evil = fc.constantFrom(
    '<!channel>',
    '<@U1>',
    '```',
    ':x:',
    '*b*',
    '&lt;',
    '👩‍👩‍👧',
    '\u202e',
    '<https://e.example|console>',
  );
  const word = fc.oneof(evil, fc.string({ maxLength: 40 }), fc.constant('long '.repeat(200)));
  const sentence = fc
    .array(word, { minLength: 1, maxLength: 6 })
    .map((words) => words.join(' '))
    .filter((said) => said.trim() !== '');
  const line = fc.oneof(sentence, fc.constant('+'), fc.constant('👩'.repeat(5_000)));
  const diff = fc.array(line, { maxLength: 150 }).map((lines) => lines.join('\n'));
  return fc
    .record({
      title: sentence,
      diff,
      effects: fc.array(sentence, { maxLength: 30 }),
      undone: sentence,
      reason: sentence,
    })
    .map(({ reason, ...wild }) => ({
      reason,
      plan: {
        ...plan,
        ...wild,
        doubts: wild.effects,
        change: { ...plan.change, after: { ...plan.change.after, spec: { wild: wild.diff } } },
      } as unknown as Plan,
    }));
}

/** What our own limits and Slack's rules say against it. */
function problemsIn(message: SlackMessage): readonly unknown[] {
  return [...problemsOf(message), ...blockProblems(JSON.parse(JSON.stringify(message.blocks)))];
}

/** Markup that holds more than the mention of a person. */
function markupIn(value: unknown): readonly unknown[] {
  return objectsIn(value).filter(
    ({ type, text }) => type === 'mrkdwn' && !/^requested by <@[A-Z0-9]+>$/.test(String(text)),
  );
}

function elements(message: SlackMessage): readonly Json[] {
  return objectsIn(message.blocks).filter(({ type }) => type === 'button');
}

function buttonsIn(message: SlackMessage): readonly string[] {
  return elements(message).map(({ action_id, value }) => `${value === sealed(undoPlan) ? 'undo:' : ''}${action_id}`);
}

function objectsIn(value: unknown): readonly Json[] {
  if (Array.isArray(value)) return value.flatMap(objectsIn);
  if (typeof value !== 'object' || value === null) return [];
  return [value as Json, ...Object.values(value).flatMap(objectsIn)];
}
