import type { Command, MuteCommand } from '../../model/command.ts';
import { nearest } from '../../model/nearest.ts';
import { UsageError } from '../../model/sources.ts';
import { onlyId } from './digest-grammar.ts';
import { labelName, subdomainName } from './names.ts';
import { type Options, optionsOf } from './options.ts';
import type { Vocabulary } from './vocabulary.ts';
import { plain, said, wordsOf } from './words.ts';

export const muteExample = 'mute permissive bookinfo for 7d because it is being moved';
const longestReason = 500;

type ClusterOf = (options: Options) => string;

/** Reads `mute CODE NAMESPACE [WORKLOAD] for 7d because …`. The reason is taken as it is, quotes and dashes included. */
export function muteCommand(typed: string, vocabulary: Vocabulary, cluster: ClusterOf): Command | undefined {
  const [all, rest = ''] = /^\s*mute(?:\s+(.*))?$/is.exec(typed) ?? [];
  if (all === undefined) return undefined;
  const [, what = '', reason = ''] = /^(.*?)\bbecause\b(.*)$/is.exec(rest) ?? [undefined, rest];
  const { words, options } = optionsOf(wordsOf(what));
  return muteOf({ words, reason, options }, vocabulary, cluster);
}

/** The same, of words. */
export function muteOfWords(
  typed: readonly string[],
  options: Options,
  vocabulary: Vocabulary,
  cluster: ClusterOf,
): Command {
  const at = typed.findIndex((word) => word.toLowerCase() === 'because');
  const words = at === -1 ? typed : typed.slice(0, at);
  const reason = at === -1 ? '' : typed.slice(at + 1).join(' ');
  return muteOf({ words, reason, options }, vocabulary, cluster);
}

interface Typed {
  readonly words: readonly string[];
  readonly reason: string;
  readonly options: Options;
}

function muteOf({ words, reason, options }: Typed, vocabulary: Vocabulary, cluster: ClusterOf): Command {
  if (options.help === true || words[0] === 'help') return { kind: 'help', topic: 'mute' };
  const { cluster: _, ...foreign } = options;
  if (Object.keys(foreign).length > 0)
    throw new UsageError('A mute takes only the option `--cluster NAME`: leave out the others.');
  const { place, end } = splitEnd(words);
  const [typed, ...places] = place;
  if (typed === undefined) return missing('what');
  const code = knownCode(typed, vocabulary);
  const where = placeOf(places);
  if (end === undefined) return missing('end');
  const because = Array.from(spaced(reason)).slice(0, longestReason).join('');
  if (because === '') return missing('reason');
  return { kind: 'mute', code, cluster: cluster(options), ...where, end, because };
}

function spaced(reason: string): string {
  return plain(reason)
    .replaceAll(/[\s\p{C}]+/gu, ' ')
    .trim();
}

/** What begins with `mutes` or `unmute`. */
export function mutesCommand(word: string, rest: readonly string[]): Command {
  if (word === 'unmute') return { kind: 'unmute', id: onlyId('unmute', '', rest) };
  if (rest.length > 0) throw new UsageError('Type `/mesh mutes` alone: it shows what is muted, and until when.');
  return { kind: 'mutes' };
}

/** In one spelling, without `/mesh`. */
export function muteCommandText(command: MuteCommand, { clusters }: Pick<Vocabulary, 'clusters'>): string {
  if (command.kind === 'mutes') return 'mutes';
  if (command.kind === 'unmute') return `unmute ${command.id}`;
  const { code, namespace, workload, cluster, end, because } = command;
  const place = workload === undefined ? namespace : `${namespace}/${workload}`;
  const where = clusters.length > 1 ? ` --cluster ${cluster}` : '';
  return `mute ${code} ${place} for ${end}${where} because ${because}`;
}

function splitEnd(words: readonly string[]): { readonly place: readonly string[]; readonly end?: string } {
  const at = words.findIndex((word, index) => index > 0 && /^(?:for|until)$/i.test(word));
  if (at !== -1) {
    const end = words.slice(at + 1).join(' ');
    return { place: words.slice(0, at), ...(end !== '' && { end }) };
  }
  const last = words.at(-1) ?? '';
  return /^(?:\d+[hdw]|\d{4}-\d{2}-\d{2})$/i.test(last) ? { place: words.slice(0, -1), end: last } : { place: words };
}

function placeOf([first, second, more]: readonly string[]): { namespace: string; workload?: string } {
  if (first === undefined) return missing('place');
  const [namespace = '', joined, ...parts] = first.split('/');
  const workload = joined ?? second;
  if (parts.length > 0 || more !== undefined || (joined !== undefined && second !== undefined)) {
    throw new UsageError(
      `A mute is of one namespace, or of one workload in it. Type it like \`/mesh ${muteExample}\`, or with \`bookinfo/reviews-v1\`.`,
    );
  }
  return {
    namespace: labelName('namespace', namespace),
    ...(workload !== undefined && { workload: subdomainName('workload', workload) }),
  };
}

function knownCode(typed: string, { topics }: Vocabulary): string {
  const code = typed.toLowerCase();
  const codes = [...new Set(topics.flatMap((topic) => topic.codes ?? []))];
  if (codes.includes(code)) return code;
  const [near] = nearest(code.slice(0, 64), codes);
  const meant = near === undefined ? '`/mesh help mute` lists the codes.' : `Did you mean \`${near}\`?`;
  throw new UsageError(`I don't know a finding with the code ${said(typed)}. ${meant}`);
}

function missing(part: 'what' | 'place' | 'end' | 'reason'): never {
  const says = {
    what: 'Say which finding to mute, where, until when, and why.',
    place: 'Say in which namespace to mute it.',
    end: 'Say until when: a mute ends by itself.',
    reason: 'Say why, after `because`: others will ask.',
  };
  throw new UsageError(`${says[part]} For example \`/mesh ${muteExample}\`.`);
}
