import type { ProposeJob } from '../../jobs/fixes/queue.ts';
import { describeFixTarget, type FixTarget } from '../../model/fix.ts';
import { mayRequest } from '../../model/policy-decisions.ts';
import type { FixCommand } from '../commands/fix-grammar.ts';
import { commandText } from '../commands/parse.ts';
import type { Asking, FixingDeps } from '../deps.ts';
import { lookRefusal } from '../look.ts';
import { outlook } from '../outlook.ts';
import { type Reply, sentence } from '../replies.ts';
import { decide } from './decide.ts';

/**
 * Has a plan made, where the policy lets this person ask for it, and look at what it shows. The worker shows it in the
 * channel.
 */
export async function requestFix(command: FixCommand, asking: Asking, deps: FixingDeps): Promise<Reply | undefined> {
  const { actor, channel } = asking;
  const { fix, target } = command;
  const about = { cluster: target.cluster, fix, target: describeFixTarget(target) };
  const what = `Asking for ${fix}`;
  const decision = await decide(
    { actor, what, ...about },
    (person) => mayRequest(deps.fixes.policy, person, fix, target),
    deps,
  );
  const refusal = decision.allowed ? await planRefusal(target, asking, deps) : decision.why;
  if (refusal !== undefined) {
    deps.watch.command('fix', 'refused');
    return sentence(refusal);
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

/** Why a plan may not be shown to this person, or there: it holds objects and callers, as an answer does. */
export function planRefusal(
  { cluster, namespace }: FixTarget,
  asking: Asking,
  deps: FixingDeps,
): Promise<string | undefined> {
  return lookRefusal([{ cluster, ...(namespace !== undefined && { namespace }) }], asking, deps);
}

/** Queues the request and records it. Gives words where the channel will not show something soon. */
export async function enqueue(job: ProposeJob, deps: FixingDeps): Promise<Reply | undefined> {
  const { requestId, fix, target, requestedBy, undoOf } = job;
  const added = await deps.fixes.queues.propose(job);
  const { status } = added;
  const plan = status === 'joined' ? added.requestId : requestId;
  await record(job, plan, deps);
  deps.watch.command('fix', status);
  deps.log.info({ requestId, fix, target, user: requestedBy.user, undoOf, status, plan }, 'A fix was asked for');
  if (status === 'joined') return sentence('That is being looked at already: its plan appears here in a moment.');
  return outlook(target.cluster, deps);
}

/** The plan comes in any case, and its own record names who asked. */
async function record(
  { requestId, requestedAt: at, fix, target, requestedBy: by, undoOf }: ProposeJob,
  plan: string,
  { fixes, log }: FixingDeps,
): Promise<void> {
  const place = describeFixTarget(target);
  const what = undoOf === undefined ? `Asked for ${fix} of ${place}` : `Asked how ${undoOf} would be undone`;
  const says = plan === requestId ? `${what}.` : `${what}, which somebody had asked for already.`;
  const about = { cluster: target.cluster, fix, target: place, plan, policy: fixes.policy.hash };
  try {
    await fixes.audit.append({ kind: 'requested', at, says, by, ...about });
  } catch (error) {
    log.warn({ error, plan }, 'A request could not be recorded');
  }
}
