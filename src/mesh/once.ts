/**
 * A function of two objects that is worked out once for each pair of them and forgotten when they are. For what many
 * callers share: a mesh of thousands of Services has far fewer clusters and doors than connections.
 */
export function oncePerPair<A extends object, B extends object, V>(compute: (a: A, b: B) => V): (a: A, b: B) => V {
  const known = new WeakMap<A, WeakMap<B, { readonly value: V }>>();
  return (a, b) => {
    const ofA = known.get(a) ?? new WeakMap<B, { readonly value: V }>();
    known.set(a, ofA);
    const found = ofA.get(b) ?? { value: compute(a, b) };
    ofA.set(b, found);
    return found.value;
  };
}

/** The same for one object. */
export function once<A extends object, V>(compute: (a: A) => V): (a: A) => V {
  const known = new WeakMap<A, { readonly value: V }>();
  return (a) => {
    const found = known.get(a) ?? { value: compute(a) };
    known.set(a, found);
    return found.value;
  };
}

/** The value under a key, made and kept if there is none yet. */
export function kept<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
