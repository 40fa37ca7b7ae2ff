import type { AuditEntry, AuditKind } from './audit.ts';
import { describeFixTarget } from './fix.ts';
import { redact } from './redact.ts';
import type { CloseReason, Plan, Remediation, RemediationState, Step } from './remediation.ts';

/** A step in a remediation's life and the record of it: kept together, or not at all. */
export interface Transition {
  readonly next: Remediation;
  readonly entry: AuditEntry;
}

/** What a step is called in an {@link IllegalTransition}. */
export type StepName =
  | 'approve'
  | 'decline'
  | 'expire'
  | 'clear'
  | 'outdate'
  | 'refuse'
  | 'drift'
  | 'begin'
  | 'wrote'
  | 'works'
  | 'lapse'
  | 'fail'
  | 'give up'
  | 'verify'
  | 'begin undo'
  | 'undone';

export type IllegalReason =
  /** The state does not lead there. */
  | 'state'
  /** The approval is of something else. */
  | 'digest'
  /** The plan's time is over; or, for `expire`, it is not yet. */
  | 'time'
  /** They asked for it, and the rule wants somebody else. */
  | 'self'
  /** They approved before, here or as the same Kubernetes user. */
  | 'again'
  /** Too few approvals that count. */
  | 'approvals';

/** A step that a remediation cannot take as it is. Nothing has changed. */
export class IllegalTransition extends Error {
  override readonly name = 'IllegalTransition';
  readonly state: RemediationState;
  readonly step: StepName;
  readonly why: IllegalReason;

  constructor({ plan, state }: Remediation, step: StepName, why: IllegalReason) {
    super(`Plan ${plan.id} is ${state} and cannot take the step "${step}" (${why}).`);
    this.state = state;
    this.step = step;
    this.why = why;
  }
}

type In<S extends RemediationState> = Extract<Remediation, { readonly state: S }>;
type Common = Pick<Remediation, 'plan' | 'version' | 'approvals' | 'steps' | 'writeAs' | 'card' | 'reminded' | 'tried'>;

/** Throws unless it is in one of the states. */
export function demand<S extends RemediationState>(
  r: Remediation,
  step: StepName,
  states: readonly S[],
): asserts r is In<S> {
  if (!states.some((state) => state === r.state)) throw new IllegalTransition(r, step, 'state');
}

/** What every state has in common, after this step. */
export function after({ plan, version, approvals, steps, writeAs, ...pinned }: Common, step: Step): Common {
  const { card, reminded, tried } = pinned;
  return {
    plan,
    version: version + 1,
    approvals,
    steps: [...steps, step],
    ...(writeAs !== undefined && { writeAs }),
    ...(card !== undefined && { card }),
    ...(reminded !== undefined && { reminded }),
    ...(tried !== undefined && { tried }),
  };
}

export function close(r: Remediation, why: CloseReason, step: Step, detail: string, replacedBy?: string): Transition {
  const closed = { why, detail, closedAt: step.at, ...(replacedBy !== undefined && { replacedBy }) };
  return { next: { ...after(r, step), state: 'closed', ...closed }, entry: entryOf(r.plan, why, step) };
}

/** Without the policy in force: the store knows that. */
export function entryOf(plan: Plan, kind: AuditKind, { at, says, by }: Step): AuditEntry {
  return {
    kind,
    at,
    says,
    ...(by !== undefined && { by }),
    cluster: plan.target.cluster,
    fix: plan.fix,
    target: describeFixTarget(plan.target),
    plan: plan.id,
    digest: plan.digest,
  };
}

const mostDiff = 8_000;

/** What a plan changes, for the log: it outlives the plan. */
export function diffEntry({ diff }: Plan): Pick<AuditEntry, 'diff'> {
  const clean = redact(diff);
  if (clean.length <= mostDiff) return { diff: clean };
  return { diff: `${clean.slice(0, mostDiff)}\n… ${clean.length - mostDiff} more characters.` };
}

/** Ends with a full stop. */
export function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
