import type { ViewOutput } from '@slack/bolt';
import type { BuilderChoice } from '../../report/builder.ts';
import { commandText, parseCommand } from '../commands/parse.ts';
import type { Vocabulary } from '../commands/vocabulary.ts';

/** What the form starts with. Without a channel, Slack fills in the one the person is in. */
export function firstChoice({ topics, clusters, defaultCluster }: Vocabulary, channel?: string): BuilderChoice {
  return {
    topic: topics[0]?.id ?? '',
    cluster: defaultCluster ?? clusters[0] ?? '',
    ...(channel !== undefined && { channel, openedIn: channel }),
  };
}

/** What the form held when it was last shown: while a question for options is asked, Slack may not send the rest. */
export function shownChoice({ private_metadata: kept }: Pick<ViewOutput, 'private_metadata'>): BuilderChoice {
  return JSON.parse(kept) as BuilderChoice;
}

/** What is entered now. What belongs to another cluster or namespace than the chosen one is left out. */
export function enteredChoice(view: Pick<ViewOutput, 'private_metadata' | 'state'>): BuilderChoice {
  const before = shownChoice(view);
  const entered = entries(view);
  const value = (name: string, part?: string) => entered.get(part === undefined ? name : `${name}-${part}`);
  const channel = entered.has('channel') ? value('channel')?.selected_conversation : before.channel;
  const cluster = value('cluster')?.selected_option?.value ?? before.cluster;
  const namespace = value('namespace', cluster)?.selected_option?.value;
  const workload = value('workload', `${cluster}-${namespace ?? ''}`)?.selected_option?.value;
  return {
    topic: value('topic')?.selected_option?.value ?? before.topic,
    cluster,
    ...(namespace !== undefined && { namespace }),
    ...(workload !== undefined && { workload }),
    ...((value('strict')?.selected_options?.length ?? 0) > 0 && { strictReady: true as const }),
    ...(typeof channel === 'string' && { channel }),
    ...(before.openedIn !== undefined && { openedIn: before.openedIn }),
  };
}

/** By block: each has one element. */
function entries({ state }: Pick<ViewOutput, 'state'>) {
  return new Map(Object.entries(state.values).map(([block, elements]) => [block, Object.values(elements)[0]]));
}

/**
 * The command, in the one spelling.
 *
 * @throws UsageError where the choice is no question.
 */
export function commandOf(choice: BuilderChoice, vocabulary: Vocabulary): string {
  const { topic: id, cluster, namespace, workload, strictReady } = choice;
  const topic = vocabulary.topics.find((one) => one.id === id);
  const place = [namespace, workload].filter((part) => part !== undefined).join('/');
  const typed = [
    id,
    ...(topic?.scope === 'cluster' || place === '' ? [] : [place]),
    ...(topic?.strictReady && strictReady ? ['--strict-ready'] : []),
    ...(cluster === '' ? [] : ['--cluster', cluster]),
  ];
  return commandText(parseCommand(typed.join(' '), vocabulary), vocabulary);
}
