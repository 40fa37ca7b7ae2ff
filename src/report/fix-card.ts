import type { RichTextElement } from '@slack/types';
import { describeFixTarget } from '../model/fix.ts';
import { isSettled, type Plan, type Remediation, type RemediationState, sealed } from '../model/remediation.ts';
import { bold, button, buttonRow, codeBlocks, line, list, note, people, person, richText, text } from './fix-parts.ts';
import { type CardView, headlineOf, statusOf, titleOf } from './fix-status.ts';
import { isRefused, trialFact } from './fix-trial.ts';
import { isTakenBack, takenBackHeadline, takenBackStatus, undoStatus } from './fix-undo.ts';
import { type AnyBlock, type SlackMessage, shorten } from './slack-message.ts';

const longest = 300;
const mostEffects = 6;
const mostDoubts = 4;
const wholeDiff = { lines: 60, characters: 4_000 };
const undoDiff = { lines: 40, characters: 3_000 };

/**
 * The one message that shows a plan, in whatever state it is. It is edited, never posted anew. `undo`: the last plan
 * that takes it back, which has no message of its own.
 */
export function cardMessage(remediation: Remediation, undo: Remediation | undefined, view: CardView): SlackMessage {
  const takenBack = takenBackHeadline(remediation, undo);
  const headline = takenBack ?? headlineOf(remediation);
  const isBefore = takenBack !== undefined && 'settledAt' in remediation;
  const status = isBefore ? takenBackStatus(remediation) : statusOf(remediation, view);
  const { plan } = remediation;
  const isOpen = !isSettled(remediation);
  return {
    text: headline,
    blocks: [
      richText(line(bold(headline), text('\n'), ...status)),
      ...(isOpen ? [...frozenBlocks(view), factsBlock(remediation), ...codeBlocks(plan.diff, wholeDiff)] : []),
      askedLine(plan),
      ...buttonsOf(remediation, undo, view),
      ...(undo === undefined || remediation.state === 'undone' ? [] : undoBlocks(undo, view)),
    ],
  };
}

/** The first characters of a plan's id: enough for people, and for `/mesh audit`. */
export function shortId({ id }: Pick<Plan, 'id'>): string {
  return id.slice(0, 8);
}

function factsBlock(remediation: Remediation): AnyBlock {
  const { effects, risk, undone, doubts } = remediation.plan;
  const fact = (name: string, said: string): readonly RichTextElement[] => [
    bold(name),
    text(`  ${shorten(said, longest)}`),
  ];
  return richText(
    list([
      ...folded(effects, mostEffects).map((said) => fact('Effect', said)),
      fact('Risk', risk),
      fact('Undo', undone),
      ...folded(doubts, mostDoubts).map((said) => fact('Not seen', said)),
      ...trialFact(remediation),
    ]),
  );
}

function folded(said: readonly string[], most: number): readonly string[] {
  const left = said.length - most;
  return left <= 0 ? said : [...said.slice(0, most), `${left} more: Full YAML shows them.`];
}

function frozenBlocks({ frozen }: CardView): readonly AnyBlock[] {
  if (frozen === undefined) return [];
  const { by, because } = frozen;
  return [
    richText(
      line(
        bold('All writes are stopped'),
        ...(by === undefined ? [] : [text(' by '), person(by)]),
        text(because === undefined ? '. ' : ` (${shorten(because, longest)}). `),
        text('Nothing is applied before somebody types '),
        text('/mesh unfreeze', { code: true }),
        text('.'),
      ),
    ),
  ];
}

/** Names stand in plain text; the only markup is the mention of whoever asked. */
function askedLine(plan: Plan): AnyBlock {
  const place = [describeFixTarget(plan.target), plan.target.cluster, plan.fix].map((part) => shorten(part, longest));
  const user = plan.requestedBy.user.replaceAll(/[^A-Z0-9]/gi, '');
  return {
    type: 'context',
    elements: [
      { type: 'plain_text', text: `${place.join(' · ')} · plan ${shortId(plan)}…`, emoji: false },
      { type: 'mrkdwn', text: `requested by <@${user}>` },
    ],
  };
}

/** Also before it is verified: who sees an outage must not wait for the end of a check. */
const undoable: readonly RemediationState[] = ['applied', 'verified', 'unverified'];

function buttonsOf(remediation: Remediation, undo: Remediation | undefined, view: CardView): readonly AnyBlock[] {
  const { plan, state, version } = remediation;
  const details = button('Full YAML', 'fix-details', sealed(plan));
  // A new block id with each state: Slack keeps what was chosen in a block of the same id.
  const row = (...own: Parameters<typeof buttonRow>[1]) => [buttonRow(`fix-${plan.id}-${version}`, [...own, details])];
  if (state === 'proposed' && view.now < plan.expiresAt) return row(...decisions(remediation, view));
  if (state === 'approved' || state === 'cleared') return row(button('Stop it', 'fix-decline', sealed(plan)));
  const isUndoable = undoable.some((one) => one === state) && view.now < (view.undoUntil ?? '9999');
  const isBeingUndone = undo !== undefined && (!isSettled(undo) || isTakenBack(undo));
  return isUndoable && !isBeingUndone ? row(button('Undo', 'fix-undo', sealed(plan))) : row();
}

function decisions(remediation: Remediation, { breakGlass }: CardView) {
  const { title, target, risk } = remediation.plan;
  const shown = sealed(remediation.plan);
  const decline = button('Decline', 'fix-decline', shown);
  // An approval would be for nothing: the fixer looks at the same again before it writes.
  if (isRefused(remediation)) return [decline];
  const where = `${titleOf(title)}, in ${target.cluster}. The risk is high.`;
  return [
    button('Approve', 'fix-approve', shown, { style: 'primary', ...(risk === 'high' && { confirm: where }) }),
    decline,
    ...(breakGlass === true ? [button('Emergency…', 'fix-break-glass', shown, { style: 'danger' })] : []),
  ];
}

/** What going back would change, or how it goes. Approving it is one more click, by somebody who sees the diff. */
function undoBlocks(undo: Remediation, view: CardView): readonly AnyBlock[] {
  const { plan, state, approvals, version } = undo;
  const isOffered = state === 'proposed' && view.now < plan.expiresAt;
  if (isOffered) {
    const head = line(bold('Undo'), text(' would change it back like this, asked by '), ...people([plan.requestedBy]));
    return [
      { type: 'divider' },
      richText(head),
      ...codeBlocks(plan.diff, undoDiff),
      ...(plan.doubts.length === 0 ? [] : [note(`Not seen: ${plan.doubts.join(' ')}`)]),
      buttonRow(`fix-${plan.id}-${version}`, [
        button('Undo now', 'fix-approve', sealed(plan), { style: 'danger' }),
        button('Keep it', 'fix-decline', sealed(plan)),
      ]),
    ];
  }
  const by = approvals.length === 0 ? [] : [text(' · approved by '), ...people(approvals.map((one) => one.by))];
  return [richText(line(bold(undoStatus(undo)), ...by))];
}
