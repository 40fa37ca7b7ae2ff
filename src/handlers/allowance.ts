import type { HandlerDeps } from './deps.ts';

/** Why this person has to wait, where they ask for more than one person may within a minute. */
export function tooMuch(user: string, deps: Pick<HandlerDeps, 'allowance' | 'log' | 'watch'>): string | undefined {
  const wait = waitOf(user, user, deps);
  return wait && `${wait} \`/mesh freeze\` is not held up by this.`;
}

/** Stopping all changes has an allowance of its own: what else somebody asked for does not keep them from it. */
export function tooMuchTyped(
  typed: string,
  user: string,
  deps: Pick<HandlerDeps, 'allowance' | 'log' | 'watch'>,
): string | undefined {
  return /^\s*freeze\b/i.test(typed) ? waitOf(`freeze:${user}`, user, deps) : tooMuch(user, deps);
}

function waitOf(
  name: string,
  user: string,
  { allowance, log, watch }: Pick<HandlerDeps, 'allowance' | 'log' | 'watch'>,
): string | undefined {
  const ms = allowance.take(name);
  if (ms === 0) return undefined;
  log.info({ user, ms }, 'Refused for a while');
  watch.command('none', 'limited');
  const seconds = Math.ceil(ms / 1000);
  return `That is more than I do for one person in a minute. Nothing was done; go on in ${seconds} s.`;
}
