import type { History } from '../../jobs/digests/history.ts';
import type { Schedule } from '../../jobs/digests/schedules.ts';
import type { Target } from '../../model/target.ts';
import { bold, line, list, note, richText, text, time } from '../../report/fix-parts.ts';
import { type Health, healthWords, isWell, worseFirst } from '../../report/health.ts';
import type { HandlerDeps } from '../deps.ts';
import { visible } from '../look.ts';
import { schedulesOf } from './mine.ts';
import type { Section, Visit } from './section.ts';

/** A namespace as the last digest about it found it. */
interface Row extends Health {
  readonly cluster: string;
  readonly namespace: string;
  /** Absent: no digest has looked yet. */
  readonly seenAt?: string;
  readonly schedule: Schedule;
}

/** A history may be large: few are read. */
const mostSchedules = 8;
const mostRows = 25;
const mostLinks = 8;

/** How the namespaces are whose digests are mine, or come into channels I use. */
export const board: Section = async (visit) => {
  const schedules = (await schedulesOf(visit)).slice(0, mostSchedules);
  const rows = (await Promise.all(schedules.map((one) => rowsOf(one, visit.deps)))).flat();
  const mine = await visible(newestOf(rows), (row) => row, { actor: visit.actor, channel: '' }, visit.deps);
  if (mine.length === 0) return [];
  const sorted = mine.toSorted(worseFirst);
  const items = await Promise.all(sorted.slice(0, mostRows).map((row, index) => itemOf(row, index, visit)));
  const left = sorted.length - items.length;
  return [
    richText(line(bold('My namespaces')), list(items)),
    ...(left > 0 ? [note(`${left} more are not shown.`)] : []),
  ];
};

async function rowsOf(schedule: Schedule, { digests }: HandlerDeps): Promise<readonly Row[]> {
  const history = await digests.histories.load(schedule.id);
  return schedule.namespaces.map((namespace) => ({
    ...rowOf(namespace, history),
    schedule,
    namespace,
    cluster: schedule.cluster,
  }));
}

function rowOf(namespace: string, { state, last }: History): Health & Pick<Row, 'seenAt'> {
  const isHere = ({ target }: { readonly target: Target }) => target.namespace === namespace;
  const known = Object.values(state.known).filter((one) => isHere(one) && one.told !== 'fixed' && one.told !== 'muted');
  const seen = known.filter(({ unseenSince }) => unseenSince === undefined);
  const count = (severity: string) => seen.filter(({ finding }) => finding.severity === severity).length;
  const number = (items: readonly { readonly target: Target }[] = []) => items.filter(isHere).length;
  return {
    error: count('error'),
    warning: count('warning'),
    unknown: known.length - seen.length + number(last?.digest.blind),
    muted: number(last?.digest.muted),
    gaps: number(last?.digest.looked.gaps),
    ...(state.ranAt !== undefined && { seenAt: state.ranAt }),
  };
}

/** Of several digests about one namespace, what the last one found. */
function newestOf(rows: readonly Row[]): readonly Row[] {
  const places = Map.groupBy(rows, ({ cluster, namespace }) => `${cluster}/${namespace}`);
  return Array.from(places.values()).flatMap((same) =>
    same.toSorted((a, b) => (b.seenAt ?? '').localeCompare(a.seenAt ?? '')).slice(0, 1),
  );
}

async function itemOf(row: Row, index: number, { slack, deps }: Visit) {
  const { namespace, cluster, seenAt } = row;
  const place = [bold(namespace), text(` in ${cluster} · `)];
  if (seenAt === undefined) return [...place, text('no digest has looked yet')];
  const url = index < mostLinks ? await lastDigest(row, slack, deps) : undefined;
  return [
    ...place,
    text(healthWords(row), isWell(row) ? undefined : { bold: true }),
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
