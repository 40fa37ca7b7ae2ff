import type { TlsPlace, TlsRemedy } from '../mesh/tls-place.ts';
import type { Parameters } from '../model/fix.ts';
import { isMapping } from './content.ts';

type Mapping = Readonly<Record<string, unknown>>;

/** What the raw object has to be changed by, as plain text: `remedy: remove`, `places: ": v1:9080"`. */
export function parametersOf(remedy: TlsRemedy, places: readonly TlsPlace[]): Parameters {
  return { remedy, places: places.map(({ subset = '', port = '' }) => `${subset}:${port}`).join(' ') };
}

export function readParameters({
  remedy,
  places = '',
}: Parameters): { readonly remedy: TlsRemedy; readonly places: readonly TlsPlace[] } | undefined {
  if (remedy !== 'remove' && remedy !== 'ISTIO_MUTUAL') return undefined;
  const read = places.split(' ').map((place) => /^(?<subset>[^:]*):(?<port>\d*)$/.exec(place)?.groups);
  if (!read.every((one) => one !== undefined)) return undefined;
  return {
    remedy,
    places: read.map(({ subset = '', port = '' }) => ({
      ...(subset !== '' && { subset }),
      ...(port !== '' && { port: Number(port) }),
    })),
  };
}

/**
 * A DestinationRule's spec with other TLS at these places, and everything else as it was; `undefined` where it does not
 * have them, or has any place twice. What the change empties goes: Istio takes no traffic policy without a field.
 */
export function specWithTls(spec: unknown, places: readonly TlsPlace[], remedy: TlsRemedy): Mapping | undefined {
  if (!isMapping(spec) || hasPlaceTwice(spec)) return undefined;
  const left = new Set(places);
  const visit = (owner: unknown, subset: string | undefined) =>
    isMapping(owner) ? ownerWithTls(owner, subset, { left, remedy }) : owner;
  const { subsets } = spec;
  const changed = visit(spec, undefined) as Mapping;
  const after = Array.isArray(subsets)
    ? { ...changed, subsets: subsets.map((one: unknown) => visit(one, nameOf(one))) }
    : changed;
  return left.size === 0 ? after : undefined;
}

function hasPlaceTwice(spec: Mapping): boolean {
  const subsets: readonly unknown[] = Array.isArray(spec.subsets) ? spec.subsets : [];
  return hasTwice(subsets.map(nameOf)) || [spec, ...subsets].some((owner) => hasTwice(portsOf(owner)));
}

function portsOf(owner: unknown): readonly unknown[] {
  const policy = isMapping(owner) ? owner.trafficPolicy : undefined;
  const entries: unknown = isMapping(policy) ? policy.portLevelSettings : undefined;
  if (!Array.isArray(entries)) return [];
  return entries.map((entry: unknown) => (isMapping(entry) && isMapping(entry.port) ? entry.port.number : undefined));
}

function hasTwice(values: readonly unknown[]): boolean {
  return new Set(values).size < values.length;
}

function nameOf(subset: unknown): string {
  return isMapping(subset) && typeof subset.name === 'string' ? subset.name : '';
}

interface Work {
  /** Places that were not come by yet. */
  readonly left: Set<TlsPlace>;
  readonly remedy: TlsRemedy;
}

function ownerWithTls(owner: Mapping, subset: string | undefined, work: Work): Mapping {
  const { trafficPolicy } = owner;
  const isMeant = [...work.left].some((one) => one.subset === subset);
  if (!isMeant || !isMapping(trafficPolicy)) return owner;
  const { portLevelSettings: entries } = trafficPolicy;
  const policy = withoutEmpty(
    fieldsWithTls(trafficPolicy, { ...(subset !== undefined && { subset }) }, work),
    'portLevelSettings',
    Array.isArray(entries) ? entries.flatMap((entry: unknown) => entryWithTls(entry, subset, work)) : entries,
  );
  return withoutEmpty(owner, 'trafficPolicy', policy);
}

/** An entry for a port that says nothing else is left out. */
function entryWithTls(entry: unknown, subset: string | undefined, work: Work): readonly unknown[] {
  if (!isMapping(entry) || !isMapping(entry.port) || typeof entry.port.number !== 'number') return [entry];
  const at = { ...(subset !== undefined && { subset }), port: entry.port.number };
  const changed = fieldsWithTls(entry, at, work);
  return changed !== entry && Object.keys(changed).length === 1 ? [] : [changed];
}

function fieldsWithTls(fields: Mapping, at: TlsPlace, { left, remedy }: Work): Mapping {
  const place = [...left].find(({ subset, port }) => subset === at.subset && port === at.port);
  if (place === undefined || fields.tls === undefined) return fields;
  left.delete(place);
  if (remedy !== 'remove') return { ...fields, tls: { mode: remedy } };
  const { tls: _, ...rest } = fields;
  return rest;
}

/** A field replaced in its place, or dropped where it is empty or absent. */
function withoutEmpty(owner: Mapping, key: string, value: unknown): Mapping {
  const isEmpty =
    value === undefined || (Array.isArray(value) ? value.length === 0 : isMapping(value) && !Object.keys(value).length);
  const { [key]: _, ...rest } = owner;
  return isEmpty ? rest : { ...owner, [key]: value };
}
