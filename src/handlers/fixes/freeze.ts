import type { Command } from '../../model/command.ts';
import { everyone } from '../../model/policy.ts';
import { mayFreeze, mayUnfreeze } from '../../model/policy-decisions.ts';
import type { Asking, FixingDeps } from '../deps.ts';
import { type Reply, sentence } from '../replies.ts';
import { decide } from './decide.ts';

const withoutSlack = 'The ConfigMap of docs/policy.md, Stopping everything, stops all changes without Slack.';

/** Stops all writes. Where everyone may, that Slack does not say who somebody is keeps nobody from it. */
export async function freeze(
  { because }: Extract<Command, { readonly kind: 'freeze' }>,
  { actor }: Asking,
  deps: FixingDeps,
): Promise<Reply> {
  const { policy } = deps.fixes;
  const isForAll = policy.freeze.freeze.includes(everyone);
  const decision = await decide({ actor, what: 'Freezing' }, (person) => mayFreeze(policy, person), deps, {
    fresh: true,
    ...(isForAll && { unknown: { allowed: true, roles: [everyone] } }),
  });
  if (!decision.allowed) return sentence(`${decision.why} ${withoutSlack}`);
  await deps.fixes.remediations.freeze.set(actor, deps.now().toISOString(), because);
  deps.watch.command('freeze', 'done');
  deps.log.info({ user: actor.user }, 'All writes are stopped');
  await wakeAll(deps);
  return sentence('All changes are stopped, in all clusters. `/mesh unfreeze` lets them go on.');
}

export async function unfreeze({ actor }: Asking, deps: FixingDeps): Promise<Reply> {
  const decision = await decide(
    { actor, what: 'Unfreezing' },
    (person) => mayUnfreeze(deps.fixes.policy, person),
    deps,
  );
  if (!decision.allowed) return sentence(decision.why);
  const wasFrozen = await deps.fixes.remediations.freeze.clear(actor, deps.now().toISOString());
  deps.watch.command('unfreeze', 'done');
  deps.log.info({ user: actor.user, wasFrozen }, 'Writes may go on');
  await wakeAll(deps);
  return sentence(
    wasFrozen
      ? 'Changes may go on. What was approved and waits is checked again and applied, unless it has expired; what was about to be written when they stopped has to be asked for again.'
      : 'Nothing was stopped by `/mesh freeze`. Where changes still do not go on, look at the ConfigMap of docs/policy.md.',
  );
}

/** The cards say whether changes are stopped. */
async function wakeAll({ fixes, vocabulary, log }: FixingDeps): Promise<void> {
  try {
    for (const cluster of vocabulary.clusters) {
      for (const id of await fixes.remediations.open(cluster)) await fixes.queues.wake(cluster, id);
    }
  } catch (error) {
    log.warn({ error }, 'Not all cards will say at once whether changes are stopped');
  }
}
