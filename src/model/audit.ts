import type { Actor } from './command.ts';

/** What happened. Refusals are as much a part as deeds. */
export const auditKinds = [
  'requested',
  'refused',
  'proposed',
  'approved',
  'declined',
  'expired',
  'drifted',
  'cleared',
  'outdated',
  'dry-run',
  'applying',
  'applied',
  'works',
  'lapsed',
  'failed',
  'unclear',
  'verified',
  'unverified',
  'undo',
  'undone',
  'frozen',
  'unfrozen',
  'policy',
  'muted',
  'unmuted',
  'schedule',
] as const;
export type AuditKind = (typeof auditKinds)[number];

/** One entry before it has a place in the chain. */
export interface AuditEntry {
  readonly kind: AuditKind;
  /** RFC 3339. */
  readonly at: string;
  /** A sentence. */
  readonly says: string;
  /** Absent: meshbot itself. */
  readonly by?: Actor;
  readonly cluster?: string;
  readonly fix?: string;
  /** `bookinfo/reviews`. */
  readonly target?: string;
  readonly plan?: string;
  readonly digest?: string;
  /** SHA-256 of the policy in force where it was written, in hex. The store adds it, where there is one. */
  readonly policy?: string;
  /** Of a proposal: what it changes, as a unified diff of YAML, cut where it is very long. */
  readonly diff?: string;
}

/** An entry in its place. The hash covers everything else in it, the hash of the one before included. */
export interface AuditRecord extends AuditEntry {
  /** From 1, without gaps. */
  readonly seq: number;
  /** SHA-256 in hex; 64 zeros before the first. */
  readonly previous: string;
  readonly hash: string;
}
