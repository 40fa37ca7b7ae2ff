import type { Actor } from './command.ts';
import type { FixerState } from './fixer-state.ts';
import type { WorkerState } from './worker-state.ts';

/** Something that was asked, or why it is not known: a sentence. */
export type Asked<T> =
  | { readonly status: 'known'; readonly value: T }
  | { readonly status: 'unknown'; readonly why: string };

/** A process that gives signs of life. */
export interface Pulse {
  readonly alive: boolean;
  /** RFC 3339. Absent: it was never seen. */
  readonly seenAt?: string;
}

/** Jobs that are not done: that wait, that were put off, or that run for more than two minutes. */
export interface Waiting {
  readonly count: number;
  /** How many of them were begun and put off. Absent: none. */
  readonly putOff?: number;
  /** RFC 3339: since when the oldest does. */
  readonly since?: string;
}

export interface ClusterStatus {
  readonly worker: Pulse;
  readonly fixer: Pulse;
  readonly questions: Waiting;
  /** Plans to make and to bring on: the worker's. */
  readonly remedies: Waiting;
  /** Plans to apply: the fixer's. */
  readonly applies: Waiting;
  /** Digests that are to be made or posted. */
  readonly digesting: Waiting;
  /** Digests that were due more than five minutes ago and are not out. */
  readonly digests: Waiting;
  /** What its worker said last. */
  readonly state?: WorkerState;
  /** What its fixer said last. */
  readonly fixerState?: FixerState;
}

/** What the last look at the audit log found. */
export interface AuditSight {
  /** RFC 3339. */
  readonly at: string;
  /** Absent: the chain holds. */
  readonly broken?: { readonly at: number; readonly why: string };
}

export interface RedisStatus {
  readonly latencyMs: number;
  readonly server: Asked<{
    readonly version: string;
    readonly usedBytes: number;
    /** 0: no limit. */
    readonly maxBytes: number;
  }>;
}

/** A scope of the Slack app. */
export interface NeededScope {
  readonly scope: string;
  /** What it is for. */
  readonly why: string;
  /** Without it something is worse, but nothing fails. */
  readonly optional?: true;
}

export interface SlackStatus {
  readonly mode: 'socket' | 'http';
  /** How many are open, in mode `socket`. */
  readonly sockets?: number;
  readonly granted: Asked<readonly string[]>;
  readonly needed: readonly NeededScope[];
}

/** The bot itself: what it stands on, and whether all of that is there. */
export interface BotStatus {
  /** RFC 3339. */
  readonly at: string;
  readonly release: string;
  /** SHA-256 of the policy in force. Absent: fixes are off. */
  readonly policy?: string;
  readonly slack: SlackStatus;
  readonly redis: Asked<RedisStatus>;
  readonly clusters: readonly { readonly name: string; readonly found: Asked<ClusterStatus> }[];
  readonly audit: Asked<AuditSight>;
  /** All changes are stopped; `value` is absent where they go on. */
  readonly freeze: Asked<{ readonly by: Actor; readonly at: string; readonly because?: string } | undefined>;
}
