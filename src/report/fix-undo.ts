import type { RichTextElement } from '@slack/types';
import type { Remediation } from '../model/remediation.ts';
import { text, time } from './fix-parts.ts';
import { approvedBy, titleOf } from './fix-status.ts';
import { shorten } from './slack-message.ts';
import { signs } from './words.ts';

const most = 300;

/** Whether a plan that takes another back was written: what that one did holds no longer, or cannot be relied on. */
export function isTakenBack(undo: Remediation | undefined): boolean {
  return undo !== undefined && 'written' in undo;
}

/** The first line of a plan's card from when its undo may be written on; nothing before. */
export function takenBackHeadline({ plan, state }: Remediation, undo: Remediation | undefined): string | undefined {
  if (undo === undefined || state === 'undone') return undefined;
  const title = titleOf(plan.title);
  if (undo.state === 'applying') return `${signs.warning} Being taken back: ${title}`;
  if (undo.state === 'applied') return `${signs.warning} Taken back, not confirmed yet: ${title}`;
  if (undo.state === 'unverified') return `${signs.error} Taken back, not confirmed: ${shorten(undo.says, most)}`;
  if (undo.state === 'closed' && undo.why === 'unclear') return `${signs.error} Taken back or not: ${title}`;
  return isTakenBack(undo) ? `Undone: ${title}` : undefined;
}

/** What was before somebody took it back. */
export function takenBackStatus(
  remediation: Extract<Remediation, { readonly settledAt: string }>,
): readonly RichTextElement[] {
  const { state, settledAt } = remediation;
  const end = state === 'unverified' ? 'before that it was applied, and given up ' : 'before that it was verified ';
  return [text(end), time(settledAt), text(' · '), ...approvedBy(remediation)];
}

/** How it goes with a plan that takes another one back, once it is decided. */
export function undoStatus(undo: Remediation): string {
  switch (undo.state) {
    case 'proposed':
      return 'Not undone: nobody confirmed it in time.';
    case 'approved':
    case 'cleared':
      return 'Undo: approved, to be checked again and applied when it is its turn';
    case 'applying':
      return 'Undoing';
    case 'applied':
      return 'Taken back; I look whether the object is as it was before';
    case 'unverified':
      return `Taken back, but I could not see that it is as before: ${shorten(undo.says, 600)}. Look at the object.`;
    case 'closed':
      return undo.why === 'unclear'
        ? `I cannot tell whether it was taken back: ${shorten(undo.detail, 600)} Look at the object.`
        : `Not undone: ${shorten(undo.detail, 600)}`;
    default:
      return 'Undone';
  }
}
