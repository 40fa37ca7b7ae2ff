import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { AuditEntry, AuditRecord } from '../../model/audit.ts';
import { canonical } from '../../model/canonical.ts';

/** The last record's place and hash. */
export interface Head {
  readonly seq: number;
  readonly hash: string;
}

/** Before the first record. */
export const noHead: Head = { seq: 0, hash: '0'.repeat(64) };

/** A record that is no record: the log was written by something else. */
export class UnreadableRecord extends Error {
  override readonly name = 'UnreadableRecord';
}

const text = z.string();
/** Loose: the hash covers whatever else stands in it. */
const recordSchema = z.looseObject({
  /** Any: a newer meshbot may know more kinds. */
  kind: text,
  at: text,
  says: text,
  by: z.object({ team: text, enterprise: text.exactOptional(), user: text }).exactOptional(),
  cluster: text.exactOptional(),
  fix: text.exactOptional(),
  target: text.exactOptional(),
  plan: text.exactOptional(),
  digest: text.exactOptional(),
  policy: text.exactOptional(),
  diff: text.exactOptional(),
  seq: z.number().int().positive(),
  previous: text,
  hash: text,
});

/** The entry in its place behind the head. */
export function chained(entry: AuditEntry, head: Head): AuditRecord {
  const placed = { ...entry, seq: head.seq + 1, previous: head.hash };
  return { ...placed, hash: hashOf(placed) };
}

export function parseRecord(json: string): AuditRecord {
  try {
    return recordSchema.parse(JSON.parse(json)) as Omit<AuditRecord, 'kind'> as AuditRecord;
  } catch (cause) {
    throw new UnreadableRecord('A record of the audit log cannot be read. Run: meshbot audit verify', { cause });
  }
}

/** Why this is not the record that follows the head, as a sentence; nothing where it is. */
export function breach({ hash, ...placed }: AuditRecord, head: Head): string | undefined {
  if (placed.seq !== head.seq + 1) return `It says that it is number ${placed.seq}: records are missing or moved.`;
  if (placed.previous !== head.hash) return 'It does not follow the record before it: one of the two was replaced.';
  if (hash !== hashOf(placed)) return 'Its hash is not that of its content: it was changed.';
  return undefined;
}

export function formatHead({ seq, hash }: Head): string {
  return seq === 0 ? '' : `${seq} ${hash}`;
}

export function parseHead(text: string): Head {
  if (text === '') return noHead;
  const [, seq, hash] = /^(\d+) ([0-9a-f]{64})$/.exec(text) ?? [];
  if (seq === undefined || hash === undefined) {
    throw new UnreadableRecord('The end of the audit log cannot be read. Run: meshbot audit verify');
  }
  return { seq: Number(seq), hash };
}

function hashOf(placed: Omit<AuditRecord, 'hash'>): string {
  return createHash('sha256').update(canonical(placed)).digest('hex');
}
