import { SourceError } from '../model/sources.ts';

/** One line of what a program serves to Prometheus. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** May be NaN or infinite. */
  readonly value: number;
}

const metricName = /^[a-zA-Z_:][\w:]*/;
const label = /\s*([a-zA-Z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,|(?=\}))/y;
const labelsEnd = /\s*\}/y;
/** The value, and what is of no use here: a timestamp, and an exemplar as OpenMetrics has it. */
const rest = /^\s*(\S+)(?:\s+-?\d+(?:\.\d+)?)?\s*(?:#.*)?$/;

/**
 * The samples of these metrics; lines of others are passed over unread, for there are thousands of them.
 *
 * @throws SourceError where a line of one of them is not of the text format.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function samplesOf(text: string, names: ReadonlySet<string>): readonly Sample[] {
  return text.split('\n').flatMap((line) => {
    const [name = ''] = metricName.exec(line) ?? [];
    return names.has(name) ? [sampleOf(name, line)] : [];
  });
}

function sampleOf(name: string, line: string): Sample {
  const { labels, end } = labelsFrom(line, name.length);
  const [, value] = rest.exec(line.slice(end)) ?? [];
  if (value === undefined) throw malformed(line);
  return { name, labels, value: numberOf(value, line) };
}

function labelsFrom(line: string, start: number): { readonly labels: Sample['labels']; readonly end: number } {
  const open = /^\s*\{/.exec(line.slice(start));
  if (open === null) return { labels: {}, end: start };
  const labels = new Map<string, string>();
  let end = start + open[0].length;
  for (let found = at(label, line, end); found !== null; found = at(label, line, end)) {
    const [whole, name = '', value = ''] = found;
    labels.set(
      name,
      value.replace(/\\(.)/g, (_, escaped) => (escaped === 'n' ? '\n' : escaped)),
    );
    end += whole.length;
  }
  const close = at(labelsEnd, line, end);
  if (close === null) throw malformed(line);
  return { labels: Object.fromEntries(labels), end: end + close[0].length };
}

function at(pattern: RegExp, line: string, index: number): RegExpExecArray | null {
  pattern.lastIndex = index;
  return pattern.exec(line);
}

function numberOf(value: string, line: string): number {
  if (/^nan$/i.test(value)) return Number.NaN;
  const [, sign = '', infinite] = /^([+-]?)(?:(inf(?:inity)?)|[\d.].*)$/i.exec(value) ?? [];
  const number = Number(infinite === undefined ? value : `${sign}Infinity`);
  if (Number.isNaN(number)) throw malformed(line);
  return number;
}

function malformed(line: string): SourceError {
  return new SourceError('invalid', `Its metrics are not in the text format of Prometheus: ${line.slice(0, 120)}`);
}
