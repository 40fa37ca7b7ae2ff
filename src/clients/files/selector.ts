import { UsageError } from '../../model/sources.ts';

type Labels = Readonly<Record<string, string>>;

/**
 * Reads a label selector as the API server does: `app=web,tier!=db,env in (a,b),!legacy`.
 *
 * @throws UsageError
 */
export function parseSelector(text: string | undefined): (labels: Labels | undefined) => boolean {
  const parts = (text ?? '').split(/,(?![^(]*\))/).map((part) => part.trim());
  const terms = parts.filter((part) => part !== '').map(parseTerm);
  return (labels) => terms.every((term) => term(labels ?? {}));
}

function parseTerm(term: string): (labels: Labels) => boolean {
  const [, set, word, list = ''] = /^([\w./-]+)\s+(in|notin)\s+\(([^()]*)\)$/.exec(term) ?? [];
  if (set !== undefined) {
    const values = list.split(',').map((value) => value.trim());
    return (labels) => (labels[set] !== undefined && values.includes(labels[set])) === (word === 'in');
  }
  const [, key, operator, value = ''] = /^([\w./-]+)\s*(==|=|!=)\s*([\w.-]*)$/.exec(term) ?? [];
  if (key !== undefined) return (labels) => (labels[key] === value) === (operator !== '!=');
  const [, not, name] = /^(!?)\s*([\w./-]+)$/.exec(term) ?? [];
  if (name !== undefined) return (labels) => (labels[name] !== undefined) === (not === '');
  throw new UsageError(`"${term}" is not a label selector. Write key=value, key!=value, key, !key, or key in (a,b).`);
}
