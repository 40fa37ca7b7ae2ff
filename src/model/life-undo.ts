import type { Actor } from './command.ts';
import type { Remediation, Step } from './remediation.ts';
import { after, demand, entryOf, IllegalTransition, type Transition } from './transition.ts';

/**
 * Somebody wants it taken back, by the plan with this id. A later one takes the place of one that was not applied. The
 * way back waits for no check: where it was not verified yet, nobody watches it any more.
 */
export function beginUndo(r: Remediation, undoPlanId: string, by: Actor, at: string): Transition {
  demand(r, 'begin undo', ['applied', 'verified', 'unverified']);
  const isEarly = r.state === 'applied';
  const early = isEarly ? ', before it was verified: it is not watched any more' : '';
  const step: Step = { at, says: `To be undone by plan ${undoPlanId}${early}.`, by };
  const settled = isEarly
    ? ({ state: 'unverified', settledAt: at, says: 'it was to be taken back before it was verified' } as const)
    : { state: r.state, settledAt: r.settledAt, says: r.says };
  const next: Remediation = { ...after(r, step), ...settled, written: r.written, undoneBy: undoPlanId };
  return { next, entry: entryOf(r.plan, 'undo', step) };
}

/** The plan that takes it back is applied. */
export function undone(r: Remediation, by: Actor, at: string): Transition {
  demand(r, 'undone', ['verified', 'unverified']);
  const { written, settledAt, says, undoneBy } = r;
  if (undoneBy === undefined) throw new IllegalTransition(r, 'undone', 'state');
  const step: Step = { at, says: `Undone by plan ${undoneBy}.`, by };
  const next: Remediation = { ...after(r, step), state: 'undone', written, settledAt, says, undoneBy };
  return { next, entry: entryOf(r.plan, 'undone', step) };
}
