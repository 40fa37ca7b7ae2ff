import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { parseAllDocuments } from 'yaml';

const dir = mkdtempSync(path.join(tmpdir(), 'meshbot-policy-'));
after(() => rmSync(dir, { recursive: true, force: true }));

const example = 'deploy/fixes/policy.example.yaml';
/** The example with the people that it shows in a comment. */
const mapped = path.join(dir, 'mapped.yaml');
writeFileSync(mapped, readFileSync(example, 'utf8').replaceAll(/^# (people:| {2}U012)/gm, '$1'));

function policy(...args: readonly string[]) {
  return spawnSync(process.execPath, ['src/cli.ts', 'policy', ...args], { encoding: 'utf8' });
}

function file(text: string): string {
  const place = path.join(dir, 'policy.yaml');
  writeFileSync(place, text);
  return place;
}

describe('meshbot policy', () => {
  it('exits 0 and says what a good file allows', () => {
    const { status, stdout } = policy('check', example);
    assert.equal(status, 0);
    assert.match(stdout, /mon-fri 09:00-17:00 Europe\/Berlin/);
  });

  it('exits 1 and says all that is wrong with another', () => {
    const { status, stdout, stderr } = policy('check', file('version: 2\nfrezee: {}\n'));
    assert.equal(status, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /version[\s\S]*frezee/);
  });

  it('lists its digests, and holds them against the topics and clusters that there are', () => {
    const digest = (more: string) =>
      file(`version: 1\ndigests: [{ schedule: daily 9:00, namespaces: [web], channel: C0MESH, ${more} }]\n`);
    const good = policy('check', digest('topics: [mtls], cluster: prod'), '--clusters', 'dev, prod');
    assert.equal(good.status, 0, good.stderr);
    assert.match(good.stdout, /web.*mtls.*prod.*C0MESH.*daily 9:00/);
    for (const [more, place] of [
      ['topics: [mtsl]', 'topics'],
      ['cluster: prd', 'cluster'],
    ] as const) {
      const wrong = policy('check', digest(more), '--clusters', 'dev,prod');
      assert.equal(wrong.status, 1);
      assert.match(wrong.stderr, new RegExp(`digests\\[0\\]\\.${place}`));
    }
  });

  it('gives the fixer the mapped people and nobody else', () => {
    const { status, stdout } = policy('rbac', mapped, '--service-account', 'mesh/writer');
    assert.equal(status, 0);
    const [role, binding] = parseAllDocuments(stdout).map((document) => document.toJS());
    assert.deepEqual(role.rules, [
      {
        apiGroups: [''],
        resources: ['users'],
        resourceNames: ['ana@example.com', 'carla@example.com'],
        verbs: ['impersonate'],
      },
      { apiGroups: [''], resources: ['groups'], resourceNames: ['platform', 'team-bookinfo'], verbs: ['impersonate'] },
      { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
    ]);
    assert.deepEqual(binding.subjects, [{ kind: 'ServiceAccount', namespace: 'mesh', name: 'writer' }]);
    assert.equal(binding.roleRef.name, role.metadata.name);
  });

  it('gives no right without names, which would be for everybody', () => {
    const nobody = policy('rbac', file('version: 1\n'));
    assert.deepEqual(
      parseAllDocuments(nobody.stdout)
        .map((document) => document.toJS())
        .filter(Boolean),
      [],
    );
    const noGroups = policy('rbac', file('version: 1\npeople: { U0BEN: { user: ben } }\n'));
    const [role] = parseAllDocuments(noGroups.stdout).map((document) => document.toJS());
    assert.deepEqual(
      role.rules.map(({ resources }: { resources: string[] }) => resources),
      [['users'], ['subjectaccessreviews']],
    );
  });

  it('exits 3 for what is no service account', () => {
    assert.equal(policy('rbac', example, '--service-account', 'writer').status, 3);
  });
});
