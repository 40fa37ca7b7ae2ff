import type { ProposeJob } from '../../jobs/fixes/queue.ts';
import { describeFixTarget } from '../../model/fix.ts';
import { mayRequest } from '../../model/policy-decisions.ts';
import type { FixCommand } from '../commands/fix-grammar.ts';
import { commandText } from '../commands/parse.ts';
import type { Asking, FixingDeps } from '../deps.ts';
import { outlook } from '../outlook.ts';
import { type Reply, sentence } from '../replies.ts';
import { decide } from './decide.ts';

/** Has a plan made, where the policy lets this person ask for it. The worker shows it in the channel. */
export async function requestFix(
  command: FixCommand,
  { actor, channel }: Asking,
  deps: FixingDeps,
): Promise<Reply | undefined> {
  const { fix, target } = command;
  const about = { cluster: target.cluster, fix, target: describeFixTarget(target) };
  const what = `Asking for ${fix}`;
  const decision = await decide(
    { actor, what, ...about },
    (person) => mayRequest(deps.fixes.policy, person, fix, target),
    deps,
  );
  if (!decision.allowed) {
    deps.watch.command('fix', 'refused');
    return sentence(decision.why);
  }
  return enqueue(
    {
      version: 1,
      requestId: deps.fixes.newPlanId(),
      fix,
      target,
      channel,
      requestedBy: actor,
      requestedAt: deps.now().toISOString(),
      command: commandText(command, deps.vocabulary),
    },
    deps,
  );
}

/** Records the request and queues it. Gives words where the channel will not show something soon. */
export async function enqueue(job: ProposeJob, deps: FixingDeps): Promise<Reply | undefined> {
  const { requestId, fix, target, requestedBy, undoOf } = job;
  const place = describeFixTarget(target);
  await deps.fixes.audit.append({
    kind: 'requested',
    at: job.requestedAt,
    says: undoOf === undefined ? `Asked for ${fix} of ${place}.` : `Asked how ${undoOf} would be undone.`,
    by: requestedBy,
    cluster: target.cluster,
    fix,
    target: place,
    plan: requestId,
    policy: deps.fixes.policy.hash,
  });
  const { status } = await deps.fixes.queues.propose(job);
  deps.watch.command('fix', status);
  deps.log.info({ requestId, fix, target, user: requestedBy.user, undoOf, status }, 'A fix was asked for');
  if (status === 'joined') return sentence('That is being looked at already: its plan appears here in a moment.');
  return outlook(target.cluster, deps);
}
