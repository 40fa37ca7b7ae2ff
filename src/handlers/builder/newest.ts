import type { BlockAction } from '@slack/bolt';

/** By form: when the newest choice was made that came here. The oldest forms go first. */
const made = new Map<string, number>();
const most = 1_000;

/** Takes note of a choice in a form. Gives whether it is still the newest one that came to this process. */
export function noteChoice({ view, actions }: Pick<BlockAction, 'view' | 'actions'>): () => boolean {
  const id = view?.id ?? '';
  const at = Math.max(...actions.map(({ action_ts: ts }) => Number(ts)));
  const newest = Math.max(at, made.get(id) ?? 0);
  made.delete(id);
  made.set(id, newest);
  const [oldest] = made.keys();
  if (made.size > most && oldest !== undefined) made.delete(oldest);
  return () => (made.get(id) ?? 0) <= at;
}
