import type { Blind, DigestItem } from '../model/digest.ts';
import type { Report } from '../model/report.ts';
import type { Present, Run } from './run.ts';
import { saidBy, unanswered } from './sight.ts';
import { type DigestState, mostBlind } from './state.ts';
import { muteOf } from './step.ts';

/** What could not be told at one run, without a known finding behind it. */
export interface Blindness {
  readonly blind: readonly Blind[];
  readonly muted: readonly DigestItem[];
  /** How many more there are. */
  readonly beyond: number;
  /** For the next run: since when. */
  readonly kept: DigestState['blind'];
  /** How many have ended, where all that is asked was answered. */
  readonly ended: number;
  readonly isChanged: boolean;
}

export function blindnessOf(
  state: DigestState,
  run: Run,
  answers: ReadonlyMap<string, Report>,
  present: ReadonlyMap<string, Present>,
): Blindness {
  const sinceOf = (id: string) => state.blind[id] ?? run.at;
  const unknown = Array.from(present)
    .filter(([id, { finding }]) => finding.severity === 'unknown' && (state.known[id]?.told ?? 'fixed') === 'fixed')
    .toSorted(([a], [b]) => a.localeCompare(b));
  const muted: DigestItem[] = [];
  const blind: Blind[] = unanswered(run, answers).map(({ key, question, why }) => ({
    id: key,
    target: question.target,
    says: why,
    since: sinceOf(key),
  }));
  for (const [id, one] of unknown.slice(0, mostBlind)) {
    const { finding, target } = one;
    const mute = muteOf(one, run);
    const since = sinceOf(id);
    if (mute === undefined) {
      const { next } = finding;
      blind.push({ id, target, says: saidBy(finding), since, ...(next !== undefined && { next }) });
    } else muted.push({ fingerprint: id, finding, target, firstSeen: since, lastBad: run.at, mute });
  }
  const beyond = Math.max(0, unknown.length - mostBlind);
  const kept = Object.fromEntries(
    [
      ...blind.map(({ id, since }) => [id, since] as const),
      ...muted.map((one) => [one.fingerprint, one.firstSeen] as const),
    ].toSorted(([a], [b]) => a.localeCompare(b)),
  );
  const gone = Object.keys(state.blind).filter((id) => !(id in kept)).length;
  const isChanged = gone > 0 || Object.keys(kept).some((id) => !(id in state.blind));
  const ended = answers.size === run.asked.length ? gone : 0;
  return { blind, muted, beyond, kept, ended, isChanged };
}
