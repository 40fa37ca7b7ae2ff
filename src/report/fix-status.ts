import type { RichTextElement } from '@slack/types';
import type { Actor } from '../model/command.ts';
import { type CloseReason, isSettled, type Remediation } from '../model/remediation.ts';
import { bold, people, text, time } from './fix-parts.ts';
import { isRefused } from './fix-trial.ts';
import { shorten } from './slack-message.ts';
import { counted, seconds, signs } from './words.ts';

/** What a card says besides the remediation itself. */
export interface CardView {
  /** Who may approve: names of roles or user groups, as literal text. */
  readonly approverNames: string;
  /** RFC 3339. */
  readonly now: string;
  /** Set while all writes are stopped. */
  readonly frozen?: { readonly by?: Actor; readonly because?: string };
  /** What the last look at an applied fix said: `2 of 6 proxies have it`. */
  readonly checked?: string;
  /** RFC 3339: when a fix that works has done so for long enough. */
  readonly watchedUntil?: string;
  /** RFC 3339: how long it can be undone by a click. Absent: as long as it stands. */
  readonly undoUntil?: string;
  /** Whether whoever asked may approve it alone in an emergency. */
  readonly breakGlass?: boolean;
}

type Closed = Extract<Remediation, { readonly state: 'closed' }>;

const most = 300;

const heads = {
  proposed: 'Proposed',
  approved: 'Approved',
  cleared: 'Approved',
  applying: 'Applying',
  applied: 'Applied',
  undone: 'Undone',
} as const;

const closings: Readonly<Record<CloseReason, string>> = {
  declined: 'Declined',
  expired: 'Expired',
  drifted: 'Closed',
  refused: 'Not applied',
  failed: `${signs.error} Failed`,
  unclear: `${signs.error} Applied or not`,
};

/** The first line of the card, and all that a notification says. */
export function headlineOf(remediation: Remediation): string {
  const { state, plan, approvals } = remediation;
  const how = approvals.some(({ breakGlass }) => breakGlass !== undefined) ? ' in an emergency' : '';
  if (state === 'verified') return `${signs.ok} Fixed${how}: ${shorten(remediation.says, most)}`;
  if (state === 'unverified') return `${signs.error} Applied${how}, but ${shorten(remediation.says, most)}`;
  if (state === 'closed') return `${closings[remediation.why]}: ${titleOf(plan.title)}`;
  return `${heads[state]}${state === 'undone' ? '' : how}: ${titleOf(plan.title)}`;
}

/** Within a sentence: `Remove TLS…` becomes `remove TLS…`, `PeerAuthentication…` stays. */
export function titleOf(title: string): string {
  const begun = /^[A-Z][a-z]*(?= |$)/.test(title) ? title.charAt(0).toLowerCase() + title.slice(1) : title;
  return shorten(begun, most);
}

/** What it waits for, or what came of it. */
export function statusOf(remediation: Remediation, view: CardView): readonly RichTextElement[] {
  switch (remediation.state) {
    case 'proposed':
      return waiting(remediation, view);
    case 'approved':
      return [...approvedBy(remediation), text(', checking again that all it rests on still holds')];
    case 'cleared':
      return [...approvedBy(remediation), text(', waiting for its turn')];
    case 'applying':
      return [...approvedBy(remediation), text(', applying')];
    case 'applied': {
      const seen = view.checked === undefined ? '' : ` (${shorten(view.checked, most)})`;
      const { verifyUntil, worksSince } = remediation;
      const doing = worksSince === undefined ? 'checking' : 'works so far, watching';
      return [
        ...approvedBy(remediation),
        text(`, applied, ${doing}${seen} until `),
        time(worksSince === undefined ? verifyUntil : (view.watchedUntil ?? verifyUntil)),
      ];
    }
    case 'verified':
    case 'unverified':
      return settled(remediation);
    case 'undone':
      return [text('it is as it was before'), ...lastActor(remediation.steps)];
    case 'closed':
      return closed(remediation);
  }
}

/** The state as a sentence, for someone whose click comes too late. */
export function stateSentence(remediation: Remediation): string {
  const { state } = remediation;
  if (state === 'proposed') return 'It still waits for approval.';
  if (state === 'closed') return `It is closed: ${shorten(remediation.detail, most)}`;
  if (state === 'undone') return 'It was applied and has been undone.';
  if (isSettled(remediation)) return 'It has been applied already.';
  return state === 'approved' || state === 'cleared' ? 'It is approved already.' : 'It is being applied already.';
}

function waiting(remediation: Remediation, { approverNames, now }: CardView): readonly RichTextElement[] {
  const { plan, approvals } = remediation;
  if (now >= plan.expiresAt) return [text('nobody approved it in time')];
  if (isRefused(remediation)) return [text('cannot be applied yet: see below · until '), time(plan.expiresAt)];
  const left = Math.max(1, plan.rule.approvals - approvals.length);
  const others = plan.rule.selfApproval ? [] : [text(', not '), ...people([plan.requestedBy])];
  return [
    ...(approvals.length > 0 ? [...approvedBy(remediation), text(', ')] : []),
    text(`waiting for ${left === 1 ? '1' : `${left}`}${approvals.length > 0 ? ' more' : ''} of `),
    bold(shorten(approverNames, most)),
    ...others,
    text(' · until '),
    time(plan.expiresAt),
  ];
}

export function approvedBy({ approvals }: Remediation): readonly RichTextElement[] {
  const alone = approvals.find(({ breakGlass }) => breakGlass !== undefined);
  const reason =
    alone?.breakGlass === undefined ? [] : [text(` alone, in an emergency: ${shorten(alone.breakGlass, most)}`)];
  return [text('approved by '), ...people(approvals.map(({ by }) => by)), ...reason];
}

function settled(remediation: Extract<Remediation, { readonly settledAt: string }>): readonly RichTextElement[] {
  const { written, settledAt } = remediation;
  const took = seconds(Math.max(0, Date.parse(settledAt) - Date.parse(written.at)));
  const end =
    remediation.state === 'verified'
      ? [text('verified '), time(settledAt), text(` in ${took}`)]
      : [text('given up '), time(settledAt), text(` after ${took}. Undo it, or ask why with the same question`)];
  return [...end, text(' · '), ...approvedBy(remediation)];
}

function closed({ why, detail, replacedBy, closedAt, steps }: Closed): readonly RichTextElement[] {
  const next = replacedBy === undefined ? '' : ' A new plan stands below.';
  const said = shorten(detail, 600);
  const by = why === 'declined' ? lastActor(steps) : [];
  return [text(`${/[.…]$/.test(said) ? said : `${said}.`}${next}`), ...by, text(' · '), time(closedAt)];
}

function lastActor(steps: Remediation['steps']): readonly RichTextElement[] {
  const by = steps.at(-1)?.by;
  return by === undefined ? [] : [text(' · '), ...people([by])];
}

/** `1 of 2 approvals`. */
export function approvalsOf({ approvals, plan }: Remediation): string {
  return `${approvals.length} of ${counted(plan.rule.approvals, 'approval')}`;
}
