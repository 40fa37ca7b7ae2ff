import type { BotStatus, ClusterStatus, Waiting } from '../model/bot-status.ts';
import { bold, text, time } from './fix-parts.ts';
import type { Problem } from './status-problems.ts';
import { counted } from './words.ts';

const longWaitMs = 60_000;
/** Two hundred digests at nine sharp take their time: Slack takes one message a second and channel. */
const longDigestMs = 5 * 60_000;

const moreRoom = 'Give the worker more room (WORKER_CONCURRENCY), or run another one.';
const workerLog = 'See the log of its worker: “Delivery put off” says what Slack answers, “A run broke” what failed.';

/** What waits too long in a cluster whose worker is there. */
export function queueProblems(name: string, found: ClusterStatus, status: BotStatus): readonly Problem[] {
  const { fixer, questions, remedies, applies, digesting, digests } = found;
  const canFix = status.policy !== undefined;
  const late = lateIn(name, status);
  return [
    ...late('question', questions, moreRoom),
    ...(canFix ? late('plan', remedies, moreRoom) : []),
    ...(canFix && fixer.alive ? late('change', applies, 'See the log of its fixer: it says what it does.') : []),
    ...(digests.count === 0 ? late('digest', digesting, workerLog, longDigestMs) : []),
  ];
}

function lateIn(name: string, { at }: BotStatus) {
  return (what: string, { since, putOff = 0 }: Waiting, next: string, longMs = longWaitMs): readonly Problem[] => {
    if (since === undefined || Date.parse(at) - Date.parse(since) < longMs) return [];
    const was = putOff === 1 ? 'was' : 'were';
    const says =
      putOff === 0
        ? [bold(name), text(`: the oldest ${what} waits since `), time(since)]
        : [bold(name), text(`: ${counted(putOff, what)} ${was} put off, and the oldest waits since `), time(since)];
    return [{ severity: 'warning', says, next: putOff === 0 ? next : workerLog }];
  };
}

/** Digests that should be out and are not. */
export function overdueProblems(name: string, { count, since }: Waiting): readonly Problem[] {
  if (count === 0 || since === undefined) return [];
  const says = [bold(name), text(`: ${counted(count, 'digest')} ${count === 1 ? 'is' : 'are'} overdue, since `)];
  const next = 'See the log of its worker: it says what each waits for, or why it broke.';
  return [{ severity: 'warning', says: [...says, time(since)], next }];
}
