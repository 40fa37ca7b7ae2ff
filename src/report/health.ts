/** What is known to be wrong in a place. */
export interface Health {
  readonly error: number;
  readonly warning: number;
  /** What could not be seen or told. */
  readonly unknown: number;
}

export function isWell({ error, warning, unknown }: Health): boolean {
  return error + warning + unknown === 0;
}

/** `2 errors, 1 warning`, `1 could not be told`, `all well`. */
export function healthWords(health: Health): string {
  const { error, warning, unknown } = health;
  if (isWell(health)) return 'all well';
  const counted = (count: number, one: string) => (count === 0 ? [] : [`${count} ${one}${count === 1 ? '' : 's'}`]);
  const unseen = unknown === 0 ? [] : [`${unknown} could not be told`];
  return [...counted(error, 'error'), ...counted(warning, 'warning'), ...unseen].join(', ');
}

export function worseFirst(a: Health, b: Health): number {
  return b.error - a.error || b.warning - a.warning || b.unknown - a.unknown;
}
