import { mayLook, mayLookFrom } from '../model/policy-look.ts';
import { placeOf, type Target } from '../model/target.ts';
import type { Asking, FixingDeps, HandlerDeps } from './deps.ts';
import { areOn } from './fixes/are-on.ts';
import { type Deed, decide, refuse } from './fixes/decide.ts';

/**
 * Why this person may not ask about one of these and have the answer there; nothing where they may. A refusal is
 * recorded. Who it is, Slack is asked only where a policy says who may look; without one all may, but not where Slack
 * says that people from outside read.
 */
export async function lookRefusal(
  targets: readonly Target[],
  { actor, channel }: Asking,
  deps: HandlerDeps,
): Promise<string | undefined> {
  const outsiders = await deps.channels.hasOutsiders(channel);
  const deedOf = (target: Target | undefined): Deed => {
    const about = target && { cluster: target.cluster, target: placeOf(target) };
    return { actor, what: `Looking from channel ${channel}`, ...about };
  };
  if (!limitsLooking(deps)) {
    const decision = mayLookFrom({ channel, outsiders: outsiders === true });
    if (decision.allowed) return undefined;
    await refuse(deedOf(targets[0]), decision.why, deps);
    return decision.why;
  }
  const { policy } = deps.fixes;
  const place = { channel, outsiders: outsiders ?? true };
  for (const target of targets) {
    const decision = await decide(deedOf(target), (person) => mayLook(policy, person, { target, place }), deps, {});
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
  const place = { channel, outsiders: outsiders ?? true };
  return things.filter((thing) => mayLook(deps.fixes.policy, person, { target: targetOf(thing), place }).allowed);
}

function limitsLooking(deps: HandlerDeps): deps is FixingDeps {
  return areOn(deps) && deps.fixes.policy.look !== undefined;
}
