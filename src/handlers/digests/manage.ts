import type { Schedule } from '../../jobs/digests/schedules.ts';
import type { DigestAct, DigestCommand } from '../../model/command.ts';
import type { Policy } from '../../model/policy.ts';
import type { Permission } from '../../model/policy-decisions.ts';
import { denied, rolesAmong, standing } from '../../model/policy-people.ts';
import type { Asking, HandlerDeps } from '../deps.ts';
import { areOn } from '../fixes/are-on.ts';
import { decide } from '../fixes/decide.ts';
import { outlook } from '../outlook.ts';
import { type Reply, sentence } from '../replies.ts';

const done: Readonly<Record<DigestAct, (id: string) => string>> = {
  run: (id) => `Digest \`${id}\` is made now; it comes where it always does.`,
  pause: (id) => `Digest \`${id}\` is paused. \`/mesh digest resume ${id}\` lets it go on.`,
  resume: (id) => `Digest \`${id}\` goes on. \`/mesh digest list\` shows when it comes next.`,
  remove: (id) => `Digest \`${id}\` is removed; what it knew is forgotten.`,
};

/** Anybody in its channel may have a digest made; the rest is for its owner, and for who keeps order. */
export async function manageDigest(
  { act, id }: Extract<DigestCommand, { readonly kind: 'digest' }>,
  asking: Asking,
  deps: HandlerDeps,
): Promise<Reply> {
  const { schedules } = deps.digests;
  const schedule = await schedules.get(id);
  const refusal = await refusalOf(schedule, act, asking, deps);
  if (refusal !== undefined) return sentence(refusal);
  await schedules[act](schedule.id, asking.actor);
  deps.log.info({ schedule: schedule.id, act, user: asking.actor.user }, 'A digest was changed');
  const waiting = act === 'run' ? await outlook(schedule.cluster, deps) : undefined;
  return waiting ?? sentence(done[act](schedule.id));
}

async function refusalOf(
  schedule: Schedule,
  act: DigestAct,
  { actor, channel }: Asking,
  deps: HandlerDeps,
): Promise<string | undefined> {
  const isHere = schedule.channel === channel;
  if (schedule.owner?.user === actor.user || (act === 'run' && isHere)) return undefined;
  if (!areOn(deps)) return isHere ? undefined : `Type that in the channel of the digest, or ask who set it up.`;
  const deed = { actor, what: `To ${act} a digest`, cluster: schedule.cluster, target: schedule.id };
  const decision = await decide(deed, (person) => mayKeepOrder(deps.fixes.policy, person), deps);
  return decision.allowed ? undefined : decision.why;
}

/** Those who may approve anything may also manage the digests of others. */
function mayKeepOrder(policy: Policy, person: Parameters<typeof standing>[0]): Permission {
  const refused = standing(person);
  if (refused !== undefined) return refused;
  const approvers = [...new Set(policy.fixes.flatMap(({ approve }) => approve))];
  const roles = rolesAmong(policy, person, approvers);
  if (roles.length > 0) return { allowed: true, roles };
  return denied('no-role', 'Only who set up a digest may do that, or who may approve fixes. Ask one of them.');
}
