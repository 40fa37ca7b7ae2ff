import type { Verdict } from './verdict.ts';

/** More sentences than this tell nobody anything. */
const enough = 6;

/** One verdict for everything that may happen to a call: where it may work and may fail, it is unknown. */
export function fold(verdicts: readonly Verdict[]): Verdict {
  const [first, ...rest] = verdicts;
  if (first === undefined) return unheard;
  if (rest.length === 0) return first;
  const outcomes = new Set(verdicts.map(({ outcome }) => outcome));
  const sentences = [...new Set(verdicts.flatMap(({ because }) => because))];
  const differs = outcomes.size > 1 ? [difference(verdicts)] : [];
  return {
    outcome: outcomes.size === 1 ? first.outcome : 'unknown',
    wire: same(verdicts.map(({ wire }) => wire)) ?? 'unknown',
    demanded: either(verdicts.map(({ demanded }) => demanded)),
    sent: either(verdicts.map(({ sent }) => sent)),
    because: [...differs, ...sentences].slice(0, enough),
  };
}

const unheard: Verdict = { outcome: 'unknown', wire: 'unknown', demanded: 'unknown', sent: 'unknown', because: [] };

function difference(verdicts: readonly Verdict[]): string {
  const count = (outcome: Verdict['outcome']) => verdicts.filter((one) => one.outcome === outcome).length;
  return `of ${verdicts.length} ways that a call may go, ${count('works')} work and ${count('fails')} fail`;
}

function same<T>(values: readonly T[]): T | undefined {
  return new Set(values).size === 1 ? values[0] : undefined;
}

function either(values: readonly string[]): string {
  return [...new Set(values)].join(' or ');
}
