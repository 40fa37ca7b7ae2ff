import type { Schedule } from '../../jobs/digests/schedules.ts';
import { bold, line, list, note, richText, text, time } from '../../report/fix-parts.ts';
import { healthWords, isWell, worseFirst } from '../../report/health.ts';
import type { HandlerDeps } from '../deps.ts';
import { visible } from '../look.ts';
import { lookOf, type Row, rowOf } from './known.ts';
import { schedulesOf } from './mine.ts';
import type { Section, Visit } from './section.ts';

/** A history may be large: few are read. */
const mostSchedules = 8;
const mostRows = 25;
const mostLinks = 8;

/** How the namespaces are whose digests are mine, or come into channels I use. */
export const board: Section = async (visit) => {
  const known = await schedulesOf(visit);
  const schedules = known.slice(0, mostSchedules);
  const looks = (await Promise.all(schedules.map((one) => looksOf(one, visit.deps)))).flat();
  const mine = await visible(rowsOf(looks), (row) => row, { actor: visit.actor, channel: '' }, visit.deps);
  if (mine.length === 0) return [];
  const sorted = mine.toSorted(worseFirst);
  const items = await Promise.all(sorted.slice(0, mostRows).map((row, index) => itemOf(row, index, visit)));
  const left = sorted.length - items.length;
  const unread = known.length - schedules.length;
  return [
    richText(line(bold('My namespaces')), list(items)),
    ...(left > 0 ? [note(`${left} more are not shown.`)] : []),
    ...(unread > 0 ? [note(`What ${unread} more of these digests found is not counted here.`)] : []),
  ];
};

async function looksOf(schedule: Schedule, { digests }: HandlerDeps) {
  const history = await digests.histories.load(schedule.id);
  return schedule.namespaces.map((namespace) => ({ namespace, look: lookOf(namespace, schedule, history) }));
}

/** One for each namespace. */
function rowsOf(looks: Awaited<ReturnType<typeof looksOf>>): readonly Row[] {
  const places = Map.groupBy(looks, ({ namespace, look }) => `${look.schedule.cluster}/${namespace}`);
  return Array.from(places.values()).flatMap((same) => {
    const row = rowOf(
      same[0]?.namespace ?? '',
      same.map(({ look }) => look),
    );
    return row === undefined ? [] : [row];
  });
}

async function itemOf(row: Row, index: number, { slack, deps }: Visit) {
  const { namespace, cluster, seenAt } = row;
  const place = [bold(namespace), text(` in ${cluster} · `)];
  if (seenAt === undefined) return [...place, text('no digest has looked yet')];
  const topics = row.topics.length === 0 ? '' : `${row.topics.join(', ')}: `;
  const url = index < mostLinks ? await lastDigest(row, slack, deps) : undefined;
  return [
    ...place,
    text(`${topics}${healthWords(row)}`, isWell(row) ? undefined : { bold: true }),
    text(' · '),
    time(seenAt),
    ...(url === undefined ? [] : [text(' · '), { type: 'link' as const, url, text: 'Open' }]),
  ];
}

async function lastDigest({ schedule }: Row, slack: Visit['slack'], deps: HandlerDeps): Promise<string | undefined> {
  const ts = await deps.digests.lastMessage(schedule.id);
  if (ts === undefined) return undefined;
  try {
    return (await slack.chat.getPermalink({ channel: schedule.channel, message_ts: ts })).permalink;
  } catch (error) {
    deps.log.warn({ error, schedule: schedule.id }, 'Slack gives no link to a digest');
    return undefined;
  }
}
