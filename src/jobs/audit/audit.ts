import type { AuditEntry, AuditRecord } from '../../model/audit.ts';
import { breach, type Head, noHead, parseHead, parseRecord, UnreadableRecord } from './chain.ts';
import { auditKeys, commits, type StoreDeps, type StoreRedis } from './commit.ts';
import { extentScript } from './commit-script.ts';

export type AuditVerdict =
  | { readonly records: number; readonly head: string }
  /** `brokenAt`: the first record that is not as it was written, or the first that is missing. */
  | { readonly brokenAt: number; readonly why: string };

export interface AuditLog {
  /** For what is no step of a remediation: those are recorded by their own write. */
  append(entry: AuditEntry): Promise<AuditRecord>;
  /** Oldest first. */
  read(fromSeq: number, count: number): Promise<readonly AuditRecord[]>;
  /** The newest that match, oldest first. */
  last(count: number, filter?: { readonly plan?: string }): Promise<readonly AuditRecord[]>;
  /** Walks the log as it is at the beginning of the walk. `from`: what is before that record was walked earlier. */
  verify(from?: Head): Promise<AuditVerdict>;
}

const page = 500;

export function auditLog(redis: StoreRedis, deps: StoreDeps = {}): AuditLog {
  const commit = commits(redis, deps);

  const extent = async () =>
    (await redis.eval(extentScript, 2, auditKeys.log, auditKeys.head)) as [length: number, head: string];

  const texts = (fromSeq: number, count: number) => redis.lrange(auditKeys.log, fromSeq - 1, fromSeq + count - 2);

  return {
    async append(entry) {
      const committed = await commit(entry);
      if (committed.status !== 'kept') throw new Error(`A record without a subject was ${committed.status}`);
      return committed.record;
    },
    read: async (fromSeq, count) => (await texts(fromSeq, count)).map(parseRecord),
    async last(count, { plan } = {}) {
      const found: AuditRecord[] = [];
      for (let [end] = await extent(); end > 0 && found.length < count; end -= page) {
        const from = Math.max(1, end - page + 1);
        const records = (await texts(from, end - from + 1)).map(parseRecord);
        found.unshift(...records.filter((record) => plan === undefined || record.plan === plan));
        // Nothing about a plan is older than its proposal, but that somebody asked for it.
        if (plan !== undefined && found.some(({ kind }) => kind === 'proposed')) break;
      }
      return found.slice(Math.max(0, found.length - count));
    },
    async verify(from = noHead) {
      const [length, head] = await extent();
      let at = from;
      const [text] = from.seq === 0 ? [] : await texts(from.seq, 1);
      if (text !== undefined && legible(() => parseRecord(text))?.hash !== from.hash)
        return { brokenAt: from.seq, why: 'It is not the record that was here before.' };
      while (at.seq < length) {
        for (const text of await texts(at.seq + 1, Math.min(page, length - at.seq))) {
          const next = following(text, at);
          if (typeof next === 'string') return { brokenAt: at.seq + 1, why: next };
          at = next;
        }
      }
      return ended(at, head);
    },
  };
}

function following(text: string, head: Head): Head | string {
  const record = legible(() => parseRecord(text));
  return record === undefined ? 'It is no record.' : (breach(record, head) ?? record);
}

function ended(last: Head, text: string): AuditVerdict {
  const head = legible(() => parseHead(text));
  if (head === undefined)
    return { brokenAt: last.seq + 1, why: 'Where the log ends is not written in a way that can be read.' };
  if (head.seq > last.seq) {
    return { brokenAt: last.seq + 1, why: `It is missing: the log says that it ends with number ${head.seq}.` };
  }
  if (head.seq < last.seq) {
    return { brokenAt: head.seq + 1, why: `It is one too many: the log says that it ends with number ${head.seq}.` };
  }
  if (head.hash !== last.hash)
    return { brokenAt: last.seq, why: 'It is not the record that the log says it ends with.' };
  return { records: last.seq, head: last.hash };
}

function legible<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnreadableRecord) return undefined;
    throw error;
  }
}
