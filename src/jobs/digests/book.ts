import { z } from 'zod';
import type { Actor } from '../../model/command.ts';
import { commits, type StoreDeps, StoreDown, type StoreRedis } from '../audit/commit.ts';
import { prefix } from '../open-queues.ts';
import { type Book, type Schedule, scheduleSchema } from './schedule.ts';

/** What becomes of the book, and how the audit log tells it; nothing: all stays as it is. */
export type BookStep = (
  book: Book,
) => { readonly book: Book; readonly says: string; readonly about: Schedule } | undefined;

/** All schedules in one value, so that what must hold among them does. Each change is one write with its record. */
export interface ScheduleBook {
  read(): Promise<Book>;
  /** Without `by` it is meshbot itself that changes something. */
  change(step: BookStep, by?: Actor): Promise<void>;
  /** Something worth a record that changes nothing. */
  note(says: string, about: Schedule, by: Actor): Promise<void>;
}

const key = `${prefix}:schedules`;
const races = 50;
const bookSchema = z.array(scheduleSchema);

export function scheduleBook(redis: StoreRedis, now: () => Date, deps: StoreDeps): ScheduleBook {
  const commit = commits(redis, deps);

  async function load(): Promise<{ readonly version: number; readonly book: Book }> {
    const { version = '0', value = '[]' } = await redis.hgetall(key);
    return { version: Number(version), book: bookSchema.parse(JSON.parse(value)) };
  }

  function entryOf(says: string, { cluster, id }: Schedule, by: Actor | undefined) {
    const at = now().toISOString();
    return { kind: 'schedule', at, says, cluster, target: id, ...(by !== undefined && { by }) } as const;
  }

  return {
    read: async () => (await load()).book,
    async change(step, by) {
      for (let race = 0; race < races; race += 1) {
        const { version, book } = await load();
        const next = step(book);
        if (next === undefined) return;
        const entry = entryOf(next.says, next.about, by);
        const { status } = await commit(entry, { key, version, value: JSON.stringify(next.book) });
        if (status === 'kept') return;
      }
      throw new StoreDown('The schedules change faster than one can be added. Try again.');
    },
    async note(says, about, by) {
      await commit(entryOf(says, about, by));
    },
  };
}
