/** Lets so many works run at once; the others wait in line. */
export type Lane = <T>(work: () => Promise<T>) => Promise<T>;

export function lane(width: number): Lane {
  let free = width;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
