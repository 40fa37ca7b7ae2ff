import { z } from 'zod';
import { describeTiming, mostNamespaces } from '../../model/schedule.ts';
import { UsageError } from '../../model/sources.ts';
import { actorSchema } from '../queue.ts';

const place = {
  /** Slack id: where it posts. */
  channel: z.string().min(1).max(50),
  cluster: z.string().min(1).max(63),
  namespaces: z.array(z.string().min(1).max(63)).max(mostNamespaces).readonly(),
  /** Ids. Empty: all that `/mesh doctor` looks at. */
  topics: z.array(z.string().min(1).max(63)).max(20).readonly(),
  /** When it is due, as typed: `weekdays 9:00 Europe/Berlin`. */
  words: z.string().min(1).max(200),
};

/** A schedule as somebody asks for it. */
export const wantedSchema = z.object(place).readonly();
export type WantedSchedule = z.infer<typeof wantedSchema>;

export const scheduleSchema = z
  .object({
    id: z.string(),
    ...place,
    pattern: z.string(),
    timeZone: z.string(),
    /** Absent: it comes from the policy file. */
    owner: actorSchema.exactOptional(),
    source: z.enum(['slack', 'file']),
    createdAt: z.iso.datetime(),
    /** When it was made, resumed or given another time: what was due before does not count. */
    since: z.iso.datetime(),
    paused: z.object({ by: actorSchema.exactOptional(), at: z.iso.datetime() }).readonly().exactOptional(),
  })
  .readonly();

/** When, where and about what a digest is posted. */
export type Schedule = z.infer<typeof scheduleSchema>;

/** All schedules, each id once. */
export type Book = readonly Schedule[];

/** `The digest of bookinfo + payments, on weekdays at 9:00 (Europe/Berlin)`. */
export function describeSchedule(schedule: Schedule): string {
  const { namespaces, topics, cluster } = schedule;
  const about = namespaces.length > 0 ? namespaces.join(' + ') : topics.join(' + ');
  return `The digest of ${about} in ${cluster}, ${describeTiming(schedule)}`;
}

/** Finds one by its id, or by how that begins. */
export function named(typed: string, book: Book): Schedule {
  const found = book.filter(({ id }) => id === typed || (typed.length >= 2 && id.startsWith(typed)));
  const [only] = found;
  if (only === undefined) {
    throw new UsageError(`I know no digest ${typed.slice(0, 40)}. /mesh digest list shows those of this channel.`);
  }
  if (found.length > 1) {
    const ids = found.slice(0, 5).map(({ id }) => id);
    throw new UsageError(
      `${found.length} digests begin with ${typed}: ${ids.join(', ')}. Type more of the one you mean.`,
    );
  }
  return only;
}

/** Whether two post the same at the same times in the same place. */
export function isSame(a: Schedule, b: Schedule): boolean {
  const key = ({ channel, cluster, pattern, timeZone, namespaces, topics }: Schedule) =>
    JSON.stringify([channel, cluster, pattern, timeZone, namespaces.toSorted(), topics.toSorted()]);
  return key(a) === key(b);
}
