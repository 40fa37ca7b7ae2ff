import { randomUUID } from 'node:crypto';
import type { AuditEntry, AuditRecord } from '../../model/audit.ts';
import type { Log } from '../../model/log.ts';
import { prefix } from '../open-queues.ts';
import { chained, formatHead, type Head, parseHead } from './chain.ts';
import { commitScript } from './commit-script.ts';

/** What the store needs of a Redis client. */
export interface StoreRedis {
  get(key: string): Promise<string | null>;
  hgetall(key: string): Promise<Record<string, string>>;
  lrange(key: string, start: number, stop: number): Promise<string[]>;
  eval(script: string, keys: number, ...args: string[]): Promise<unknown>;
}

export interface StoreDeps {
  /** Told of each record that is kept: its hash, in a place that nobody who writes to Redis can change. */
  readonly log?: Pick<Log, 'info'>;
  /** The hash of the policy that this process goes by now: each record names it. Absent, or nothing: it has none. */
  readonly policy?: () => string | undefined;
}

/** What changes together with the record. */
export interface Subject {
  readonly key: string;
  /** It must be at this version; 0: it must not exist. */
  readonly version: number;
  readonly value: string;
  /** Absent: for good. */
  readonly keptSeconds?: number;
  readonly place?: {
    readonly plan: string;
    readonly lock: string;
    readonly open: string;
    readonly holds: boolean;
    readonly settled: boolean;
    /** The plan that holds the cluster from now on, where this one did and is settled: another one's id. */
    readonly heir?: string;
  };
}

export type Committed =
  | { readonly status: 'kept'; readonly record: AuditRecord }
  /** The subject is at another version. */
  | { readonly status: 'stale' }
  /** Another plan holds the cluster. */
  | { readonly status: 'busy'; readonly by: string };

/** Redis gave no answer that tells. It may have been kept all the same. */
export class StoreDown extends Error {
  override readonly name = 'StoreDown';
}

export type Commit = (entry: AuditEntry, subject?: Subject) => Promise<Committed>;

export const auditKeys = { log: `${prefix}:audit`, head: `${prefix}:audit-head` };
/** How long an answer that was lost can be asked for again. */
const rememberedSeconds = 24 * 3600;
const races = 200;
const losses = 3;

/** Appends a record and changes its subject: both, or neither, and once, whatever becomes of the answer. */
export function commits(redis: StoreRedis, { log, policy }: StoreDeps = {}): Commit {
  return async (given, subject) => {
    const hash = policy?.();
    const entry = hash === undefined ? given : { ...given, policy: hash };
    const once = `${prefix}:once:${randomUUID()}`;
    let head = parseHead((await redis.get(auditKeys.head)) ?? '');
    for (let race = 0; race < races; race += 1) {
      const record = chained(entry, head);
      const [status = '', detail = ''] = await insist(redis, argumentsOf(once, head, record, subject));
      if (status === 'kept') {
        log?.info(record, 'Audit');
        return { status, record };
      }
      if (status === 'stale') return { status };
      if (status === 'busy') return { status, by: detail };
      head = parseHead(detail);
      await pause(Math.random() * Math.min(race, 20));
    }
    throw new StoreDown('The audit log grows faster than a record can be added. Try again.');
  };
}

/** The same call until it is answered: what was kept without an answer is not kept again. */
async function insist(redis: StoreRedis, [keys, args]: readonly [string[], string[]]): Promise<string[]> {
  for (let loss = 1; ; loss += 1) {
    try {
      return (await redis.eval(commitScript, keys.length, ...keys, ...args)) as string[];
    } catch (cause) {
      if (loss === losses) throw new StoreDown('Redis does not answer. It may have been kept all the same.', { cause });
      await pause(50 * 2 ** loss);
    }
  }
}

function argumentsOf(
  once: string,
  head: Head,
  record: AuditRecord,
  subject: Subject | undefined,
): readonly [string[], string[]] {
  const keys = [once, auditKeys.log, auditKeys.head];
  const args = [formatHead(head), JSON.stringify(record), formatHead(record), String(rememberedSeconds)];
  if (subject === undefined) return [keys, args];
  const { key, version, value, keptSeconds = 0, place } = subject;
  keys.push(key);
  args.push(String(version), String(version + 1), value, String(keptSeconds));
  if (place === undefined) return [keys, args];
  keys.push(place.lock, place.open);
  args.push(place.plan, place.holds ? '1' : '0', place.settled ? '1' : '0', place.heir ?? '');
  return [keys, args];
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
