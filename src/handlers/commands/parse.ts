import type { Command, DigestCommand, MuteCommand } from '../../model/command.ts';
import { nearest } from '../../model/nearest.ts';
import { UsageError } from '../../model/sources.ts';
import { digestCommand, digestCommandText } from './digest-grammar.ts';
import { fixCommandText, freezeCommand, verbCommand, verbs } from './fix-grammar.ts';
import { muteCommand, muteCommandText, muteOfWords, mutesCommand } from './mute-grammar.ts';
import { labelName } from './names.ts';
import { type Options, optionsOf } from './options.ts';
import { clusterOf, targetOf, wholeCluster } from './places.ts';
import { Suggestion } from './suggestion.ts';
import type { TopicHelp, Vocabulary } from './vocabulary.ts';
import { said, wordsOf } from './words.ts';

const digestWords: readonly string[] = ['digest', 'mute', 'mutes', 'unmute'];

export type CheckCommand = Extract<Command, { readonly kind: 'check' }>;

/** Understands what was typed after `/mesh`, or throws a {@link UsageError} that says what to type instead. */
export function parseCommand(typed: string, vocabulary: Vocabulary): Command {
  const freeze = freezeCommand(typed);
  if (freeze !== undefined) return freeze;
  const mute = muteCommand(typed, vocabulary, (options) => clusterOf(options, vocabulary));
  if (mute !== undefined) return mute;
  const { words, options } = optionsOf(wordsOf(typed));
  return understand(words, options, vocabulary);
}

/** The command in one spelling, without `/mesh`: what to type to ask the same. */
export function commandText(command: Command, { clusters }: Pick<Vocabulary, 'clusters'>): string {
  if (command.kind === 'fix') return fixCommandText(command, clusters);
  if (isAboutDigests(command)) return digestCommandText(command, { clusters });
  if (isAboutMutes(command)) return muteCommandText(command, { clusters });
  if (command.kind !== 'check') return wordsWithoutPlace(command);
  const { cluster, namespace, workload, from, strictReady } = command.target;
  const place = [namespace, workload].filter((name) => name !== undefined).join('/');
  const callers = from === undefined ? [] : [`--from ${from.join(',')}`];
  const asked = strictReady === true ? ['--strict-ready'] : [];
  const words = [command.topic, place, ...asked, ...callers, ...(clusters.length > 1 ? ['--cluster', cluster] : [])];
  return words.filter((word) => word !== '').join(' ');
}

export function isAboutDigests(command: Command): command is DigestCommand {
  return ['digests', 'digest-add', 'digest'].includes(command.kind);
}

export function isAboutMutes(command: Command): command is MuteCommand {
  return ['mute', 'mutes', 'unmute'].includes(command.kind);
}

type WithoutPlace = Exclude<Command, { readonly kind: 'check' | 'fix' } | DigestCommand | MuteCommand>;

function wordsWithoutPlace(command: WithoutPlace): string {
  if (command.kind === 'freeze') return command.because === undefined ? 'freeze' : `freeze because ${command.because}`;
  if (command.kind === 'help') return ['help', command.topic].filter((word) => word !== undefined).join(' ');
  if (command.kind === 'audit') return ['audit', command.plan].filter((word) => word !== undefined).join(' ');
  return command.kind === 'fixes' ? 'fix' : command.kind;
}

function understand([first, ...rest]: readonly string[], options: Options, vocabulary: Vocabulary): Command {
  if (first === undefined) return nothingBut(options);
  const word = first.toLowerCase();
  if (word === 'help') return help(rest[0], vocabulary);
  if (options.help === true) return help(word, vocabulary);
  if (word === 'status') return statusCommand(rest);
  if (word === 'digest') return digestCommand(rest, options, vocabulary, () => clusterOf(options, vocabulary));
  if (word === 'mute') return muteOfWords(rest, options, vocabulary, (given) => clusterOf(given, vocabulary));
  if (word === 'mutes' || word === 'unmute') return mutesCommand(word, rest);
  const verb = verbCommand([word, ...rest], options, vocabulary, () => clusterOf(options, vocabulary));
  if (verb !== undefined) return verb;
  const topic = vocabulary.topics.find(({ id }) => id === word);
  if (topic !== undefined) return check(topic, rest, options, vocabulary);
  throw unknownWord(first, (near) => understand([near, ...rest], options, vocabulary), vocabulary);
}

function check(topic: TopicHelp, words: readonly string[], options: Options, vocabulary: Vocabulary): CheckCommand {
  const cluster = clusterOf(options, vocabulary);
  if (topic.scope === 'cluster')
    return { kind: 'check', topic: topic.id, target: wholeCluster(topic, words, options, cluster) };
  const from = options.from?.map((name) => labelName('namespace', name));
  const { strictReady } = options;
  const target = {
    ...targetOf(topic, words, cluster),
    ...(from !== undefined && { from }),
    ...(strictReady !== undefined && { strictReady }),
  };
  return { kind: 'check', topic: topic.id, target };
}

function statusCommand([more]: readonly string[]): Command {
  if (more === undefined) return { kind: 'status' };
  throw new UsageError(
    'Type `/mesh status` alone: it says how I am myself. How a namespace is says `/mesh doctor NAMESPACE`.',
  );
}

function nothingBut(options: Options): Command {
  const { help: _, ...others } = options;
  if (Object.keys(others).length === 0) return { kind: 'help' };
  throw new UsageError('Say what to look at before the options, for example `/mesh mtls bookinfo --cluster prod`.');
}

function help(typed: string | undefined, vocabulary: Vocabulary): Command {
  if (typed === undefined) return { kind: 'help' };
  const word = typed.toLowerCase();
  if (word === 'status') return { kind: 'help' };
  if (verbs.includes(word)) return { kind: 'help', topic: 'fix' };
  if (digestWords.includes(word)) return { kind: 'help', topic: word === 'digest' ? 'digest' : 'mute' };
  if (vocabulary.topics.some(({ id }) => id === word)) return { kind: 'help', topic: word };
  throw unknownWord(typed, (near) => help(near, vocabulary), vocabulary);
}

/** Offers what would be understood with the nearest word in its place, if that is all that is wrong. */
function unknownWord(typed: string, meant: (near: string) => Command, vocabulary: Vocabulary): UsageError {
  const ids = [...vocabulary.topics.map(({ id }) => id), 'status', ...digestWords, ...verbs];
  const [near] = nearest(typed.slice(0, 64), ids);
  if (near === undefined) {
    const known = ids.map((id) => `\`${id}\``).join(', ');
    return new UsageError(`I don't know ${said(typed)}. I know ${known}: type \`/mesh help\` for what each answers.`);
  }
  try {
    const command = commandText(meant(near), vocabulary);
    return new Suggestion(`I don't know ${said(typed)}. Did you mean ${said(`/mesh ${command}`)}?`, command);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const example = vocabulary.topics.find(({ id }) => id === near)?.example ?? near;
    return new UsageError(`I don't know ${said(typed)}. Did you mean \`/mesh ${example}\`?`);
  }
}
