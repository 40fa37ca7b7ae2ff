/** What is known to be wrong in a place. */
export interface Health {
  readonly error: number;
  readonly warning: number;
  /** What could not be seen or told. */
  readonly unknown: number;
  readonly muted: number;
  /** Evidence that was not there in full, though nothing is unknown for it. */
  readonly gaps: number;
  /** Findings that were more than could be kept, wherever they are. */
  readonly beyond: number;
}

export function isWell({ error, warning, unknown, muted }: Health): boolean {
  return error + warning + unknown + muted === 0;
}

/** `2 errors, 1 warning`, `1 could not be told`, `all well`. */
export function healthWords(health: Health): string {
  const { error, warning, unknown, muted } = health;
  if (isWell(health)) return wellWords(health);
  const counted = (count: number, one: string) => (count === 0 ? [] : [`${count} ${one}${count === 1 ? '' : 's'}`]);
  const unseen = unknown === 0 ? [] : [`${unknown} could not be told`];
  const hidden = muted === 0 ? [] : [`${muted} muted`];
  return [...counted(error, 'error'), ...counted(warning, 'warning'), ...unseen, ...hidden].join(', ');
}

function wellWords({ gaps, beyond }: Health): string {
  if (beyond > 0) return 'nothing wrong among what I could keep: there was more';
  return gaps === 0 ? 'all well' : 'nothing wrong in what was seen';
}

export function worseFirst(a: Health, b: Health): number {
  return b.error - a.error || b.warning - a.warning || b.unknown - a.unknown || b.muted - a.muted;
}
