import { type Alias, type Document, isMap, isScalar, parseAllDocuments, visit, type YAMLMap } from 'yaml';
import type { Refusal } from '../model/fix.ts';

const key = 'enableUserWorkload';
/** More may unfold to more than can be compared. */
const mostAliases = 20;
const byHand = 'Mend it by hand first: oc edit configmap cluster-monitoring-config -n openshift-monitoring.';

/**
 * The text of `config.yaml` with `enableUserWorkload: true`. It may hold the whole set-up of monitoring, so all but that
 * one value stays as it is, to the byte. Refuses what cannot be understood without doubt.
 */
export function withUserWorkload(text: string): string | Refusal {
  const documents: readonly Document.Parsed[] = Array.from(parseAllDocuments(text));
  const [document] = documents;
  if (documents.length > 1) return unclear(`it holds ${documents.length} YAML documents`);
  const problem = document && problemOf(document);
  if (problem !== undefined) return unclear(problem);
  const settings = document !== undefined && isMap(document.contents) ? document.contents : undefined;
  const pair = settings?.items.find((one) => isScalar(one.key) && one.key.value === key);
  if (pair === undefined)
    return firstFaithful(additions(text, settings), document) ?? unclear('it is of a form I do not know');
  const { value } = pair;
  if (!isScalar(value) || typeof value.value !== 'boolean' || !value.range) {
    return unclear(`${key} is neither true nor false`);
  }
  if (value.value)
    return { refused: 'User-workload monitoring is switched on already.', next: 'See how it is: /mesh uwm.' };
  const [start, end] = value.range;
  const replaced = `${text.slice(0, start)}true${text.slice(end)}`;
  return firstFaithful([replaced], document) ?? unclear('other settings take their value from that one');
}

/** Why this document cannot be changed without doubt. */
function problemOf(document: Document.Parsed): string | undefined {
  const [error] = document.errors;
  const { contents } = document;
  if (error !== undefined) return `it is not valid YAML in line ${error.linePos?.[0].line ?? '?'} (${error.code})`;
  if (isScalar(contents) && contents.value === null && contents.source === '') return undefined;
  if (!isMap(contents)) return 'it is no mapping of settings';
  const aliases = aliasesOf(document);
  if (aliases.some((alias) => alias.resolve(document) === undefined)) return 'an alias in it leads nowhere';
  if (aliases.length > mostAliases) return `it has ${aliases.length} aliases`;
  const keys = contents.items.map((one) => (isScalar(one.key) ? String(one.key.value) : ''));
  if (keys.includes('<<')) return 'it merges settings from elsewhere (<<)';
  const other = keys.find((one) => one !== key && one.toLowerCase() === key.toLowerCase());
  return other === undefined ? undefined : `it has the key ${other}, which older versions take for ${key}`;
}

function aliasesOf(document: Document.Parsed): readonly Alias[] {
  const found: Alias[] = [];
  visit(document, {
    Alias: (_, alias) => {
      found.push(alias);
    },
  });
  return found;
}

/** Where the setting can be added, best first: at the end, or, where the end belongs to a value, at the beginning. */
function additions(text: string, settings: YAMLMap | undefined): readonly string[] {
  const line = `${key}: true`;
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const [start = 0] = settings?.range ?? [];
  if (settings?.flow === true) {
    // Up to OpenShift 4.16 what begins with a brace is read as JSON.
    const entry = `"${key}": true`;
    return [insert(text, start + 1, settings.items.length === 0 ? entry : `${entry}, `)];
  }
  const indent = text.slice(text.lastIndexOf('\n', start - 1) + 1, start).replace(/^\uFEFF/, '');
  const margin = settings === undefined || indent.trim() !== '' ? '' : indent;
  // `...` at the beginning of a line ends a document, whatever it stands in.
  const end = /^\.\.\.(?=\s|$)/m.exec(text)?.index ?? text.length;
  const before = text.slice(0, end);
  const isAtLineStart = before === '' || before.endsWith('\n') || before === '\uFEFF';
  const atEnd = insert(text, end, `${isAtLineStart ? '' : eol}${margin}${line}${eol}`);
  if (settings === undefined) return [atEnd];
  const atStart = insert(text, start, `${line}${eol}${margin}`);
  return !isAtLineStart && endsInBlockText(settings, end) ? [atStart] : [atEnd, atStart];
}

/** A line end added there would be one of the value. */
function endsInBlockText(settings: YAMLMap, end: number): boolean {
  let last = false;
  visit(settings, {
    Scalar: (_, { type, range }) => {
      last ||= (type === 'BLOCK_LITERAL' || type === 'BLOCK_FOLDED') && range?.[1] === end;
    },
  });
  return last;
}

function insert(text: string, at: number, added: string): string {
  return text.slice(0, at) + added + text.slice(at);
}

/** The first text that says the same as the original, and that the setting is true. */
function firstFaithful(texts: readonly string[], original: Document.Parsed | undefined): string | undefined {
  const before = JSON.stringify(others(original));
  return texts.find((text) => {
    const [after, ...more] = Array.from<Document.Parsed>(parseAllDocuments(text));
    if (after === undefined || more.length > 0 || after.errors.length > 0) return false;
    return after.get(key) === true && JSON.stringify(others(after)) === before;
  });
}

/** Every other setting. */
function others(document: Document.Parsed | undefined): readonly unknown[] {
  return Object.entries(document?.toJS() ?? {}).filter(([name]) => name !== key);
}

function unclear(why: string): Refusal {
  return {
    refused: `I do not change config.yaml of ConfigMap openshift-monitoring/cluster-monitoring-config: ${why}.`,
    next: byHand,
  };
}
