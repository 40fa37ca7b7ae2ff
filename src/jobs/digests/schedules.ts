import { randomBytes } from 'node:crypto';
import type { Actor } from '../../model/command.ts';
import { mostSchedules } from '../../model/schedule.ts';
import { UsageError } from '../../model/sources.ts';
import type { StoreDeps, StoreRedis } from '../audit/commit.ts';
import { type ScheduleBook, scheduleBook } from './book.ts';
import type { DigestQueues } from './queue.ts';
import {
  type Book,
  describeSchedule,
  isSame,
  named,
  type Schedule,
  type WantedSchedule,
  wantedSchema,
} from './schedule.ts';
import { readTiming } from './schedule-preview.ts';

export type { Schedule, WantedSchedule } from './schedule.ts';
export { describeSchedule } from './schedule.ts';

export interface ScheduleFilter {
  readonly channel?: string;
  /** Slack id of a person. */
  readonly owner?: string;
  readonly cluster?: string;
}

/** Whoever calls these has decided that the person may. Each change is one write with its record in the audit log. */
export interface Schedules {
  /**
   * @param zone the time zone where the words name none.
   * @throws UsageError where the words say no time, there are too many, or the same is there already.
   */
  add(wanted: WantedSchedule, by: Actor, zone: string): Promise<Schedule>;
  /** By channel, then by when they were made. */
  list(filter?: ScheduleFilter): Promise<readonly Schedule[]>;
  /**
   * By its id, or by how that begins. So do all below.
   *
   * @throws UsageError where there is none, or more than one.
   */
  get(id: string): Promise<Schedule>;
  /** Gives the schedule as it is then, also where it was paused already. */
  pause(id: string, by: Actor): Promise<Schedule>;
  /** What was due while it was paused is not made up for. */
  resume(id: string, by: Actor): Promise<Schedule>;
  /** @throws UsageError where it comes from the policy file: it says where. */
  remove(id: string, by: Actor): Promise<Schedule>;
  /** Has a digest made now, also while it is paused. It is posted whether or not anything changed. */
  run(id: string, by: Actor): Promise<Schedule>;
  /** It cannot go on. Gives false where it was gone already. */
  end(id: string, because: string): Promise<boolean>;
}

export interface ScheduleDeps extends StoreDeps {
  readonly queues: DigestQueues;
  readonly now: () => Date;
}

export function schedules(redis: StoreRedis, { queues, now, ...deps }: ScheduleDeps): Schedules {
  const book = scheduleBook(redis, now, deps);
  const get = async (id: string) => named(id, await book.read());

  return {
    async add(wanted, by, zone) {
      const made = newSchedule(wanted, by, zone, now().toISOString());
      await book.change((all) => {
        refuseExcess(all, made);
        return { book: [...all, made], says: `${describeSchedule(made)} was set up.`, about: made };
      }, by);
      await queues.schedule(made);
      return made;
    },
    async list(filter = {}) {
      const found = (await book.read()).filter((one) => isWanted(one, filter));
      return found.toSorted((a, b) => a.channel.localeCompare(b.channel) || a.createdAt.localeCompare(b.createdAt));
    },
    get,
    async pause(id, by) {
      const at = now().toISOString();
      const change = (one: Schedule) => (one.paused === undefined ? { ...one, paused: { by, at } } : one);
      const paused = await alter(book, id, { by, says: 'was paused.', change });
      await queues.unschedule(paused);
      return paused;
    },
    async resume(id, by) {
      const since = now().toISOString();
      const change = (one: Schedule) => {
        const { paused, ...rest } = one;
        return paused === undefined ? one : { ...rest, since };
      };
      const resumed = await alter(book, id, { by, says: 'goes on.', change });
      await queues.schedule(resumed);
      return resumed;
    },
    async remove(id, by) {
      const one = await get(id);
      if (one.source === 'file') throw definedElsewhere(one);
      await book.change((all) => without(all, one, 'was removed.'), by);
      await queues.unschedule(one);
      return one;
    },
    async run(id, by) {
      const one = await get(id);
      await book.note(`${describeSchedule(one)} was asked for now.`, one, by);
      await queues.add(one.cluster, { version: 1, scheduleId: one.id, tick: now().toISOString(), reason: 'run' });
      return one;
    },
    async end(id, because) {
      const one = (await book.read()).find((other) => other.id === id);
      if (one === undefined) return false;
      await book.change((all) => without(all, one, `has ended: ${because}`));
      await queues.unschedule(one);
      return true;
    },
  };
}

function newSchedule(wanted: WantedSchedule, owner: Actor, zone: string, at: string): Schedule {
  const parsed = wantedSchema.parse(wanted);
  const timing = readTiming(parsed.words, zone, new Date(at));
  const id = `d${randomBytes(4).toString('hex')}`;
  return { ...parsed, ...timing, id, owner, source: 'slack', createdAt: at, since: at };
}

function refuseExcess(all: Book, made: Schedule): void {
  if (all.length >= mostSchedules) {
    throw new UsageError(
      `There are ${mostSchedules} digests already. Take some away first: /mesh digest list shows those of a channel.`,
    );
  }
  const same = all.find((one) => isSame(one, made));
  if (same === undefined) return;
  const next = same.paused === undefined ? `/mesh digest run ${same.id}` : `/mesh digest resume ${same.id}`;
  throw new UsageError(`This channel has that digest already: ${same.id}. Did you mean ${next}?`);
}

function definedElsewhere({ id }: Schedule): UsageError {
  return new UsageError(
    `Digest ${id} is defined in the policy file, under digests: take it out there. Until then /mesh digest pause ${id} keeps it quiet.`,
  );
}

function isWanted(one: Schedule, { channel, owner, cluster }: ScheduleFilter): boolean {
  return (
    (channel === undefined || one.channel === channel) &&
    (owner === undefined || one.owner?.user === owner) &&
    (cluster === undefined || one.cluster === cluster)
  );
}

function without(all: Book, one: Schedule, says: string): ReturnType<Parameters<ScheduleBook['change']>[0]> {
  const rest = all.filter(({ id }) => id !== one.id);
  return rest.length === all.length ? undefined : { book: rest, says: `${describeSchedule(one)} ${says}`, about: one };
}

interface Alteration {
  readonly by: Actor;
  readonly says: string;
  /** Gives the same where nothing is to be changed. */
  readonly change: (one: Schedule) => Schedule;
}

async function alter(book: ScheduleBook, id: string, { by, says, change }: Alteration): Promise<Schedule> {
  let changed: Schedule | undefined;
  await book.change((all) => {
    const one = named(id, all);
    const next = change(one);
    changed = next;
    if (next === one) return undefined;
    const altered = all.map((other) => (other === one ? next : other));
    return { book: altered, says: `${describeSchedule(one)} ${says}`, about: one };
  }, by);
  if (changed === undefined) throw new Error(`Schedule ${id} was not looked at`);
  return changed;
}
