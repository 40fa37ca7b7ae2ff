import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Sample, samplesOf } from '../../src/mesh/exposition.ts';
import { SourceError } from '../../src/model/sources.ts';

const wanted = new Set(['calls_total']);
const read = (text: string) => samplesOf(text, wanted);

/** As the format's description has it. */
function written({ name, labels, value }: Sample): string {
  const escaped = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`);
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${String(value).replace('Infinity', 'Inf')}`;
}

const sample: fc.Arbitrary<Sample> = fc
  .tuple(fc.dictionary(fc.stringMatching(/^[a-z]\w{0,8}$/), fc.string({ unit: 'binary' })), fc.double())
  .map(([labels, value]) => ({ name: 'calls_total', labels: { ...labels }, value: value + 0 }));
const noise = fc.constantFrom(
  '',
  '# HELP calls_total Calls.',
  '# TYPE calls_total counter',
  'calls_total_sum{ 1',
  'x 1',
);

describe('metrics in the text format', () => {
  it('are read as they were written, whatever stands in labels and between them', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(sample, noise)), (lines) => {
        const text = lines.map(([one, other]) => `${other}\n${written(one)}\n`).join('');
        assert.deepEqual(
          read(text),
          lines.map(([one]) => one),
        );
      }),
    );
  });

  it('are known by their whole name', () => {
    assert.deepEqual(read('calls_total_created 1\nother_calls_total 2\nCalls_total 3\n'), []);
  });

  for (const [line, labels, value] of [
    ['calls_total 3', {}, 3],
    ['calls_total{} 1.5e3', {}, 1500],
    ['calls_total{a="1",} 2 1796212800123', { a: '1' }, 2],
    ['calls_total { a = "1" , b = "" } +Inf', { a: '1', b: '' }, Number.POSITIVE_INFINITY],
    ['calls_total{a="}\\" 9 #"} -Inf', { a: '}" 9 #' }, Number.NEGATIVE_INFINITY],
    ['calls_total{a="b"} NaN', { a: 'b' }, Number.NaN],
    ['calls_total{a="b"} 1 # {trace_id="x"} 0.5 1', { a: 'b' }, 1],
  ] as const) {
    it(`are read from ${line}`, () => {
      assert.deepEqual(read(line), [{ name: 'calls_total', labels, value }]);
    });
  }

  for (const line of [
    'calls_total',
    'calls_total{a="b" 1',
    'calls_total{a="b}',
    'calls_total{a=b} 1',
    'calls_total{a="b"} many',
    'calls_total{a="b"} 0x',
    'calls_total{a="b"} 1 2 3',
  ]) {
    it(`are refused where one is ${line}`, () => {
      assert.throws(
        () => read(line),
        (error) => error instanceof SourceError && error.reason === 'invalid',
      );
    });
  }
});
