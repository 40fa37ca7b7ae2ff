import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';

function completeLock(...args: readonly string[]) {
  return spawnSync(process.execPath, ['scripts/complete-lock.mjs', ...args], { encoding: 'utf8' });
}

describe('package-lock.json', () => {
  it('describes every optional package it names, so that npm ci accepts it', () => {
    const { status, stdout } = completeLock('--check');
    assert.equal(stdout, '', 'run: node scripts/complete-lock.mjs');
    assert.equal(status, 0);
  });

  it('names no registry: everybody has their own', () => {
    const lock: { packages: Record<string, { readonly resolved?: string }> } = JSON.parse(
      readFileSync('package-lock.json', 'utf8'),
    );
    const resolved = Object.entries(lock.packages).filter(([, entry]) => entry.resolved?.startsWith('http'));
    assert.deepEqual(
      resolved,
      [],
      'npm leaves them out where .npmrc is read: npm install in the root of the repository',
    );
  });
});

describe('complete-lock', () => {
  it('finds what is missing at any depth, adds it for its platform, and is then content', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'lock-'));
    const file = path.join(folder, 'package-lock.json');
    try {
      writeFileSync(file, JSON.stringify({ packages: incomplete }));
      const before = completeLock('--check', file);
      assert.deepEqual([before.status, before.stdout], [1, 'missing @fast/thing-darwin-arm64@2.0.0\n']);
      assert.equal(completeLock(file).status, 0);
      assert.equal(completeLock('--check', file).status, 0);
      const added = JSON.parse(readFileSync(file, 'utf8')).packages['node_modules/@fast/thing-darwin-arm64'];
      assert.deepEqual(added, { version: '2.0.0', optional: true, os: ['darwin'], cpu: ['arm64'] });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

const incomplete = {
  '': { optionalDependencies: { 'at-the-top': '1.0.0', 'not-exact': '^1.0.0' } },
  'node_modules/at-the-top': { version: '1.0.0' },
  'node_modules/fast': { version: '2.0.0' },
  'node_modules/fast/node_modules/thing': {
    version: '2.0.0',
    optionalDependencies: {
      '@fast/thing-darwin-arm64': '2.0.0',
      '@fast/thing-linux-x64': '2.0.0',
      'at-the-top': '1.0.0',
    },
  },
  'node_modules/fast/node_modules/@fast/thing-linux-x64': { version: '2.0.0' },
};
