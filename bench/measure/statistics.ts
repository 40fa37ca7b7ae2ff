export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The smallest value that so large a part of all does not exceed. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)];
  if (value === undefined) throw new Error('Nothing was measured');
  return value;
}

/** How long something takes, in ms. */
export async function timed(work: () => unknown): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

/** Each thing once to warm up, then all of them by turns, so that what else the machine does falls on all alike. */
export async function byTurns<K extends string>(
  rounds: number,
  works: Readonly<Record<K, () => unknown>>,
): Promise<Readonly<Record<K, number>>> {
  const entries = Object.entries(works) as [K, () => unknown][];
  const taken = new Map<K, number[]>(entries.map(([name]) => [name, []]));
  for (const [, work] of entries) await work();
  for (let round = 0; round < rounds; round += 1) {
    // Who goes first has an advantage, or a disadvantage.
    for (const [name, work] of round % 2 === 0 ? entries : entries.toReversed()) {
      taken.get(name)?.push(await timed(work));
    }
  }
  return Object.fromEntries(Array.from(taken, ([name, times]) => [name, median(times)])) as Record<K, number>;
}
