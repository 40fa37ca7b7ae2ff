import { nearest } from '../../model/nearest.ts';
import { UsageError } from '../../model/sources.ts';
import { said, type Word } from './words.ts';

export interface Options {
  readonly cluster?: string;
  readonly from?: readonly string[];
  readonly help?: true;
  readonly strictReady?: true;
}

interface Parsed {
  readonly words: readonly string[];
  readonly options: Options;
}

const examples: Readonly<Record<string, string>> = { cluster: 'prod', from: 'web,jobs', help: '', 'strict-ready': '' };
const known = Object.keys(examples);
const flags: readonly string[] = ['help', 'strict-ready'];

/** Takes `--name value` and `--name=value` out of the words, wherever they stand. */
export function optionsOf(words: readonly Word[]): Parsed {
  const plain: string[] = [];
  const given = new Map<string, string>();
  let at = 0;
  while (at < words.length) {
    const word = words[at];
    at += 1;
    if (word === undefined) continue;
    const option = optionIn(word);
    if (option === undefined) {
      plain.push(word.text);
      continue;
    }
    const name = knownName(option.name, words[at]?.text);
    if (given.has(name)) throw new UsageError(`\`--${name}\` is given twice. Give it once.`);
    const takesNext = !flags.includes(name) && option.value === undefined;
    given.set(name, option.value ?? (takesNext ? valueAfter(name, words[at]) : ''));
    if (takesNext) at += 1;
  }
  return { words: plain, options: optionsFrom(given) };
}

/** Phones turn two hyphens into one long dash. */
function optionIn({ text, quoted }: Word): { readonly name: string; readonly value?: string } | undefined {
  if (quoted) return undefined;
  const match = /^(?:--|[–—]|-)([^=]*)(?:=(.*))?$/u.exec(text);
  if (match === null) return undefined;
  const [, name = '', value] = match;
  return { name, ...(value !== undefined && { value }) };
}

function knownName(typed: string, next: string | undefined): string {
  const name = typed.toLowerCase();
  if (known.includes(name)) return name;
  if (name === 'h') return 'help';
  if (name === 'n' || name === 'namespace') {
    const place = /^[a-z0-9][-a-z0-9]{0,62}$/.test(next ?? '') ? next : 'bookinfo';
    throw new UsageError(`Type the namespace without \`-n\`, for example \`/mesh mtls ${place}\`.`);
  }
  const [near] = nearest(name.slice(0, 64), known);
  const meant =
    near === undefined
      ? 'I know `--cluster NAME`, `--from NAMESPACE,…` and `--strict-ready`.'
      : `Did you mean \`--${near}\`?`;
  throw new UsageError(`I don't know the option ${said(`--${typed}`)}. ${meant}`);
}

function valueAfter(name: string, next: Word | undefined): string {
  if (next === undefined || optionIn(next) !== undefined) {
    throw new UsageError(`\`--${name}\` needs a value: \`--${name} ${examples[name]}\`.`);
  }
  return next.text;
}

function optionsFrom(given: ReadonlyMap<string, string>): Options {
  const { cluster, from: callers, help } = Object.fromEntries(given);
  const from = callers?.split(',').map((name) => name.trim());
  if (from !== undefined && from.length > 20) {
    throw new UsageError(`\`--from\` names ${from.length} namespaces. I look at most at 20; ask in several questions.`);
  }
  return {
    ...(cluster !== undefined && { cluster }),
    ...(from !== undefined && { from: Array.from(new Set(from)) }),
    ...(help !== undefined && { help: true as const }),
    ...(given.has('strict-ready') && { strictReady: true as const }),
  };
}
