/**
 * The full name of a host as an Istio object writes it: a name without any dot belongs to the object's namespace,
 * everything else is taken literally. So `details.bookinfo` names nothing in a cluster.
 *
 * @see istio pilot/pkg/model/config.go: ResolveShortnameToFQDN
 */
export function fullHost(host: string, namespace: string, clusterDomain: string): string {
  if (host === '*' || host.includes('.') || host.includes(':')) return host;
  return serviceHost(host, namespace, clusterDomain);
}

export function serviceHost(name: string, namespace: string, clusterDomain: string): string {
  return `${name}.${namespace}.svc.${clusterDomain}`;
}

export function isWildcard(host: string): boolean {
  return host.startsWith('*');
}

/** Whether `host`, itself exact or a wildcard, lies within `pattern`. */
export function isWithin(host: string, pattern: string): boolean {
  if (!isWildcard(pattern)) return host === pattern;
  if (isWildcard(host) && host.length < pattern.length) return false;
  return host.endsWith(pattern.slice(1));
}

/** Whether two hosts, either of which may be a wildcard, have something in common. */
export function overlap(a: string, b: string): boolean {
  return isWithin(a, b) || isWithin(b, a);
}

/** Things kept by the host they are for. */
export interface ByHost<T> {
  readonly exact: Map<string, T[]>;
  readonly wildcards: Map<string, T[]>;
}

export function byHost<T>(): ByHost<T> {
  return { exact: new Map(), wildcards: new Map() };
}

/** The list kept for precisely this host, to be read or extended. */
export function listAt<T>({ exact, wildcards }: ByHost<T>, host: string): T[] {
  const lists = isWildcard(host) ? wildcards : exact;
  const list = lists.get(host) ?? [];
  lists.set(host, list);
  return list;
}

/**
 * What is kept for the exact host, else for the longest wildcard that covers it. A list that is found hides all the
 * others, whatever becomes of its entries afterwards.
 *
 * @see istio pilot/pkg/model/config.go: MostSpecificHostMatch
 */
export function mostSpecific<T>({ exact, wildcards }: ByHost<T>, host: string): readonly T[] | undefined {
  const list = exact.get(host);
  if (list !== undefined) return list;
  let best: string | undefined;
  for (const pattern of wildcards.keys()) {
    if (isWithin(host, pattern) && pattern.length > (best?.length ?? 0)) best = pattern;
  }
  return best === undefined ? undefined : wildcards.get(best);
}
