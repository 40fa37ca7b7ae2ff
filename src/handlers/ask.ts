import { type CheckJob, QueueDown } from '../jobs/queue.ts';
import { UsageError } from '../model/sources.ts';
import { tooMuchTyped } from './allowance.ts';
import { type CheckCommand, commandText, isAboutDigests, isAboutMutes, parseCommand } from './commands/parse.ts';
import { Suggestion } from './commands/suggestion.ts';
import type { Asking, HandlerDeps } from './deps.ts';
import { answerAboutDigests } from './digests/answer.ts';
import { answerAboutFixes } from './fixes/answer.ts';
import { helpFor } from './help.ts';
import { lookRefusal } from './look.ts';
import { answerAboutMutes } from './mutes/answer.ts';
import { outlook } from './outlook.ts';
import { type Reply, sentence, sentenceWithButton } from './replies.ts';
import { statusReply } from './status.ts';

/**
 * Understands what was typed and queues it. Never throws. What it gives is for the asker alone; nothing where the
 * worker's message in the channel says enough.
 */
export async function ask(typed: string, asking: Asking, deps: HandlerDeps): Promise<Reply | undefined> {
  const id = deps.newId();
  try {
    const wait = tooMuchTyped(typed, asking.actor.user, deps);
    if (wait !== undefined) return sentence(wait);
    noteChannel(asking, deps);
    const command = parseCommand(typed, deps.vocabulary);
    if (command.kind === 'check') return await enqueue(command, id, asking, deps);
    if (command.kind === 'status') return await statusReply(deps);
    if (isAboutDigests(command)) return await answerAboutDigests(command, asking, deps);
    if (isAboutMutes(command)) return await answerAboutMutes(command, asking, deps);
    if (command.kind !== 'help') return await answerAboutFixes(command, asking, deps);
    deps.watch.command('help', 'answered');
    return await helpFor(command.topic, asking, deps);
  } catch (error) {
    return explain(error, id, asking, deps);
  }
}

/** For App Home: nobody waits for it. */
function noteChannel({ actor, channel }: Asking, { recent, log }: HandlerDeps): void {
  recent.note(actor.user, channel).catch((error: unknown) => log.warn({ error }, 'A channel was not remembered'));
}

async function enqueue(
  command: CheckCommand,
  requestId: string,
  asking: Asking,
  deps: HandlerDeps,
): Promise<Reply | undefined> {
  const { topic, target } = command;
  const refusal = await lookRefusal([target], asking, deps);
  if (refusal !== undefined) {
    deps.watch.command(topic, 'refused');
    return sentence(refusal);
  }
  const job: CheckJob = {
    version: 1,
    requestId,
    topic,
    target,
    channel: asking.channel,
    requestedBy: asking.actor,
    requestedAt: deps.now().toISOString(),
    command: commandText(command, deps.vocabulary),
  };
  const added = await deps.queues.add(job);
  const log = deps.log.child({ requestId });
  deps.watch.command(topic, added.status);
  if (added.status === 'joined') {
    log.info({ topic, target, joined: added.requestId }, 'Joined');
    return sentence('That is being answered here already: the answer comes into this channel in a moment.');
  }
  log.info({ topic, target, channel: asking.channel, user: asking.actor.user }, 'Queued');
  return outlook(target.cluster, deps);
}

/** The boundary: every error becomes words for the asker. */
async function explain(error: unknown, id: string, asking: Asking, deps: HandlerDeps): Promise<Reply> {
  if (error instanceof UsageError) {
    deps.watch.command('none', 'not-understood');
    deps.log.info({ requestId: id, user: asking.actor.user }, 'Not understood');
    return error instanceof Suggestion ? suggest(error, id, asking, deps) : sentence(error.message);
  }
  if (error instanceof QueueDown) {
    deps.watch.command('none', 'queue-down');
    deps.log.warn({ requestId: id, error }, 'The queue is down');
    return sentence(
      'I cannot take questions now: my queue (Redis) does not answer. If no answer appears within a minute, ask again.',
    );
  }
  deps.watch.command('none', 'broken');
  deps.log.error({ requestId: id, error }, 'A command broke');
  return sentence(`I could not start that: something in me broke. Give an admin the reference ${id}.`);
}

/** Offers a command by a button. */
export async function suggest(
  { message, command }: Suggestion,
  id: string,
  asking: Asking,
  deps: HandlerDeps,
): Promise<Reply> {
  try {
    await deps.asks.save(id, { command, team: asking.actor.team, channel: asking.channel });
    return sentenceWithButton(message, { label: 'Run it', action: 'run-it', id });
  } catch (error) {
    deps.log.warn({ requestId: id, error }, 'No button for a suggestion');
    return sentence(message);
  }
}
