import type { Asked, AuditSight } from '../../model/bot-status.ts';
import type { Log } from '../../model/log.ts';
import { every } from '../pulse.ts';
import type { AuditLog } from './audit.ts';
import { type Head, noHead } from './chain.ts';

/** Looks again and again whether anybody changed the audit log. */
export interface AuditWatch {
  /** What the last look found. */
  sight(): Asked<AuditSight>;
  close(): void;
}

export interface AuditWatchSettings {
  readonly audit: Pick<AuditLog, 'verify'>;
  readonly log: Log;
  /** Whether the store is there: without it nothing is asked. */
  readonly isReady: () => boolean;
  readonly everyMs?: number;
  readonly wholeEveryMs?: number;
  /** How often it is looked whether it is time, and whether the store is there. */
  readonly tickMs?: number;
  readonly now?: () => Date;
}

const hourMs = 3_600_000;

/**
 * Walks the whole log at the start and once a day, and in between each hour what came since: a change of an old record
 * is seen within a day, one of the end within an hour.
 */
export function watchAudit(settings: AuditWatchSettings): AuditWatch {
  const {
    audit,
    log,
    isReady,
    everyMs = hourMs,
    wholeEveryMs = 24 * hourMs,
    tickMs = 1_000,
    now = () => new Date(),
  } = settings;
  let found: Asked<AuditSight> = { status: 'unknown', why: 'The audit log has not been walked yet.' };
  let good: Head = noHead;
  let lookedAt = 0;
  let wholeAt = 0;

  async function look(): Promise<void> {
    const at = now();
    if (!isReady()) return;
    if (found.status === 'known' && at.getTime() - lookedAt < everyMs) return;
    // What was broken once is not well because the rest is.
    const wasBroken = found.status === 'known' && found.value.broken !== undefined;
    const isWhole = good.seq === 0 || wasBroken || at.getTime() - wholeAt >= wholeEveryMs;
    // What is gone altogether is told by the record that was good before.
    const verdict = isWhole && good.seq > 0 ? await both(good) : await audit.verify(good);
    lookedAt = at.getTime();
    if (isWhole) wholeAt = at.getTime();
    const isBroken = 'brokenAt' in verdict;
    if (!isBroken) good = { seq: verdict.records, hash: verdict.head };
    if (isBroken) log.error({ record: verdict.brokenAt, why: verdict.why }, 'The audit log is broken');
    const broken = isBroken ? { broken: { at: verdict.brokenAt, why: verdict.why } } : {};
    found = { status: 'known', value: { at: at.toISOString(), ...broken } };
  }

  async function both(head: Head) {
    const since = await audit.verify(head);
    return 'brokenAt' in since ? since : audit.verify();
  }

  const stop = every(tickMs, look, log, 'The audit log cannot be walked');
  return { sight: () => found, close: stop };
}
