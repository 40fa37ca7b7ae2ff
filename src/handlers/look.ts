import { mayLook } from '../model/policy-look.ts';
import { placeOf, type Target } from '../model/target.ts';
import type { Asking, FixingDeps, HandlerDeps } from './deps.ts';
import { areOn } from './fixes/answer.ts';
import { decide } from './fixes/decide.ts';

/**
 * Why this person may not ask about one of these and have the answer there; nothing where they may. A refusal is
 * recorded. Slack is asked only where a policy says who may look.
 */
export async function lookRefusal(
  targets: readonly Target[],
  { actor, channel }: Asking,
  deps: HandlerDeps,
): Promise<string | undefined> {
  if (!limitsLooking(deps)) return undefined;
  const outsiders = await deps.channels.hasOutsiders(channel);
  for (const target of targets) {
    const about = { cluster: target.cluster, target: placeOf(target) };
    const deed = { actor, what: `Looking from channel ${channel}`, ...about };
    const { policy } = deps.fixes;
    const decision = await decide(
      deed,
      (person) => mayLook(policy, person, { target, place: { channel, outsiders } }),
      deps,
      {},
    );
    if (!decision.allowed) return decision.why;
  }
  return undefined;
}

/** Those that this person may ask about from there, to be offered. Nothing is recorded. */
export async function visible<T>(
  things: readonly T[],
  targetOf: (thing: T) => Target,
  { actor, channel }: Asking,
  deps: HandlerDeps,
): Promise<readonly T[]> {
  if (!limitsLooking(deps) || things.length === 0) return things;
  const [person, outsiders] = await Promise.all([
    deps.fixes.people.ask(actor.user),
    channel === '' ? false : deps.channels.hasOutsiders(channel),
  ]);
  const place = { channel, outsiders };
  return things.filter((thing) => mayLook(deps.fixes.policy, person, { target: targetOf(thing), place }).allowed);
}

function limitsLooking(deps: HandlerDeps): deps is FixingDeps {
  return areOn(deps) && deps.fixes.policy.look !== undefined;
}
