import { advance } from '../../digests/engine.ts';
import { forget } from '../../digests/state.ts';
import { Interrupted, type Run } from '../check.ts';
import type { WithLock } from '../lock.ts';
import { DeliveryError } from '../messenger.ts';
import type { Mutes } from '../mutes.ts';
import type { Settled } from '../settle.ts';
import type { Absences } from './absences.ts';
import { type Delivered, deliverDigest, runId } from './deliver.ts';
import { type DueRun, dueRun } from './due.ts';
import { type EndDeps, type Ending, endingOf, endSchedule, mayNotLook } from './end.ts';
import type { History } from './history.ts';
import { type LookDeps, lookAt } from './look.ts';
import type { DigestJob } from './queue.ts';
import { MayNotLook } from './rights.ts';
import type { Schedule } from './schedule.ts';
import type { Schedules } from './schedules.ts';

export interface DigestDeps extends EndDeps, LookDeps {
  /** The cluster whose digests are made here. */
  readonly cluster: string;
  readonly schedules: Pick<Schedules, 'list' | 'end'>;
  readonly mutes: Pick<Mutes, 'list'>;
  readonly absences: Absences;
  readonly withLock: WithLock;
  readonly watch: DigestWatch;
  readonly now: () => Date;
}

/** What is counted. */
export interface DigestWatch {
  digest(outcome: Delivered | 'ended' | 'given-up'): void;
  putOff(reason: string): void;
}

export type TickJob = DigestJob & { readonly tick: string };

const lockedMs = 500;
const maxStalled = 5;
const maxDelayMs = 15 * 60_000;

/** Makes and posts what is due of one schedule, going on from wherever an earlier run came to. */
export async function runDigest(job: TickJob, deps: DigestDeps, run: Omit<Run, 'release'>): Promise<Settled> {
  const outcome = await deps.withLock(`digest-${job.scheduleId}`, () => perform(job, deps, run));
  return outcome === 'locked' ? { status: 'later', delayMs: lockedMs } : outcome;
}

async function perform(job: TickJob, deps: DigestDeps, run: Omit<Run, 'release'>): Promise<Settled> {
  const schedule = (await deps.schedules.list({ cluster: deps.cluster })).find(({ id }) => id === job.scheduleId);
  if (schedule === undefined || (schedule.paused !== undefined && job.reason !== 'run')) return { status: 'done' };
  try {
    if (run.stalled > maxStalled) {
      await giveUp(schedule, job.tick, `my worker was stopped ${run.stalled} times while it tried.`, deps);
      return { status: 'done' };
    }
    await finishLast(schedule, await deps.histories.load(schedule.id), deps);
    await makeDue(schedule, job, deps, run.signal);
    return { status: 'done' };
  } catch (error) {
    return settleDigest(error, schedule, job, deps);
  }
}

/** Delivers what an earlier run made and could not deliver: its news would be lost otherwise. */
async function finishLast(schedule: Schedule, { last }: History, deps: DigestDeps): Promise<void> {
  const { done } = await deps.posts.load(schedule.id);
  if (last === undefined || (done !== undefined && last.run.tick <= done)) return;
  const delivered = await deliverDigest(schedule, last, deps);
  deps.watch.digest(delivered);
  const { run, digest } = last;
  const fields = { schedule: schedule.id, tick: run.tick, say: digest.say, missed: digest.missed.length, delivered };
  deps.log.info(fields, 'A digest is out');
}

async function makeDue(schedule: Schedule, job: TickJob, deps: DigestDeps, signal: AbortSignal): Promise<void> {
  await deps.absences.beat();
  const { done, lost } = await deps.posts.load(schedule.id);
  const due = dueRun(schedule, job, { now: deps.now(), done, absences: await deps.absences.list() });
  if (due === undefined) return;
  const missed = [...lost, ...due.missed];
  await make(schedule, job, { ...due, missed }, deps, signal);
  await finishLast(schedule, await deps.histories.load(schedule.id), deps);
}

/** One run: what is seen now, compared with what is known, and kept before anybody reads it. */
async function make(
  schedule: Schedule,
  { reason }: TickJob,
  { tick, missed }: DueRun,
  deps: DigestDeps,
  signal: AbortSignal,
): Promise<void> {
  const { version, state } = await deps.histories.load(schedule.id);
  const { refused, ...seen } = await lookAt(schedule, deps, signal);
  if (signal.aborted) throw new Interrupted('The worker is stopping');
  const at = deps.now().toISOString();
  const isTold = ({ namespace }: { readonly namespace: string }) => refused.every((one) => one.namespace !== namespace);
  const mutes = (await deps.mutes.list()).filter(isTold);
  const made = advance(forget(state, refused), { ...seen, at, mutes, missed });
  const isKept = await deps.histories.save(schedule.id, version, { ...made, run: { tick, reason } });
  if (!isKept) deps.log.warn({ schedule: schedule.id, tick }, 'Another worker made this digest');
}

async function giveUp(schedule: Schedule, tick: string, why: string, deps: DigestDeps): Promise<void> {
  const posted = await deps.posts.load(schedule.id);
  const lost = [...posted.lost, { due: tick, why }].slice(-5);
  await deps.posts.save(schedule.id, { ...posted, done: tick, lost });
  deps.watch.digest('given-up');
  deps.log.error({ schedule: schedule.id, tick, why }, 'A digest was given up');
}

/** What an error in a run means for the job: nothing that is made is lost, however long Slack does not take it. */
async function settleDigest(error: unknown, schedule: Schedule, job: TickJob, deps: DigestDeps): Promise<Settled> {
  if (error instanceof Interrupted) return { status: 'later', delayMs: 0 };
  if (error instanceof MayNotLook) return end(schedule, mayNotLook, job, deps);
  if (!(error instanceof DeliveryError)) {
    deps.log.error({ error, schedule: schedule.id }, 'A digest broke');
    return later('broken', schedule, job, deps);
  }
  const { failure } = error;
  if (failure.reason === 'unreachable') return end(schedule, endingOf(failure), job, deps);
  if (failure.reason === 'unfit' || failure.reason === 'gone') {
    const { last } = await deps.histories.load(schedule.id);
    await giveUp(schedule, last?.run.tick ?? job.tick, `Slack refused it (${failure.code}).`, deps);
    return { status: 'later', delayMs: 0 };
  }
  return later(failure.reason, schedule, job, deps, error);
}

async function end(schedule: Schedule, ending: Ending, job: TickJob, deps: DigestDeps): Promise<Settled> {
  try {
    await endSchedule(schedule, ending, deps);
    deps.watch.digest('ended');
    return { status: 'done' };
  } catch (error) {
    return later('ending', schedule, job, deps, error instanceof DeliveryError ? error : undefined);
  }
}

async function later(
  reason: string,
  schedule: Schedule,
  { tick }: TickJob,
  deps: DigestDeps,
  error?: DeliveryError,
): Promise<Settled> {
  const id = runId(schedule, tick);
  await deps.records.open(id);
  const tries = await deps.records.countTry(id);
  const backoff = Math.min(maxDelayMs, 1_000 * 2 ** Math.min(tries - 1, 10));
  const delayMs = error?.failure.retryAfterMs ?? backoff;
  deps.watch.putOff(reason);
  deps.log.warn({ schedule: schedule.id, reason, code: error?.failure.code, tries, delayMs }, 'A digest is put off');
  return { status: 'later', delayMs };
}
