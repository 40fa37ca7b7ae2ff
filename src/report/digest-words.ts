import type { Bucket, Digest, DigestItem, Followed } from '../model/digest.ts';
import { bySeverity } from '../model/finding.ts';
import { type Statement, statementsOf } from '../model/statement.ts';
import { counted, signs } from './words.ts';

/** A statement on some findings of one bucket, and what the bucket adds to it. */
export interface Told extends Statement {
  /** `after 12 h`; empty where there is nothing to add. */
  readonly aside: string;
}

export const headings: Readonly<Record<Bucket, string>> = {
  new: 'New',
  worse: 'Worse',
  muteEnded: 'No longer muted',
  better: 'Better',
  fixed: 'Fixed',
  flapping: 'Flapping',
  notSeen: 'Not seen',
  unchanged: 'Same',
  muted: 'Muted',
};

/** What one bucket says, worst first; findings that say the same are folded. */
export function toldIn(bucket: Bucket, { at, asked, ...digest }: Digest, timeZone: string): readonly Told[] {
  const namespaces = new Set(asked.map(({ target }) => target.namespace));
  const [namespace] = namespaces.size === 1 ? namespaces : [];
  const groups = Map.groupBy(digest[bucket], (item) => asideOf(bucket, item, at, timeZone));
  const told = Array.from(groups, ([aside, items]) => {
    const place = { cluster: items[0]?.target.cluster ?? '', ...(namespace !== undefined && { namespace }) };
    const findings = items.map(({ finding }) => finding);
    return statementsOf(findings, place).map((one) => ({ ...one, aside }));
  });
  return told.flat().toSorted(bySeverity);
}

function asideOf(bucket: Bucket, item: DigestItem, at: string, timeZone: string): string {
  const { firstSeen, lastBad, was, flaps = 0, unseen, mute } = item;
  if (bucket === 'muted' && mute !== undefined) {
    const worse = was === undefined ? '' : `worse than when it was muted, ${beforeOf(item, was)}; `;
    return `${worse}muted until ${dayOf(mute.until, timeZone)}: ${mute.because}`;
  }
  if (was !== undefined) return beforeOf(item, was);
  if (bucket === 'fixed') return `after ${lasted(firstSeen, at)}`;
  if (bucket === 'flapping') return `flapping ×${flaps}, ${lastBad === at ? 'so now' : 'not so now'}`;
  if (bucket === 'muteEnded') return 'its mute has ended';
  if (bucket === 'notSeen' && unseen !== undefined) {
    const end = unseen.reason === 'given-up' ? ' It is followed no longer.' : '';
    return `not seen since ${dayOf(unseen.since, timeZone)}: ${unseen.detail}${end}`;
  }
  return bucket === 'unchanged' ? `for ${lasted(firstSeen, at)}` : '';
}

/** `before: accepts plaintext`; where the same was said, how bad it was. */
function beforeOf({ finding }: DigestItem, was: NonNullable<DigestItem['was']>): string {
  const said = ({ says, to = '' }: Followed) => says.one.replace('{to}', () => to);
  return `before: ${said(was) === said(finding) ? was.severity : said(was)}`;
}

/** As one line with its sign. What is over has none: it would look as if it still were. */
export function lineIn(bucket: Bucket): (told: Told) => string {
  return (one) => `${signOf(bucket, one)}${one.sentence}${one.aside === '' ? '' : ` (${one.aside})`}`;
}

export function signOf(bucket: Bucket, { severity }: Told): string {
  return bucket === 'fixed' ? '' : `${signs[severity]} `;
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
  const names = [...new Set(asked.map(({ target }) => target.namespace ?? 'the mesh'))];
  const shown = names.length <= 3 ? names : [...names.slice(0, 2), `${names.length - 2} more`];
  const clusters = [...new Set(asked.map(({ target }) => target.cluster))];
  return `${shown.join(' + ')} in ${clusters.slice(0, 3).join(' + ')}`;
}

function changeOf(digest: Digest): string {
  const number = (bucket: Bucket) => digest[bucket].length;
  const mutedWorse = digest.muted.filter(({ was }) => was !== undefined).length;
  const unseen = number('notSeen') + digest.blind.length + digest.beyond.blind;
  const parts = [
    ...(number('new') > 0 ? [counted(number('new'), digest.before === undefined ? 'problem' : 'new problem')] : []),
    ...(number('worse') > 0 ? [`${number('worse')} worse`] : []),
    ...(number('muteEnded') > 0 ? [`${number('muteEnded')} no longer muted`] : []),
    ...(mutedWorse > 0 ? [`${mutedWorse} muted got worse`] : []),
    ...(number('better') > 0 ? [`${number('better')} better`] : []),
    ...(number('fixed') > 0 ? [`${number('fixed')} fixed`] : []),
    ...(number('flapping') > 0 ? [`${number('flapping')} flapping`] : []),
    ...(unseen > 0 ? [`${unseen} could not be seen`] : []),
    ...(isLess(digest) ? ['less was looked at than before'] : []),
    ...(digest.back !== undefined && digest.back > 0 ? [`${digest.back} can be told again`] : []),
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

/** Whether evidence is lacking that the run before had. */
function isLess({ at, before, looked }: Digest): boolean {
  return before !== undefined && looked.gaps.some(({ since }) => since === at);
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
