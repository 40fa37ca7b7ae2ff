import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { checks } from '../src/checks/index.ts';

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
