/** How much is measured. `quick` shows that a bench works; its figures mean little. */
export interface Settings {
  readonly quick: boolean;
  /** Also what takes minutes: the largest mesh. */
  readonly full: boolean;
}

/** One thing that is measured, and what it is compared with. */
export interface Figure {
  readonly what: string;
  readonly unit: 'ms' | 's' | 'MB' | '% of a core';
  readonly ours: number;
  /** The same without us, measured by turns with ours in the same run. */
  readonly bare?: number;
  readonly ratio?: number;
  /** In words: `≤ 3×`. Without one, the figure is there to be known. */
  readonly goal?: string;
  readonly met?: boolean;
  readonly note?: string;
}

export type Outcome = { readonly figures: readonly Figure[] } | { readonly skipped: string };

export interface Bench {
  readonly about: string;
  run(settings: Settings): Promise<Outcome>;
}

interface Measured extends Pick<Figure, 'unit' | 'ours' | 'bare' | 'note'> {
  /** Ours is at most so many times what it is compared with. */
  readonly atMostTimes?: number;
  /** Ours is at most so much, in the unit. */
  readonly atMost?: number;
}

/** What came out, with its ratio, and whether the goal was met. */
export function figure(what: string, { unit, ours, bare, note, atMostTimes, atMost }: Measured): Figure {
  const ratio = bare === undefined ? undefined : ours / bare;
  const judged = (goal: string, met: boolean) => ({ goal, met });
  return {
    what,
    unit,
    ours: rounded(ours),
    ...(bare !== undefined && { bare: rounded(bare) }),
    ...(ratio !== undefined && { ratio: rounded(ratio) }),
    ...(atMost !== undefined && judged(`≤ ${atMost} ${unit}`, ours <= atMost)),
    ...(atMostTimes !== undefined && judged(`≤ ${atMostTimes}×`, (ratio ?? Number.POSITIVE_INFINITY) <= atMostTimes)),
    ...(note !== undefined && { note }),
  };
}

/** Three digits that mean something. */
function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
