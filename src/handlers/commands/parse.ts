import type { Command } from '../../model/command.ts';
import { nearest } from '../../model/nearest.ts';
import { UsageError } from '../../model/sources.ts';
import type { Target } from '../../model/target.ts';
import { labelName, subdomainName } from './names.ts';
import { type Options, optionsOf } from './options.ts';
import { said, wordsOf } from './words.ts';

/** A topic as far as the grammar needs it. */
export interface TopicHelp {
  readonly id: string;
  /** What it answers, as a question. */
  readonly title: string;
  /** A whole command without `/mesh`: `mtls bookinfo`. */
  readonly example: string;
}

/** What can be asked here. */
export interface Vocabulary {
  readonly topics: readonly TopicHelp[];
  readonly clusters: readonly string[];
  /** Meant where `--cluster` is not given. Needed only where there is more than one. */
  readonly defaultCluster?: string;
}

export type CheckCommand = Extract<Command, { readonly kind: 'check' }>;

/** Not understood, but something near it would be: `command` is what was probably meant, without `/mesh`. */
export class Suggestion extends UsageError {
  readonly command: string;

  constructor(message: string, command: string) {
    super(message);
    this.command = command;
  }
}

/** Understands what was typed after `/mesh`, or throws a {@link UsageError} that says what to type instead. */
export function parseCommand(typed: string, vocabulary: Vocabulary): Command {
  const { words, options } = optionsOf(wordsOf(typed));
  const [first, ...rest] = words;
  if (first === undefined) return nothingBut(options);
  const word = first.toLowerCase();
  if (word === 'help') return help(rest[0], vocabulary);
  if (options.help === true) return help(word, vocabulary);
  const topic = vocabulary.topics.find(({ id }) => id === word);
  if (topic === undefined) throw unknownTopic(first, (near) => check(near, rest, options, vocabulary), vocabulary);
  return check(topic, rest, options, vocabulary);
}

/** The command in one spelling, without `/mesh`: what to type to ask the same. */
export function commandText(command: Command, { clusters }: Pick<Vocabulary, 'clusters'>): string {
  if (command.kind === 'help') return ['help', command.topic].filter((word) => word !== undefined).join(' ');
  const { cluster, namespace, workload, from, strictReady } = command.target;
  const place = [namespace, workload].filter((name) => name !== undefined).join('/');
  const callers = from === undefined ? [] : [`--from ${from.join(',')}`];
  const asked = strictReady === true ? ['--strict-ready'] : [];
  return [command.topic, place, ...asked, ...callers, ...(clusters.length > 1 ? ['--cluster', cluster] : [])].join(' ');
}

function check(topic: TopicHelp, words: readonly string[], options: Options, vocabulary: Vocabulary): CheckCommand {
  const cluster = clusterOf(options, vocabulary);
  const from = options.from?.map((name) => labelName('namespace', name));
  const { strictReady } = options;
  const target = {
    ...targetOf(topic, words, cluster),
    ...(from !== undefined && { from }),
    ...(strictReady !== undefined && { strictReady }),
  };
  return { kind: 'check', topic: topic.id, target };
}

function nothingBut(options: Options): Command {
  const { help: _, ...others } = options;
  if (Object.keys(others).length === 0) return { kind: 'help' };
  throw new UsageError('Say what to look at before the options, for example `/mesh mtls bookinfo --cluster prod`.');
}

function help(typed: string | undefined, vocabulary: Vocabulary): Command {
  if (typed === undefined) return { kind: 'help' };
  const topic = vocabulary.topics.find(({ id }) => id === typed.toLowerCase());
  if (topic !== undefined) return { kind: 'help', topic: topic.id };
  throw unknownTopic(typed, (near) => ({ kind: 'help', topic: near.id }), vocabulary);
}

/** Offers what would be understood with the nearest topic in its place, if that is all that is wrong. */
function unknownTopic(typed: string, meant: (topic: TopicHelp) => Command, vocabulary: Vocabulary): UsageError {
  const ids = vocabulary.topics.map(({ id }) => id);
  const [near] = nearest(typed.slice(0, 64), ids);
  const topic = vocabulary.topics.find(({ id }) => id === near);
  if (topic === undefined) {
    const known = ids.map((id) => `\`${id}\``).join(', ');
    return new UsageError(`I don't know ${said(typed)}. I know ${known}: type \`/mesh help\` for what each answers.`);
  }
  try {
    const command = commandText(meant(topic), vocabulary);
    return new Suggestion(`I don't know ${said(typed)}. Did you mean \`/mesh ${command}\`?`, command);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return new UsageError(`I don't know ${said(typed)}. Did you mean \`/mesh ${topic.example}\`?`);
  }
}

function isPlace(typed: string): boolean {
  return /^[a-z0-9][-a-z0-9]{0,62}(?:\/[a-z0-9][-.a-z0-9]{0,252})?$/.test(typed);
}

function clusterOf({ cluster }: Options, { clusters, defaultCluster }: Vocabulary): string {
  const listed = clusters.map((name) => `\`${name}\``).join(', ');
  if (cluster === undefined) {
    const only = clusters.length === 1 ? clusters[0] : defaultCluster;
    if (only === undefined) throw new UsageError(`Say which cluster: add \`--cluster\` and one of ${listed}.`);
    return only;
  }
  const name = clusters.find((known) => known === cluster.toLowerCase());
  if (name !== undefined) return name;
  const [near] = nearest(cluster.slice(0, 64), clusters);
  const meant = near === undefined ? `I know ${listed}.` : `Did you mean \`--cluster ${near}\`?`;
  throw new UsageError(`I don't know a cluster ${said(cluster)}. ${meant}`);
}

function targetOf(topic: TopicHelp, words: readonly string[], cluster: string): Target {
  const [place, second] = words;
  if (place === undefined) {
    throw new UsageError(`Name the namespace to look at, for example \`/mesh ${topic.example}\`.`);
  }
  if (second !== undefined) {
    const joined = isPlace(`${place}/${second}`)
      ? ` For one workload type \`/mesh ${topic.id} ${place}/${second}\`.`
      : '';
    throw new UsageError(`I can look at one place at a time, and read ${said(words.join(' '))} as several.${joined}`);
  }
  const [namespace = '', workload, ...more] = place.split('/');
  if (more.length > 0) {
    throw new UsageError(
      `${said(place)} has too many parts. Type a namespace, or a namespace and a workload: \`bookinfo/reviews-v1\`.`,
    );
  }
  return {
    cluster,
    namespace: labelName('namespace', namespace),
    ...(workload !== undefined && { workload: subdomainName('workload', workload) }),
  };
}
