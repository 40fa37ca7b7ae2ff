import type { Report } from '../model/report.ts';
import { counted } from './words.ts';

/** `6 pods, 4 services, 3 PeerAuthentications`: what was seen, and sentences on what was assumed or left out. */
export function lookedAt({ coverage }: Report): { readonly seen: string; readonly notes: readonly string[] } {
  const collected = coverage.filter((one) => one.status === 'collected');
  const seen = collected.map(({ seen: n, of, unit }) =>
    n === of ? counted(of, unit) : `${n} of ${counted(of, unit)}`,
  );
  return { seen: seen.join(', '), notes: collected.flatMap(({ notes }) => notes) };
}

/** What could not be seen, each once, with what would make it known. */
export function notSeen({ coverage }: Report): readonly string[] {
  const lines = coverage.flatMap((one) => {
    const unseen = one.status === 'missing' ? [{ says: one.detail, next: one.next }] : (one.unread ?? []);
    return unseen.map(({ says, next }) => [says, next].filter((part) => part !== undefined).join(' '));
  });
  return [...new Set(lines)];
}

/** Where the evidence came from: one line, each source once. */
export function sourcesOf({ coverage }: Report): string {
  return [...new Set(coverage.map(({ source }) => source))].join(', ');
}
