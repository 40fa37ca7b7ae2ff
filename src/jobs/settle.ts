import type { Actor } from '../model/command.ts';
import type { DeliveryDeps, Parcel } from './delivery.ts';
import { DeliveryError, type Failure } from './messenger.ts';
import type { DeliveryRecord } from './records.ts';

/** What becomes of a job after a run. */
export type Settled = { readonly status: 'done' } | { readonly status: 'later'; readonly delayMs: number };

/** What somebody asked for and is told about, wherever that turns out to be. */
export interface Asked extends Parcel {
  readonly requestedBy: Actor;
}

export interface SettleDeps extends DeliveryDeps {
  readonly now: () => Date;
  readonly watch: {
    putOff(reason: string): void;
    undelivered(): void;
  };
}

/** Nobody waits longer than this for an answer that Slack does not take. */
const patienceMs = 30 * 60_000;
const maxDelayMs = 60_000;

/** Decides what an error in a run means for the job: put off, sent to the asker alone, or given up. */
export async function settle(error: unknown, job: Asked, record: DeliveryRecord, deps: SettleDeps): Promise<Settled> {
  if (error instanceof Error && error.name === 'Interrupted') return { status: 'later', delayMs: 0 };
  if (!(error instanceof DeliveryError)) {
    deps.log.error({ error }, 'A run broke');
    return later('broken', job, record, deps);
  }
  const { failure } = error;
  if (failure.reason === 'unreachable') return redirect(failure, job, record, deps);
  if (failure.reason === 'unfit' || failure.reason === 'gone') return giveUp(failure.code, job, deps);
  return later(failure.reason, job, record, deps, failure);
}

async function redirect(failure: Failure, job: Asked, record: DeliveryRecord, deps: SettleDeps): Promise<Settled> {
  if (record.direct !== undefined) return giveUp(failure.code, job, deps);
  const opened = await deps.messenger.openDirectMessage(job.requestedBy.user);
  if (!opened.ok) {
    const passing = opened.reason === 'rate-limited' || opened.reason === 'unavailable';
    return passing ? later(opened.reason, job, record, deps, opened) : giveUp(opened.code, job, deps);
  }
  const why = reasonFor(failure.code, deps.messenger.botName);
  deps.log.info({ code: failure.code }, 'The answer goes to the asker alone');
  await deps.records.redirect(job.requestId, { channel: opened.channel, why });
  return { status: 'later', delayMs: 0 };
}

function reasonFor(code: string, botName: string): string {
  if (code === 'is_archived') return 'You asked in a channel that is archived, so the answer comes here.';
  if (code === 'not_in_channel' || code === 'channel_not_found') {
    return `I am not in the channel you asked in, so the answer comes here. To have it there, type /invite @${botName} in that channel and ask again.`;
  }
  return `I may not write where you asked (${code}), so the answer comes here.`;
}

async function later(
  reason: string,
  job: Asked,
  record: DeliveryRecord,
  deps: SettleDeps,
  failure?: Failure,
): Promise<Settled> {
  if (deps.now().getTime() - record.startedAt.getTime() > patienceMs) return giveUp(failure?.code ?? reason, job, deps);
  const tries = await deps.records.countTry(job.requestId);
  const backoff = Math.min(maxDelayMs, 1_000 * 2 ** Math.min(tries - 1, 10));
  const delayMs = failure?.retryAfterMs ?? backoff;
  deps.watch.putOff(reason);
  deps.log.warn({ reason, code: failure?.code, tries, delayMs }, 'Delivery put off');
  return { status: 'later', delayMs };
}

async function giveUp(code: string, job: Asked, deps: SettleDeps): Promise<Settled> {
  deps.log.error({ code, channel: job.channel }, 'An answer could not be delivered');
  deps.watch.undelivered();
  await deps.records.finish(job.requestId);
  return { status: 'done' };
}
