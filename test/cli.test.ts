import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { meshConfig, namespace, peerAuthentication, workload } from './helpers/manifests.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'meshbot-cli-'));
after(() => rmSync(dir, { recursive: true, force: true }));

function meshbot(...args: readonly string[]): {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
} {
  const env = { ...process.env, KUBECONFIG: path.join(dir, 'none'), NO_COLOR: '1' };
  return spawnSync(process.execPath, ['src/cli.ts', ...args], { encoding: 'utf8', env });
}

function file(name: string, ...documents: readonly string[]): string {
  const place = path.join(dir, name);
  writeFileSync(place, documents.join('---\n'));
  return place;
}

const shop = [meshConfig({}), namespace('shop', { 'istio-injection': 'enabled' }), workload('shop/web')];
const strict = file('strict.yaml', ...shop, peerAuthentication('shop/default', 'STRICT'));
const permissive = file('permissive.yaml', ...shop);
const odd = file('odd.yaml', ...shop, peerAuthentication('shop/default', 'STICT'));

describe('meshbot', () => {
  it('exits 0 where all is well', () => {
    const { status, stdout } = meshbot('check', 'mtls', 'shop', '--files', strict);
    assert.equal(status, 0, stdout);
    assert.match(stdout, /^✔ /);
  });

  it('exits 1 where there are findings', () => {
    assert.equal(meshbot('check', 'mtls', 'shop', '--files', permissive).status, 1);
  });

  it('exits 2 where something could not be seen', () => {
    const { status, stdout } = meshbot('check', 'mtls', 'shop', '--files', odd);
    assert.equal(status, 2, stdout);
    assert.match(stdout, /^\? .*PeerAuthentication shop\/default/);
  });

  it('prints JSON of the documented shape', () => {
    const { stdout } = meshbot('check', 'mtls', 'shop', '--files', permissive, '-o', 'json');
    const report = JSON.parse(stdout);
    assert.deepEqual(Object.keys(report).toSorted(), [
      'connections',
      'coverage',
      'demands',
      'findings',
      'headline',
      'takenAt',
      'target',
      'topic',
      'verdict',
      'version',
    ]);
    assert.equal(report.version, 1);
    assert.ok(report.findings.every(({ message }: { message: string }) => !message.includes('{to}')));
  });

  it('saves a snapshot and judges it again', () => {
    const saved = file('snapshot.json', meshbot('snapshot', 'shop', '--files', permissive).stdout);
    const { status, stdout } = meshbot('check', 'mtls', 'shop', '--snapshot', saved);
    assert.equal(status, 1);
    assert.match(stdout, /web accepts plaintext/);
    const other = meshbot('check', 'mtls', 'other', '--snapshot', saved);
    assert.equal(other.status, 3);
    assert.match(other.stderr, /of namespace shop/);
  });

  const wrong: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['an unknown topic', ['check', 'mtsl', 'shop', '--files', strict], /Did you mean mtls/],
    ['an unknown namespace', ['check', 'mtls', 'shpo', '--files', strict], /Did you mean shop/],
    ['an unknown workload', ['check', 'mtls', 'shop/wbe', '--files', strict], /Did you mean web/],
    [
      'an unknown namespace of callers',
      ['check', 'mtls', 'shop', '--from', 'shpo', '--files', strict],
      /Did you mean shop/,
    ],
    ['a name that cannot be one', ['check', 'mtls', 'Shop!', '--files', strict], /lower-case/],
    ['a very long name', ['check', 'mtls', 'a'.repeat(4_000), '--files', strict], /63/],
    ['a missing target', ['check', 'mtls', '--files', strict], /Name the namespace/],
    ['a target of a topic about the cluster', ['check', 'uwm', 'shop', '--files', strict], /takes no target/],
    ['an unknown option', ['check', 'mtls', 'shop', '--output', 'xml'], /Allowed choices/],
    ['a file that is not there', ['check', 'mtls', 'shop', '--files', path.join(dir, 'nowhere')], /nowhere/],
    ['a snapshot that is none', ['check', 'mtls', 'shop', '--snapshot', strict], /snapshot/],
    [
      'broken YAML',
      ['check', 'mtls', 'shop', '--files', file('broken.yaml', 'kind: Pod\n  bad: [\n')],
      /broken\.yaml, line \d+, column \d+/,
    ],
    ['no cluster at all', ['check', 'mtls', 'shop'], /kubeconfig/i],
    ['a time that is none', ['check', 'mtls', 'shop', '--timeout', 'soon', '--files', strict], /seconds/],
  ];
  for (const [what, args, says] of wrong) {
    it(`exits 3 and says what to do for ${what}`, () => {
      const { status, stdout, stderr } = meshbot(...args);
      assert.equal(status, 3, stderr);
      assert.match(stderr, says);
      assert.equal(stdout, '');
      assert.doesNotMatch(stderr, /\n\s+at /);
    });
  }

  it('has help worth reading', () => {
    const { status, stdout } = meshbot('--help');
    assert.equal(status, 0);
    assert.match(stdout, /Examples:[\s\S]*Exit status/);
  });
});
