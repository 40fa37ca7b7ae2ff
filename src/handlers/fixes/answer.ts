import { QueueDown } from '../../jobs/queue.ts';
import type { Command, DigestCommand, MuteCommand } from '../../model/command.ts';
import type { Asking, FixingDeps, HandlerDeps } from '../deps.ts';
import { type Reply, sentence } from '../replies.ts';
import { areOn } from './are-on.ts';
import { auditReply } from './audit.ts';
import { peopleReason } from './decide.ts';
import { freeze, unfreeze } from './freeze.ts';
import { fixesReply } from './list.ts';
import { requestFix } from './request.ts';

export type AboutFixes = Exclude<Command, { readonly kind: 'check' | 'help' | 'status' } | DigestCommand | MuteCommand>;

/** Everything typed about fixes. */
export async function answerAboutFixes(
  command: AboutFixes,
  asking: Asking,
  deps: HandlerDeps,
): Promise<Reply | undefined> {
  if (!areOn(deps)) {
    deps.watch.command(command.kind, 'off');
    return sentence(
      'Fixes are off here. An admin turns them on with a policy that says who may ask and who may approve: docs/policy.md.',
    );
  }
  try {
    return await answer(command, asking, deps);
  } catch (error) {
    if (error instanceof QueueDown) throw error;
    deps.log.warn({ error, command: command.kind }, 'A command about fixes failed');
    deps.watch.command(command.kind, 'failed');
    return sentence(peopleReason(error) ?? failure(command));
  }
}

function answer(command: AboutFixes, asking: Asking, deps: FixingDeps): Promise<Reply | undefined> {
  switch (command.kind) {
    case 'fix':
      return requestFix(command, asking, deps);
    case 'fixes':
      return fixesReply(asking, deps);
    case 'freeze':
      return freeze(command, asking, deps);
    case 'unfreeze':
      return unfreeze(asking, deps);
    case 'audit':
      return auditReply(command, asking, deps);
  }
}

function failure({ kind }: AboutFixes): string {
  const redis = 'My store (Redis) does not answer.';
  if (kind === 'freeze')
    return `${redis} Changes may not be stopped: type \`/mesh freeze\` again, or set the ConfigMap of docs/policy.md.`;
  return `${redis} Type it again in a minute.`;
}
