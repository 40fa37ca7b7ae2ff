import type { Command } from '../../model/command.ts';
import { describeFixTarget, type Fix, type FixTarget } from '../../model/fix.ts';
import { nearest } from '../../model/nearest.ts';
import { UsageError } from '../../model/sources.ts';
import { labelName, subdomainName } from './names.ts';
import type { Options } from './options.ts';
import { Suggestion } from './suggestion.ts';
import { plain, said } from './words.ts';

/** A fix as far as the grammar and the help need it. */
export interface FixHelp extends Pick<Fix, 'id' | 'does' | 'scope'> {
  /** A whole command without `/mesh`: `fix require-mtls bookinfo`. */
  readonly example: string;
}

export type FixCommand = Extract<Command, { readonly kind: 'fix' }>;

/** The words that begin a command about fixes. */
export const verbs: readonly string[] = ['fix', 'freeze', 'unfreeze', 'audit'];

const longestReason = 300;

/** Reads an emergency stop as forgivingly as it can: whatever follows the word is the reason, quotes and dashes included. */
export function freezeCommand(typed: string): Command | undefined {
  const match = /^\s*freeze(?:\s+(.*))?$/is.exec(typed);
  return match === null ? undefined : freezeFor(match[1] ?? '');
}

function freezeFor(words: string): Command {
  const reason = plain(words)
    .replaceAll(/[\s\p{C}]+/gu, ' ')
    .trim()
    .replace(/^(?:because|as|for|since)(?: |$)/i, '');
  if (/^(?:--help|-h|help)$/i.test(reason)) return { kind: 'help', topic: 'fix' };
  const shown = Array.from(reason).slice(0, longestReason).join('');
  return { kind: 'freeze', ...(shown !== '' && { because: shown }) };
}

interface Known {
  readonly fixes: readonly FixHelp[];
  readonly clusters: readonly string[];
}

/** What the words about fixes stand for; nothing for a word that is none of them. */
export function verbCommand(
  [word, ...rest]: readonly string[],
  options: Options,
  known: Known,
  cluster: () => string,
): Command | undefined {
  if (word === 'freeze') return freezeFor(rest.join(' '));
  if (word === 'fix') return fixCommand(rest, options, known, cluster);
  if (word === 'unfreeze') return unfreezeCommand(rest);
  return word === 'audit' ? auditCommand(rest) : undefined;
}

function unfreezeCommand(words: readonly string[]): Command {
  if (words.length > 0) throw new UsageError('Type `/mesh unfreeze` alone: it lets all writes go on.');
  return { kind: 'unfreeze' };
}

/** `audit`, `audit p7f3a09`. */
function auditCommand([typed, second]: readonly string[]): Command {
  if (typed === undefined) return { kind: 'audit' };
  const plan = typed.toLowerCase().replace(/…$/, '');
  if (second !== undefined || !/^p[0-9a-f]{6,20}$/.test(plan)) {
    throw new UsageError(
      `${said(second === undefined ? typed : `${typed} ${second}`)} is not the id of a plan. It stands on its card: \`/mesh audit p7f3a09\`.`,
    );
  }
  return { kind: 'audit', plan };
}

/** `fix`, or `fix FIX PLACE` with as much of a place as the fix's scope asks for. */
function fixCommand(words: readonly string[], options: Options, known: Known, cluster: () => string): Command {
  const [typed, ...places] = words;
  const { cluster: _, ...foreign } = options;
  const [option] = Object.keys(foreign);
  if (option !== undefined) {
    const name = option === 'strictReady' ? 'strict-ready' : option;
    throw new UsageError(
      `\`--${name}\` is for questions. A fix takes only \`--cluster NAME\`: leave \`--${name}\` out.`,
    );
  }
  if (typed === undefined) return { kind: 'fixes' };
  const fix = known.fixes.find(({ id }) => id === typed.toLowerCase());
  if (fix === undefined) throw unknownFix(typed, places, known, cluster);
  return { kind: 'fix', fix: fix.id, target: targetOf(fix, places, cluster()) };
}

/** In one spelling, without `/mesh`. */
export function fixCommandText({ fix, target }: Omit<FixCommand, 'kind'>, clusters: readonly string[]): string {
  const place = target.namespace === undefined ? [] : [describeFixTarget(target)];
  return ['fix', fix, ...place, ...(clusters.length > 1 ? ['--cluster', target.cluster] : [])].join(' ');
}

function unknownFix(typed: string, places: readonly string[], known: Known, cluster: () => string): UsageError {
  const ids = known.fixes.map(({ id }) => id);
  const [near] = nearest(typed.slice(0, 64), ids);
  const fix = known.fixes.find(({ id }) => id === near);
  const unknown = `I don't know a fix ${said(typed)}.`;
  if (fix === undefined) return new UsageError(`${unknown} Type \`/mesh fix\` for what there is.`);
  try {
    const target = targetOf(fix, places, cluster());
    const command = fixCommandText({ fix: fix.id, target }, known.clusters);
    return new Suggestion(`${unknown} Did you mean \`/mesh ${command}\`?`, command);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return new UsageError(`${unknown} Did you mean \`/mesh ${fix.example}\`?`);
  }
}

function targetOf({ id, scope, example }: FixHelp, places: readonly string[], cluster: string): FixTarget {
  const [place, second] = places;
  const usage = `Type it like \`/mesh ${example}\`.`;
  if (scope === 'cluster') {
    if (place === undefined) return { cluster };
    throw new UsageError(`\`${id}\` is of the whole cluster: leave out ${said(places.join(' '))}. ${usage}`);
  }
  if (place === undefined || second !== undefined) {
    const wanted = scope === 'namespace' ? 'one namespace' : 'one namespace and the name of one object in it';
    throw new UsageError(`\`${id}\` needs ${wanted}. ${usage}`);
  }
  const [namespace = '', name, ...more] = place.split('/');
  if (more.length > 0 || (name === undefined) !== (scope === 'namespace')) {
    const wanted = scope === 'namespace' ? 'of a whole namespace' : 'of one object: NAMESPACE/NAME';
    throw new UsageError(`\`${id}\` is ${wanted}, and ${said(place)} is not. ${usage}`);
  }
  return {
    cluster,
    namespace: labelName('namespace', namespace),
    ...(name !== undefined && { name: subdomainName('object', name) }),
  };
}
