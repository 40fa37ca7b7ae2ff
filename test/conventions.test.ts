import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { checks } from '../src/checks/index.ts';
import { fixes } from '../src/fixes/index.ts';
import { topics } from '../src/topics/index.ts';

const headings = ['What it tells you', 'How it decides', 'What to do', 'Limits'];

describe('conventions: checks', () => {
  it('are all registered, sorted by id', () => {
    const files = globSync('src/checks/*.ts').map((file) => path.basename(file, '.ts'));
    assert.deepEqual(
      checks.map(({ id }) => id),
      files.filter((name) => name !== 'index').sort(),
    );
  });

  for (const { id, codes, title } of checks) {
    const page = `docs/checks/${id}.md`;

    it(`${id} has a test`, () => {
      assert.ok(existsSync(`test/checks/${id}.test.ts`));
    });

    it(`${id} has a page with its title, its codes and the usual headings`, () => {
      const text = readFileSync(page, 'utf8');
      assert.match(text, new RegExp(`^# ${title}\\n`));
      assert.deepEqual(
        Array.from(text.matchAll(/^## (.+)$/gm), ([, heading]) => heading),
        headings,
      );
      for (const [code, { severity }] of Object.entries(codes)) {
        assert.ok(text.includes(`| \`${code}\` | ${severity} |`), `${page} does not list ${code} as ${severity}`);
      }
    });

    it(`${id} has every code asserted in its test`, () => {
      const text = readFileSync(`test/checks/${id}.test.ts`, 'utf8');
      for (const [code, { severity }] of Object.entries(codes)) {
        assert.ok(text.includes(`${severity} ${code} `), `no test expects "${severity} ${code}"`);
      }
    });
  }
});

const fixHeadings = [
  'What it changes',
  'What follows',
  'When it refuses',
  'How it is verified',
  'How it is undone',
  'Rights',
  'Limits',
];

describe('conventions: fixes', () => {
  it('are all registered, sorted by id', () => {
    const files = globSync('src/fixes/*.ts').filter((file) =>
      /^export const .*defineFix\(/m.test(readFileSync(file, 'utf8')),
    );
    assert.deepEqual(
      fixes.map(({ id }) => id),
      files.map((file) => path.basename(file, '.ts')).sort(),
    );
  });

  it('are all in the list of the docs', () => {
    const text = readFileSync('docs/fixes/README.md', 'utf8');
    assert.deepEqual(
      Array.from(text.matchAll(/^\| \[([a-z-]+)\]\(\1\.md\)/gm), ([, id]) => id),
      fixes.map(({ id }) => id),
    );
  });

  for (const { id, title, rights, scope, verify } of fixes) {
    it(`${id} has a test`, () => {
      assert.ok(existsSync(`test/fixes/${id}.test.ts`));
    });

    it(`${id} has a page with its title and the usual headings`, () => {
      const text = readFileSync(`docs/fixes/${id}.md`, 'utf8');
      assert.equal(text.split('\n', 1)[0], `# ${title}`);
      assert.deepEqual(
        Array.from(text.matchAll(/^## (.+)$/gm), ([, heading]) => heading),
        fixHeadings,
      );
    });

    it(`${id} is verified by a topic that there is`, () => {
      assert.ok(topics.some((topic) => topic.id === verify.topic));
    });

    it(`${id} needs rights for what it changes, where it is asked to`, () => {
      assert.ok(rights.some(({ verbs }) => verbs.includes('get') && verbs.includes('patch')));
      const isWide = rights.some(({ namespace }) => namespace === 'target');
      assert.equal(isWide, scope !== 'cluster');
    });
  }
});
