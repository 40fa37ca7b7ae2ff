import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Log } from '../../model/log.ts';
import type { DigestRule } from '../../model/policy.ts';
import { mostSchedules } from '../../model/schedule.ts';
import { UsageError } from '../../model/sources.ts';
import type { StoreDeps, StoreRedis } from '../audit/commit.ts';
import { type ScheduleBook, scheduleBook } from './book.ts';
import { type Book, describeSchedule, type Schedule, wantedSchema } from './schedule.ts';
import { readTiming } from './schedule-preview.ts';

export interface FileDeps extends StoreDeps {
  readonly cluster: string;
  readonly now: () => Date;
  readonly log: Log;
}

/**
 * Brings the schedules of one cluster that come from the policy file to what the file says now. A rule that names no
 * cluster is about every cluster whose worker reads the file. What cannot be followed is left out and logged.
 */
export async function syncFileSchedules(
  redis: StoreRedis,
  rules: readonly DigestRule[],
  deps: FileDeps,
): Promise<void> {
  const book = scheduleBook(redis, deps.now, deps);
  const wanted = wantedOf(rules, deps);
  for (const one of wanted) await book.change((all) => withOne(all, one));
  const ids = new Set(wanted.map(({ id }) => id));
  const isOver = ({ id, source, cluster }: Schedule) => source === 'file' && cluster === deps.cluster && !ids.has(id);
  const kept = await book.read();
  for (const one of kept.filter(isOver)) await book.change((all) => withoutOne(all, one));
  const left = wanted.filter(({ id }) => !kept.some((one) => one.id === id)).map(describeSchedule);
  if (left.length > 0)
    deps.log.error({ left, most: mostSchedules }, 'There are too many digests for these of the policy file');
}

/** The id tells what it is about, so that another time for the same is a change and what is known stays. */
function wantedOf(rules: readonly DigestRule[], { cluster, now, log }: FileDeps): readonly Schedule[] {
  const at = now().toISOString();
  const found = rules
    .filter((rule) => (rule.cluster ?? cluster) === cluster)
    .flatMap((rule): Omit<Schedule, 'id'>[] => {
      try {
        const { channel, namespaces, topics = [], schedule: words } = rule;
        const wanted = wantedSchema.parse({ channel, cluster, namespaces, topics, words });
        return [{ ...wanted, ...readTiming(words, 'UTC', now()), source: 'file', createdAt: at, since: at }];
      } catch (error) {
        if (!(error instanceof UsageError || error instanceof z.ZodError)) throw error;
        log.error({ error, rule }, 'A digest of the policy file cannot be followed');
        return [];
      }
    });
  const groups = Map.groupBy(found, placeId);
  const all = Array.from(groups, ([id, alike]) => alike.map((one, index) => ({ ...one, id: `${id}${index || ''}` })));
  return all.flat();
}

function placeId({ channel, cluster, namespaces, topics }: Omit<Schedule, 'id'>): string {
  const place = JSON.stringify([channel, cluster, namespaces.toSorted(), topics.toSorted()]);
  return `f${createHash('sha256').update(place).digest('hex').slice(0, 8)}`;
}

function withOne(all: Book, wanted: Schedule): ReturnType<Parameters<ScheduleBook['change']>[0]> {
  const known = all.find(({ id }) => id === wanted.id);
  const said = (says: string) => `${describeSchedule(wanted)} ${says}`;
  if (known === undefined) {
    if (all.length >= mostSchedules) return undefined;
    return { book: [...all, wanted], says: said('is in the policy file.'), about: wanted };
  }
  if (known.words === wanted.words) return undefined;
  const { words, pattern, timeZone, since } = wanted;
  const changed = { ...known, words, pattern, timeZone, since };
  const book = all.map((one) => (one === known ? changed : one));
  return { book, says: said('has another time in the policy file.'), about: wanted };
}

function withoutOne(all: Book, one: Schedule): ReturnType<Parameters<ScheduleBook['change']>[0]> {
  const book = all.filter(({ id }) => id !== one.id);
  return { book, says: `${describeSchedule(one)} is no longer in the policy file.`, about: one };
}
