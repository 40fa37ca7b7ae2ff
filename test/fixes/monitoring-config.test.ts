import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { withUserWorkload } from '../../src/fixes/monitoring-config.ts';

const on = 'enableUserWorkload: true';
const quoted = '"enableUserWorkload": true';

describe('the text of config.yaml', () => {
  const changes: readonly (readonly [string, string, string])[] = [
    ['nothing', '', `${on}\n`],
    ['comments alone', '# mine\n', `# mine\n${on}\n`],
    ['comments alone, without a line end', '# mine', `# mine\n${on}\n`],
    ['an empty line', '\n', `\n${on}\n`],
    ['a document marker', '---\n', `---\n${on}\n`],
    ['a document marker without a line end', '---', `---\n${on}\n`],
    ['both markers', '---\n...\n', `---\n${on}\n...\n`],
    ['settings', 'a: 1\n', `a: 1\n${on}\n`],
    ['settings without a line end', 'a: 1', `a: 1\n${on}\n`],
    ['a comment at the end', 'a: 1\n# tail', `a: 1\n# tail\n${on}\n`],
    ['an indented comment at the end', 'a:\n  b: 1\n  # tail\n', `a:\n  b: 1\n  # tail\n${on}\n`],
    ['an end marker and what follows it', 'a: 1\n...\n# tail\n', `a: 1\n${on}\n...\n# tail\n`],
    ['an empty flow map', '{}', `{${quoted}}`],
    ['a flow map', '{a: 1, b: [2]} # x\n', `{${quoted}, a: 1, b: [2]} # x\n`],
    ['a flow map over lines', '{\n  a: 1,\n}\n', `{${quoted}, \n  a: 1,\n}\n`],
    ['JSON', '{"a": 1}', `{${quoted}, "a": 1}`],
    ['an anchored flow map', '&a {}\n', `&a {${quoted}}\n`],
    ['an indented map', '  a: 1\n  b: 2\n', `  a: 1\n  b: 2\n  ${on}\n`],
    ['lines that end as in DOS', 'a: 1\r\nb: 2\r\n', `a: 1\r\nb: 2\r\n${on}\r\n`],
    ['a block text at the end', 'a: |\n  x\n', `a: |\n  x\n${on}\n`],
    ['a block text that keeps its end', 'a: |+\n  x\n\n', `a: |+\n  x\n\n${on}\n`],
    ['a block text without a line end', 'a: |+\n  x', `${on}\na: |+\n  x`],
    ['the setting, false', 'a: 1\nenableUserWorkload: false\nb: 2\n', `a: 1\n${on}\nb: 2\n`],
    ['the setting with a comment', 'enableUserWorkload:   false   # later\n', 'enableUserWorkload:   true   # later\n'],
    ['the setting in a flow map', '{a: 1, enableUserWorkload: FALSE}', '{a: 1, enableUserWorkload: true}'],
    ['the setting in quotes', '"enableUserWorkload": false\n', '"enableUserWorkload": true\n'],
    ['the setting at the very end', 'enableUserWorkload: false', 'enableUserWorkload: true'],
    ['the setting with a tag', 'enableUserWorkload: !!bool false\n', 'enableUserWorkload: !!bool true\n'],
    [
      'a setting of that name further in',
      'a:\n  enableUserWorkload: false\n',
      `a:\n  enableUserWorkload: false\n${on}\n`,
    ],
    ['anchors and aliases', 'a: &x {b: 1}\nc: *x\n', `a: &x {b: 1}\nc: *x\n${on}\n`],
    ['a byte order mark', '\uFEFFa: 1\n', `\uFEFFa: 1\n${on}\n`],
    ['a text that looks like it', 'a: |\n  enableUserWorkload: false\n', `a: |\n  enableUserWorkload: false\n${on}\n`],
  ];
  for (const [name, before, after] of changes) {
    it(`with ${name} keeps every other byte`, () => assert.equal(withUserWorkload(before), after));
  }

  const refused: readonly (readonly [string, string])[] = [
    ['the setting on', `${on}\n`],
    ['two documents', 'a: 1\n---\nb: 2\n'],
    ['a second document that is empty', 'a: 1\n---\n'],
    ['broken YAML', 'a: "x\n'],
    ['a key twice', 'a: 1\na: 2\n'],
    ['the setting twice', 'enableUserWorkload: false\nenableUserWorkload: false\n'],
    ['a list', '- a\n'],
    ['a text', 'enableUserWorkload\n'],
    ['null', 'null\n'],
    ['the setting as text', 'enableUserWorkload: "false"\n'],
    ['the setting as YAML 1.1 has it', 'enableUserWorkload: no\n'],
    ['the setting without a value', 'enableUserWorkload:\n'],
    ['the setting as a map', 'enableUserWorkload: {}\n'],
    ['the setting by an alias', 'a: &x false\nenableUserWorkload: *x\n'],
    ['others that follow the setting', 'enableUserWorkload: &x false\nb: *x\n'],
    ['another letter case', 'enableuserworkload: false\n'],
    ['a merge', 'a: &x {b: 1}\n<<: *x\n'],
    ['an alias to nowhere', 'a: *x\n'],
    ['many aliases', `a: &x 1\nb: [${Array.from({ length: 30 }, () => '*x').join()}]\n`],
    ['a dollar sign before it', `$${on}: x\n`],
  ];
  for (const [name, text] of refused) {
    it(`with ${name} is not touched`, () => {
      const given = withUserWorkload(text);
      assert.ok(typeof given !== 'string', JSON.stringify(given));
    });
  }

  it('of eight settings with comments changes in one line alone', () => {
    const before = eightSettings;
    const after = withUserWorkload(before);
    assert.equal(after, `${before}${on}\n`);
    assert.equal(
      withUserWorkload(before.replace('  # grafana:', '  enableUserWorkload: false\n  # grafana:')),
      `${before.replace('  # grafana:', '  enableUserWorkload: false\n  # grafana:')}${on}\n`,
    );
    const off = before.replace('http: {}', 'enableUserWorkload: false # not yet\nhttp: {}');
    assert.equal(withUserWorkload(off), off.replace('enableUserWorkload: false', on));
  });

  it('of any settings and comments keeps every byte and says the same', () => {
    fc.assert(
      fc.property(anyText, (before) => {
        const after = withUserWorkload(before);
        assert.ok(typeof after === 'string', JSON.stringify(after));
        const { enableUserWorkload, ...others } = parse(after);
        const { enableUserWorkload: _, ...same } = parse(before) ?? {};
        assert.equal(enableUserWorkload, true);
        assert.deepEqual(others, same);
        assert.equal(parseAllDocuments(after).length, 1);
        assert.ok(isOneEdit(before, after), JSON.stringify({ before, after }));
        assert.ok(typeof withUserWorkload(after) !== 'string', 'what is done is not done again');
      }),
      { numRuns: 500 },
    );
  });

  it('of any text at all is left alone, or loses nothing', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), noise), (before) => {
        const after = withUserWorkload(before);
        if (typeof after === 'string') assert.ok(isOneEdit(before, after), JSON.stringify({ before, after }));
      }),
      { numRuns: 2_000 },
    );
  });
});

/** What is not common to both ends of the texts is the value, or the added line. */
function isOneEdit(before: string, after: string): boolean {
  let start = 0;
  while (start < before.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < before.length - start && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  const removed = before.slice(start, before.length - end);
  return removed === '' || 'false'.includes(removed.toLowerCase());
}

const values = fc.oneof(
  fc.boolean(),
  fc.integer(),
  fc.string(),
  fc.array(fc.string(), { maxLength: 3 }),
  fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.oneof(fc.string(), fc.integer()), { maxKeys: 3 }),
);
const settings = fc.dictionary(fc.stringMatching(/^[a-z][A-Za-z0-9]{0,12}$/), values, { maxKeys: 8 });
const comment = fc.stringMatching(/^# [ -~]{0,20}$/);
const anyText = fc
  .record({
    given: settings,
    off: fc.boolean(),
    comments: fc.array(comment, { minLength: 1, maxLength: 3 }),
    start: fc.constantFrom('', '---\n'),
    eol: fc.constantFrom('\n', '\r\n'),
    isCut: fc.boolean(),
  })
  .map(({ given, off, comments, start, eol, isCut }) => {
    const keys = Object.entries({ ...given, ...(off && { enableUserWorkload: false }) });
    const blocks = keys.map(
      ([key, value], index) => `${comments[index % comments.length]}\n${stringify({ [key]: value })}`,
    );
    const text = `${start}${blocks.join('')}${comments[0]}\n`;
    // Lines inside of texts are as they are: only where nothing spans lines may their ends be others.
    const lines = /[|>]/.test(text) ? text : text.replaceAll('\n', eol);
    return isCut ? lines.replace(/\r?\n$/, '') : lines;
  });
const noise = fc
  .array(
    fc.constantFrom(
      'a: 1',
      '- b',
      '...',
      '---',
      '{',
      '}',
      'enableUserWorkload: false',
      '  ',
      '\n',
      '# c',
      ': |',
      '&x',
      '*x',
      "'",
      '"',
      '\t',
      'c:',
    ),
    {
      maxLength: 12,
    },
  )
  .map((parts) => parts.join(''));

const eightSettings = `# Owned by the platform team.
enforcedBodySizeLimit: 40MB   # per target

prometheusK8s:
  retention: 11d              # as agreed
  volumeClaimTemplate:
    spec:
      storageClassName: fast
      resources: {requests: {storage: "100Gi"}}
  remoteWrite:
  - url: 'https://metrics.example.com/api/v1/write'
    writeRelabelConfigs:
      - action: keep
        regex: |
          up
          # not a comment
alertmanagerMain: {nodeSelector: {node-role.kubernetes.io/infra: ""}}
telemeterClient:
    telemeterServerURL: https://infogw.example.com

kubeStateMetrics: &infra
  nodeSelector:
    node-role.kubernetes.io/infra: ""
openshiftStateMetrics: *infra
thanosQuerier:
  # grafana: long gone
  logLevel: debug
http: {}
`;
