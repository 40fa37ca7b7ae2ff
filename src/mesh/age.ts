interface Aged {
  readonly createdAt: string;
  readonly name: string;
  readonly namespace: string;
}

/**
 * Istio's order among rivals: the oldest first, then by name, then by namespace. An object that does not say how old
 * it is, as in a file, counts as old.
 *
 * @see istio pilot/pkg/model/config.go: configCompareByCreationTime
 */
export function byAge(a: Aged, b: Aged): number {
  return compare(a.createdAt, b.createdAt) || compare(a.name, b.name) || compare(a.namespace, b.namespace);
}

/** By code unit, as Go compares: not as people sort. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
