import type { FixingDeps, HandlerDeps } from '../deps.ts';

/** Whether there is a policy: without one there are no fixes, and everybody may look. */
export function areOn(deps: HandlerDeps): deps is FixingDeps {
  return deps.fixes !== undefined;
}
