import { type CheckJob, QueueDown } from '../jobs/queue.ts';
import { UsageError } from '../model/sources.ts';
import { type CheckCommand, commandText, parseCommand, Suggestion } from './commands/parse.ts';
import type { Asking, HandlerDeps } from './deps.ts';
import { helpReply, noWorkerReply, type Reply, sentence, sentenceWithButton, topicReply } from './replies.ts';

const manyWaiting = 5;

/**
 * Understands what was typed and queues it. Never throws. What it gives is for the asker alone; nothing where the
 * worker's message in the channel says enough.
 */
export async function ask(typed: string, asking: Asking, deps: HandlerDeps): Promise<Reply | undefined> {
  const id = deps.newId();
  try {
    const command = parseCommand(typed, deps.vocabulary);
    if (command.kind === 'check') return await enqueue(command, id, asking, deps);
    deps.watch.command('help', 'answered');
    const topic = deps.vocabulary.topics.find((one) => one.id === command.topic);
    return topic === undefined ? helpReply(deps.vocabulary) : topicReply(topic);
  } catch (error) {
    return explain(error, id, asking, deps);
  }
}

async function enqueue(
  command: CheckCommand,
  requestId: string,
  asking: Asking,
  deps: HandlerDeps,
): Promise<Reply | undefined> {
  const { topic, target } = command;
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

/** Says so when the answer will take a while. Not knowing is no reason to alarm anybody. */
async function outlook(cluster: string, deps: HandlerDeps): Promise<Reply | undefined> {
  try {
    const { waiting, workerAlive, workerSeenAt } = await deps.queues.state(cluster);
    if (!workerAlive) return noWorkerReply(cluster, workerSeenAt);
    return waiting < manyWaiting ? undefined : sentence(`Your question is queued behind ${waiting} others.`);
  } catch (error) {
    deps.log.warn({ error }, 'The state of the queue is unknown');
    return undefined;
  }
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

async function suggest(
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
