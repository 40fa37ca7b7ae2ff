import type { ClientTls, DestinationRule, TrafficPolicy } from '../model/tls-config.ts';

/** Where a DestinationRule sets TLS: for all, for one subset, and in either for one Service port. */
export interface TlsPlace {
  readonly subset?: string;
  readonly port?: number;
}

/** What is put in place of a TLS setting: nothing, so that auto mTLS decides, or Istio's own mTLS. */
export type TlsRemedy = 'remove' | 'ISTIO_MUTUAL';

/** Every place of a rule that sets TLS, with the mode that it sets. */
export function tlsPlaces({
  trafficPolicy,
  subsets,
}: DestinationRule): readonly (TlsPlace & Pick<ClientTls, 'mode'>)[] {
  return [
    ...placesIn(trafficPolicy, {}),
    ...subsets.flatMap(({ name, trafficPolicy: own }) => placesIn(own, { subset: name })),
  ];
}

/**
 * A place that a rule has twice, as two subsets of one name or two entries for one port, if any. Istio goes by the
 * first of them, and by the next one where the first goes.
 *
 * @see istio pilot/pkg/networking/util/util.go: GetPortLevelTrafficPolicy
 */
export function repeatedPlace({ trafficPolicy, subsets }: DestinationRule): TlsPlace | undefined {
  const places = [
    ...portsIn(trafficPolicy, {}),
    ...subsets.flatMap(({ name, trafficPolicy: own }) => [{ subset: name }, ...portsIn(own, { subset: name })]),
  ];
  const isSame = (a: TlsPlace, b: TlsPlace) => a.subset === b.subset && a.port === b.port;
  return places.find((one, index) => places.findIndex((other) => isSame(one, other)) < index);
}

function portsIn(policy: TrafficPolicy | undefined, at: TlsPlace): readonly TlsPlace[] {
  return (policy?.ports ?? []).map(({ port }) => ({ ...at, port }));
}

function placesIn(policy: TrafficPolicy | undefined, at: TlsPlace): readonly (TlsPlace & Pick<ClientTls, 'mode'>)[] {
  if (policy === undefined) return [];
  const { tls, ports } = policy;
  return [
    ...(tls === undefined ? [] : [{ ...at, mode: tls.mode }]),
    ...ports.flatMap((entry) => (entry.tls === undefined ? [] : [{ ...at, port: entry.port, mode: entry.tls.mode }])),
  ];
}

/**
 * The rule with other TLS at some places. What holds nothing else then may go or stay, as the object's other fields,
 * which evidence does not hold, decide: `bare` says which.
 */
export function withTls(
  rule: DestinationRule,
  places: readonly TlsPlace[],
  remedy: TlsRemedy,
  bare: 'stays' | 'goes',
): DestinationRule {
  const { trafficPolicy, ...rest } = rule;
  const policy = trafficPolicy && policyWith(trafficPolicy, ofSubset(places, undefined), remedy, bare);
  return {
    ...rest,
    ...(policy && { trafficPolicy: policy }),
    subsets: rule.subsets.map(({ trafficPolicy: own, ...subset }) => {
      const changed = own && policyWith(own, ofSubset(places, subset.name), remedy, bare);
      return { ...subset, ...(changed && { trafficPolicy: changed }) };
    }),
  };
}

function ofSubset(places: readonly TlsPlace[], subset: string | undefined): readonly TlsPlace[] {
  return places.filter((one) => one.subset === subset);
}

function policyWith(
  policy: TrafficPolicy,
  places: readonly TlsPlace[],
  remedy: TlsRemedy,
  bare: 'stays' | 'goes',
): TrafficPolicy | undefined {
  if (places.length === 0) return policy;
  const isMeant = (port?: number) => places.some((one) => one.port === port);
  const ports = policy.ports
    .map((entry) => (isMeant(entry.port) ? changed(entry, remedy) : entry))
    .filter((entry) => bare === 'stays' || !isMeant(entry.port) || 'tls' in entry || 'loadBalancer' in entry);
  const now = { ...(isMeant() ? changed(policy, remedy) : policy), ports };
  const isBare = now.ports.length === 0 && now.tls === undefined && now.loadBalancer === undefined;
  return bare === 'goes' && isBare ? undefined : now;
}

function changed<T extends { readonly tls?: ClientTls }>(
  { tls, ...rest }: T,
  remedy: TlsRemedy,
): Omit<T, 'tls'> & { readonly tls?: ClientTls } {
  if (tls === undefined || remedy === 'remove') return rest;
  return { ...rest, tls: { mode: remedy, subjectAltNames: [] } };
}
