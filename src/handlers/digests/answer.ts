import { QueueDown } from '../../jobs/queue.ts';
import type { DigestCommand } from '../../model/command.ts';
import { UsageError } from '../../model/sources.ts';
import type { Asking, HandlerDeps } from '../deps.ts';
import { type Reply, sentence } from '../replies.ts';
import { addDigest } from './add.ts';
import { digestsReply } from './list.ts';
import { manageDigest } from './manage.ts';

/** Everything typed about digests. */
export async function answerAboutDigests(command: DigestCommand, asking: Asking, deps: HandlerDeps): Promise<Reply> {
  try {
    const reply = await answer(command, asking, deps);
    deps.watch.command('digest', 'answered');
    return reply;
  } catch (error) {
    if (error instanceof UsageError || error instanceof QueueDown) throw error;
    deps.log.warn({ error, command: command.kind }, 'A command about digests failed');
    deps.watch.command('digest', 'failed');
    return sentence(
      'I could not do that now: my store (Redis) does not answer. Look at `/mesh digest list` in a minute, before you type it again.',
    );
  }
}

function answer(command: DigestCommand, asking: Asking, deps: HandlerDeps): Promise<Reply> {
  if (command.kind === 'digests') return digestsReply(asking, deps);
  if (command.kind === 'digest') return manageDigest(command, asking, deps);
  return addDigest(command, asking, deps);
}
