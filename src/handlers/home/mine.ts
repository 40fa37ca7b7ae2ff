import type { Schedule } from '../../jobs/digests/schedules.ts';
import type { Visit } from './section.ts';

/** The digests that this person set up, then those of the channels they asked in lately. */
export async function schedulesOf({ actor, deps }: Pick<Visit, 'actor' | 'deps'>): Promise<readonly Schedule[]> {
  const [all, channels] = await Promise.all([deps.digests.schedules.list(), deps.recent.list(actor.user)]);
  const own = all.filter(({ owner }) => owner?.user === actor.user);
  const near = all.filter((one) => !own.includes(one) && channels.includes(one.channel));
  return [...own, ...near];
}
