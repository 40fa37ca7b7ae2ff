import { nearest } from './nearest.ts';
import { UsageError } from './sources.ts';

/**
 * The time zone by its IANA name, whatever case it is typed in. Abbreviations and offsets are refused: they do not know
 * summer time.
 *
 * @throws UsageError with the nearest name.
 */
export function parseTimeZone(typed: string): string {
  const name = typed.toUpperCase() === 'UTC' ? 'UTC' : named(typed);
  if (name !== undefined) return name;
  const [likely] = likelyZones(typed);
  const next =
    likely === undefined ? 'Say for example Europe/Berlin, America/New_York or UTC.' : `Did you mean ${likely}?`;
  throw new UsageError(`"${typed.slice(0, 60)}" is not the name of a time zone. ${next}`);
}

function named(typed: string): string | undefined {
  if (!/^[A-Za-z_]+\/[A-Za-z0-9_+\-/]+$/.test(typed)) return undefined;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: typed }).resolvedOptions();
    return zones().find((zone) => zone.toLowerCase() === typed.toLowerCase()) ?? timeZone;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/**
 * The time zone that a word after a time is meant for, where it is not the name of one: `Europe/Belin`, `berlin`.
 * Nothing where it is no likely zone.
 */
export function zoneMeant(word: string): string | undefined {
  if (word.includes('/')) return named(word) ?? likelyZones(word)[0];
  return zones().find((zone) => cityOf(zone).toLowerCase() === word.toLowerCase());
}

/** By the whole name, or by its city alone. */
function likelyZones(typed: string): readonly string[] {
  const word = typed.replaceAll(' ', '_');
  const byName = nearest(word, zones());
  if (byName.length > 0) return byName;
  const [city] = nearest(cityOf(word), zones().map(cityOf));
  return zones().filter((zone) => cityOf(zone) === city);
}

function cityOf(zone: string): string {
  return zone.split('/').at(-1) ?? zone;
}

function zones(): readonly string[] {
  return Intl.supportedValuesOf('timeZone');
}
