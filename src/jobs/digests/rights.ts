import type { Person, Policy } from '../../model/policy.ts';
import { mayLook } from '../../model/policy-look.ts';
import type { Target } from '../../model/target.ts';
import type { Schedule } from './schedule.ts';

/**
 * Those of the targets that a schedule may not tell about where it posts, at this time. One of the policy file is
 * ordered by whoever keeps that, and may. Fails where Slack does not tell who its owner is, or who reads along: what may
 * pass is no reason to leave anything out.
 */
export type Refused = (schedule: Schedule, targets: readonly Target[]) => Promise<readonly Target[]>;

export interface RightsDeps {
  readonly policy: Policy;
  readonly person: (user: string) => Promise<Person>;
  readonly hasOutsiders: (channel: string) => Promise<boolean>;
}

/** Nothing that the schedule is about may be told where it posts. */
export class MayNotLook extends Error {
  override readonly name = 'MayNotLook';
}

export function refusedBy({ policy, person, hasOutsiders }: RightsDeps): Refused {
  return async ({ owner, channel }, targets) => {
    if (policy.look === undefined || owner === undefined) return [];
    const [who, outsiders] = await Promise.all([person(owner.user), hasOutsiders(channel)]);
    const place = { channel, outsiders };
    return targets.filter((target) => !mayLook(policy, who, { target, place }).allowed);
  };
}
