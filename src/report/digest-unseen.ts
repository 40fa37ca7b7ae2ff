import type { Blind, Digest, Gap } from '../model/digest.ts';
import { listed } from '../model/statement.ts';
import { placeOf } from '../model/target.ts';
import { dayOf, lineIn, toldIn } from './digest-words.ts';

/** What could not be seen or told, a line each, questions before evidence; the same of several places is one line. */
export function unseenLines(digest: Digest, timeZone: string): readonly string[] {
  const { blind, gaps } = elsewhere(digest, timeZone, false);
  const beyond = digest.beyond.blind > 0 ? [`${digest.beyond.blind} more could not be told.`] : [];
  return [...blind, ...toldIn('notSeen', digest, timeZone).map(lineIn('notSeen')), ...beyond, ...gaps];
}

/** The same without what is known, and with what to do about it. */
export function elsewhereLines(digest: Digest, timeZone: string): readonly string[] {
  const { blind, gaps } = elsewhere(digest, timeZone, true);
  return [...blind, ...gaps];
}

function elsewhere({ at, blind, looked }: Digest, timeZone: string, withNext: boolean) {
  const said = ({ says, next, since = at }: Blind | Gap) => {
    const told = withNext && next !== undefined ? `${says} ${next}` : says;
    return since === at ? told : `${told} (since ${dayOf(since, timeZone)})`;
  };
  const alike = Map.groupBy([...blind, ...looked.gaps], said);
  const lines = Array.from(alike, ([text, all]) => ({
    line: `${placesIn(all)}: ${text}`,
    isBlind: all.some((one) => 'id' in one),
  }));
  return {
    blind: lines.filter(({ isBlind }) => isBlind).map(({ line }) => line),
    gaps: lines.filter(({ isBlind }) => !isBlind).map(({ line }) => line),
  };
}

function placesIn(all: readonly (Blind | Gap)[]): string {
  const places = [...new Set(all.map(({ target }) => placeOf(target)))];
  return places.length <= 3 ? listed(places) : `${places.length} namespaces`;
}
