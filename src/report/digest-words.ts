import type { Bucket, Digest, DigestItem } from '../model/digest.ts';
import { type Statement, statementsOf } from '../model/statement.ts';
import { counted } from './words.ts';

/** A statement on some findings of one bucket, and what the bucket adds to it. */
export interface Told extends Statement {
  /** `after 12 h`; empty where there is nothing to add. */
  readonly aside: string;
}

/** What one bucket says, worst first; findings that say the same are folded. */
export function toldIn(bucket: Bucket, { at, asked, ...digest }: Digest, timeZone: string): readonly Told[] {
  const clusters = new Set(asked.map(({ target }) => target.cluster));
  const namespaces = new Set(asked.map(({ target }) => target.namespace));
  const [home] = namespaces.size === 1 ? namespaces : [];
  const groups = Map.groupBy(digest[bucket], (item) =>
    JSON.stringify([item.target.cluster, asideOf(bucket, item, at, timeZone)]),
  );
  return [...groups.values()].flatMap((items) => {
    const [{ target: { cluster = '' } = {} } = {}] = items;
    const place = { cluster, ...(home !== undefined && { namespace: home }) };
    const [first] = items;
    const aside = first === undefined ? '' : asideOf(bucket, first, at, timeZone);
    return statementsOf(
      items.map(({ finding }) => finding),
      place,
    ).map((one) => ({ ...one, sentence: clusters.size > 1 ? `${cluster}: ${one.sentence}` : one.sentence, aside }));
  });
}

function asideOf(bucket: Bucket, item: DigestItem, at: string, timeZone: string): string {
  const { firstSeen, lastBad, was, flaps = 0, unseen, mute } = item;
  if (was !== undefined) return `before: ${was.says.one.replace('{to}', () => was.to ?? '')}`;
  if (bucket === 'fixed') return `after ${lasted(firstSeen, at)}`;
  if (bucket === 'flapping') return `flapping ×${flaps}, ${lastBad === at ? 'so now' : 'not so now'}`;
  if (bucket === 'muted' && mute !== undefined) return `muted until ${dayOf(mute.until, timeZone)}: ${mute.because}`;
  if (bucket === 'muteEnded') return 'its mute has ended';
  if (bucket === 'notSeen' && unseen !== undefined) {
    const end = unseen.reason === 'given-up' ? ' It is followed no longer.' : '';
    return `not seen since ${dayOf(unseen.since, timeZone)}: ${unseen.detail}${end}`;
  }
  return bucket === 'unchanged' ? `for ${lasted(firstSeen, at)}` : '';
}

/** `20 min`, `12 h`, `12 d`. */
export function lasted(from: string, to: string): string {
  const minutes = Math.max(1, Math.round((Date.parse(to) - Date.parse(from)) / 60_000));
  if (minutes < 60) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / (24 * 60))} d`;
}

/** `Mon, Nov 2`. */
export function dayOf(at: string, timeZone: string): string {
  return format(at, { timeZone, weekday: 'short', month: 'short', day: 'numeric' });
}

/** `Monday 9:00`. */
export function weekdayTime(at: string, timeZone: string): string {
  return `${format(at, { timeZone, weekday: 'long' })} ${timeOf(at, timeZone)}`;
}

/** `9:00`. */
export function timeOf(at: string, timeZone: string): string {
  return format(at, { timeZone, hour: 'numeric', minute: '2-digit', hourCycle: 'h23' }).replace(/^0(\d)/, '$1');
}

function format(at: string, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat('en', options).format(Date.parse(at));
}

/** The first line: what it is about, when, and what changed. */
export function sentenceOf(digest: Digest, timeZone: string): string {
  return `${placesOf(digest)}, ${weekdayTime(digest.at, timeZone)}: ${changeOf(digest)}`;
}

function placesOf({ asked }: Digest): string {
  const names = [...new Set(asked.map(({ target }) => target.namespace ?? `the mesh in ${target.cluster}`))];
  return names.length <= 3 ? names.join(' + ') : `${names.slice(0, 2).join(' + ')} + ${names.length - 2} more`;
}

function changeOf(digest: Digest): string {
  const number = (bucket: Bucket) => digest[bucket].length;
  const unseen = number('notSeen') + digest.blind.length + digest.beyond.blind;
  const parts = [
    ...(number('new') > 0 ? [counted(number('new'), digest.before === undefined ? 'problem' : 'new problem')] : []),
    ...(number('worse') > 0 ? [`${number('worse')} worse`] : []),
    ...(number('muteEnded') > 0 ? [`${number('muteEnded')} no longer muted`] : []),
    ...(number('better') > 0 ? [`${number('better')} better`] : []),
    ...(number('fixed') > 0 ? [`${number('fixed')} fixed`] : []),
    ...(number('flapping') > 0 ? [`${number('flapping')} flapping`] : []),
    ...(unseen > 0 ? [`${unseen} could not be seen`] : []),
  ];
  if (parts.length > 0) return parts.join(', ');
  const known = [
    ...(number('unchanged') > 0 ? [`${counted(number('unchanged'), 'known problem')}`] : []),
    ...(number('muted') > 0 ? [`${number('muted')} muted`] : []),
    ...(digest.beyond.known > 0 ? [`${digest.beyond.known} more`] : []),
  ];
  const all = known.length > 0 ? known.join(', ') : noneOf(digest);
  if (digest.say === 'sign-of-life') return `still watching, nothing changed for a week, ${all}`;
  return known.length > 0 ? `nothing changed, ${all}` : all;
}

function noneOf({ looked }: Digest): string {
  return looked.gaps.length > 0 ? 'no problem in what could be seen' : 'no problem known';
}

/** What stayed as it was: `3 known (oldest 12 d) · 1 muted, the next until Fri, Dec 4 · everything else fine (61 checks)`. */
export function sameOf(digest: Digest, timeZone: string): string {
  const { unchanged, muted, at, beyond } = digest;
  const oldest = unchanged.map(({ firstSeen }) => firstSeen).toSorted()[0];
  const ends = muted.flatMap(({ mute }) => mute?.until ?? []).toSorted()[0];
  return [
    ...(oldest === undefined ? [] : [`${unchanged.length} known (oldest ${lasted(oldest, at)})`]),
    ...(ends === undefined ? [] : [`${muted.length} muted, the next until ${dayOf(ends, timeZone)}`]),
    ...(beyond.known > 0 ? [`${beyond.known} more than can be followed, none worse`] : []),
    restOf(digest),
  ].join(' · ');
}

/** What no finding is about is fine where all that was asked was seen in full, and only there. */
function restOf({ looked, asked, blind, notSeen, muted, beyond, ...digest }: Digest): string {
  const checks = counted(looked.checks, 'check');
  const unseen = blind.length + beyond.blind + notSeen.length + looked.gaps.length;
  const isHidden = muted.some(({ finding, unseen: out }) => finding.severity === 'unknown' || out !== undefined);
  if (unseen > 0 || isHidden || looked.reports < asked.length) return `${checks} answered, not everything was seen`;
  const told = (['new', 'worse', 'better', 'unchanged', 'flapping', 'muteEnded'] as const).some(
    (bucket) => digest[bucket].length > 0,
  );
  return `everything ${told || muted.length > 0 ? 'else ' : ''}fine (${checks})`;
}
