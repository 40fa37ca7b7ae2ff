import type { Command, DigestAct, DigestCommand } from '../../model/command.ts';
import { nearest } from '../../model/nearest.ts';
import { mostNamespaces, parseTiming } from '../../model/schedule.ts';
import { UsageError } from '../../model/sources.ts';
import { parseTimeZone, zoneMeant } from '../../model/time-zone.ts';
import { labelName } from './names.ts';
import type { Options } from './options.ts';
import { Suggestion } from './suggestion.ts';
import type { TopicHelp, Vocabulary } from './vocabulary.ts';
import { said } from './words.ts';

const acts: readonly string[] = ['run', 'pause', 'resume', 'remove'];
const words: readonly string[] = ['add', 'list', ...acts];
const mostWordsOfTime = 10;
export const digestExample = digestFor('bookinfo payments');

/** How one is set up, for example. */
export function digestFor(namespaces: string): string {
  return `digest add "weekdays 9:00 Europe/Berlin" ${namespaces}`;
}

/** What follows `digest`. */
export function digestCommand(
  typed: readonly string[],
  options: Options,
  vocabulary: Vocabulary,
  cluster: () => string,
): Command {
  const [first = 'list', ...rest] = typed;
  const word = first.toLowerCase();
  const { cluster: _, ...foreign } = options;
  if (Object.keys(foreign).length > 0)
    throw new UsageError('A digest takes only the option `--cluster NAME`: leave out the others.');
  if (word === 'add') return addCommand(rest, vocabulary, cluster);
  if (word === 'list') return listCommand(rest);
  if (isAct(word)) return { kind: 'digest', act: word, id: onlyId('digest', word, rest) };
  throw unknownAct(first, rest);
}

/** In one spelling, without `/mesh`. */
export function digestCommandText(command: DigestCommand, { clusters }: Pick<Vocabulary, 'clusters'>): string {
  if (command.kind === 'digests') return 'digest list';
  if (command.kind === 'digest') return `digest ${command.act} ${command.id}`;
  const { words: time, namespaces, topics, cluster } = command;
  const where = clusters.length > 1 ? ['--cluster', cluster] : [];
  return ['digest add', `"${time}"`, ...namespaces, ...topics, ...where].join(' ');
}

/** The one id that a command is about. */
export function onlyId(what: string, act: string, [id, more]: readonly string[]): string {
  if (id === undefined || more !== undefined || !/^[a-z0-9]{2,40}$/i.test(id)) {
    throw new UsageError(
      `Say which one by its id, for example \`/mesh ${act === '' ? what : `${what} ${act}`} d41c9e02\`. \`/mesh ${what === 'unmute' ? 'mutes' : 'digest list'}\` shows the ids.`,
    );
  }
  return id.toLowerCase();
}

function isAct(word: string): word is DigestAct {
  return acts.includes(word);
}

function listCommand([more]: readonly string[]): Command {
  if (more === undefined) return { kind: 'digests' };
  throw new UsageError('Type `/mesh digest list` alone: it shows the digests of this channel, then yours elsewhere.');
}

function unknownAct(typed: string, rest: readonly string[]): UsageError {
  const [near] = nearest(typed.slice(0, 64), words);
  const known = `I don't know what to do with a digest by ${said(typed)}.`;
  if (near === 'list') return new Suggestion(`${known} Did you mean \`/mesh digest list\`?`, 'digest list');
  if (near !== undefined && isAct(near) && /^[a-z0-9]{2,40}$/.test(rest.join(' '))) {
    const command = `digest ${near} ${rest.join(' ')}`;
    return new Suggestion(`${known} Did you mean ${said(`/mesh ${command}`)}?`, command);
  }
  const meant = near === undefined ? 'I know add, list, run, pause, resume and remove' : `Did you mean \`${near}\``;
  return new UsageError(`${known} ${meant}? For example \`/mesh ${digestExample}\`.`.replace('remove?', 'remove.'));
}

function addCommand(typed: readonly string[], vocabulary: Vocabulary, cluster: () => string): Command {
  const { time, places } = timeOf(typed);
  const asked = [...new Set(places.flatMap((place) => place.split(',')).filter((place) => place !== ''))];
  const topicOf = (word: string) => vocabulary.topics.find(({ id }) => id === word.toLowerCase());
  const namespaces = asked.filter((word) => topicOf(word) === undefined).map(namespaceName);
  const named = asked.flatMap((word) => topicOf(word) ?? []);
  refuseMisfit(namespaces, named);
  const topics = named.some(({ id }) => id === 'doctor') ? [] : named.map(({ id }) => id);
  return { kind: 'digest-add', words: time, cluster: cluster(), namespaces, topics };
}

function namespaceName(word: string): string {
  if (word.includes('/'))
    throw new UsageError(
      `A digest is about whole namespaces, and ${said(word)} is one workload. Name its namespace: ${said(word.split('/')[0] ?? '')}.`,
    );
  return labelName('namespace', word);
}

function refuseMisfit(namespaces: readonly string[], topics: readonly TopicHelp[]): void {
  if (namespaces.length > mostNamespaces) {
    throw new UsageError(
      `A digest is about at most ${mostNamespaces} namespaces, and these are ${namespaces.length}. Make two digests of them.`,
    );
  }
  const isOfCluster = topics.length > 0 && topics.every(({ scope }) => scope === 'cluster');
  if (namespaces.length === 0 && !isOfCluster)
    throw new UsageError(`Name the namespaces to look at, for example \`/mesh ${digestExample}\`.`);
  if (namespaces.length > 0 && isOfCluster) {
    const [topic] = topics;
    throw new UsageError(
      `\`${topic?.id}\` is about the whole cluster: leave out ${said(namespaces.join(' '))}, or name a topic about namespaces too.`,
    );
  }
}

/** The time stands in quotes; without them it is as many words as make sense. */
function timeOf(typed: readonly string[]): { readonly time: string; readonly places: readonly string[] } {
  const [first, ...rest] = typed;
  if (first === undefined)
    throw new UsageError(`Say when and about which namespaces, for example \`/mesh ${digestExample}\`.`);
  if (/\s/.test(first)) {
    parseTiming(first, 'UTC');
    if (rest[0]?.includes('/')) refuseZone(first.trim(), rest[0]);
    return { time: first.trim(), places: rest };
  }
  for (let count = Math.min(typed.length, mostWordsOfTime); count > 0; count -= 1) {
    const time = typed.slice(0, count).join(' ');
    if (!isTime(time)) continue;
    const places = typed.slice(count);
    refuseZone(time, places[0]);
    return { time, places };
  }
  throw new UsageError(
    `I cannot read when that is due. Put the time first, in quotes, for example \`/mesh ${digestExample}\`.`,
  );
}

/** A word right after a time that has no zone may be meant for one, and would be taken for a namespace. */
function refuseZone(time: string, word: string | undefined): void {
  if (word === undefined || !isTime(`${time} UTC`)) return;
  if (/^[ap]\.?m\.?$/i.test(word))
    throw new UsageError(`I go by the clock of 24 hours: say for example 21:00 instead of 9:00 pm.`);
  if (/^[A-Z]{2,5}$/.test(word)) parseTimeZone(word);
  const zone = zoneMeant(word);
  if (zone === undefined) return;
  const namespace = word.includes('/') ? '' : ` If it is a namespace, put only \`"${time}"\` in quotes.`;
  throw new UsageError(
    `Is ${said(word)} the time zone? Then say \`"${time} ${zone}"\`, in quotes, before the namespaces.${namespace}`,
  );
}

function isTime(words: string): boolean {
  try {
    parseTiming(words, 'UTC');
    return true;
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}
