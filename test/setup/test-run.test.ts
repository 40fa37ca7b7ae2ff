import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const dir = mkdtempSync(path.join(tmpdir(), 'meshbot-run-'));
after(() => rmSync(dir, { recursive: true, force: true }));

const runner = path.join(dir, 'runner.mjs');
writeFileSync(
  runner,
  `import { runFiles } from '${pathToFileURL('scripts/test-run.mjs')}';
  const options = { concurrency: 1, limitMs: 20_000, closeMs: 500 };
  const { passed, failed, skipped } = await runFiles(process.argv.slice(2), options);
  console.log(JSON.stringify([passed, failed, skipped]));`,
);

/** Runs a test file: how many passed, failed and were skipped, and what was said. */
async function run(name: string, text: string): Promise<{ readonly counts: readonly number[]; readonly said: string }> {
  const file = path.join(dir, `${name}.test.mjs`);
  writeFileSync(file, `import { after, it } from 'node:test';\n${text}`);
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, [runner, file], { env });
  const [counts = '', ...said] = stdout.trimEnd().split('\n').reverse();
  return { counts: JSON.parse(counts), said: said.reverse().join('\n') };
}

const forever = 'setInterval(() => {}, 1000)';

describe('a run of tests', { concurrency: true }, () => {
  it('counts every test of a file, to the last one', async () => {
    const last = "it('waits', { skip: 'for Godot' }, () => {});";
    const many = `for (let n = 0; n < 700; n += 1) it(n + 'x'.repeat(500), () => {});\n${last}`;
    const { counts, said } = await run('many', many);
    assert.deepEqual(counts, [700, 0, 1]);
    assert.match(said, /many\.test\.mjs.* waits \(for Godot\)/);
  });

  for (const [what, text, says] of [
    ['timer', forever, /Timeout/],
    ['server', "(await import('node:net')).createServer().listen(0, '127.0.0.1')", /server on .*127\.0\.0\.1/],
    ['process', "(await import('node:child_process')).spawn('sleep', ['5'])", /process \d+ \(sleep\)/],
  ] as const) {
    it(`fails where a file leaves a ${what} open, and names both`, async () => {
      const { counts, said } = await run(what, `it('is well', async () => void (${text}));`);
      assert.deepEqual(counts, [1, 1, 0]);
      assert.match(said, new RegExp(`${what}\\.test\\.mjs .*${says.source}`));
    });
  }

  it('says so as well where tests failed', async () => {
    const { counts, said } = await run('both', `it('fails', () => { ${forever}; throw new Error('its own'); });`);
    assert.deepEqual(counts, [0, 2, 0]);
    assert.match(said, /its own[\s\S]*both\.test\.mjs .*Timeout/);
  });

  it('lets a file close what it has, and waits for what ends soon', async () => {
    const slow = 'after(() => new Promise((resolve) => setTimeout(resolve, 1000)));';
    const { counts } = await run('closes', `${slow}\nit('a', () => void setTimeout(() => {}, 1200));`);
    assert.deepEqual(counts, [1, 0, 0]);
  });

  it('fails where a file ends before its tests, though with exit status 0', async () => {
    const { counts, said } = await run('exits', "it('a', () => process.exit(0));\nit('b', () => {});");
    assert.deepEqual(counts, [0, 1, 0]);
    assert.match(said, /exits\.test\.mjs/);
  });

  it('says what went wrong after a test', async () => {
    const late = "setTimeout(() => { throw new Error('too late'); }, 50)";
    const { counts, said } = await run('later', `it('a', () => void ${late});`);
    assert.deepEqual(counts, [1, 1, 0]);
    assert.match(said, /too late/);
  });
});
