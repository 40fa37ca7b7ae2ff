import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { filesCluster } from '../../../src/clients/files/files-cluster.ts';
import { SourceError, UsageError } from '../../../src/model/sources.ts';
import { folderOf } from './folder.ts';
import { clusterRoles, configMaps, deployments, names, pods, policies, secrets } from './resources.ts';

const pod = (name: string, more = '') => `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\n${more}`;

describe('files as a cluster', () => {
  it('reads all documents of all YAML and JSON files below a directory, in the order of their names', async () => {
    const folder = folderOf({
      'b.yml': `---\n# nothing\n---\n${pod('b1', '  namespace: shop\n')}---\n${pod('b2')}---\n`,
      'a/one.yaml': pod('a1'),
      'c.json': JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'c1' } }),
      'notes.txt': 'not: [read',
      '.git/config.yaml': 'not: [read',
    });
    const cluster = await filesCluster([folder]);
    assert.deepEqual(await names(cluster, pods), ['default/a1', 'shop/b1', 'default/b2', 'default/c1']);
    assert.deepEqual(await names(cluster, pods, { namespace: 'shop' }), ['shop/b1']);
    assert.equal(cluster.kind, 'files');
    assert.match(cluster.source, /3 files/);
  });

  it('reads standard input', async () => {
    const cluster = await filesCluster(['-'], { stdin: Readable.from([pod('x').slice(0, 20), pod('x').slice(20)]) });
    assert.deepEqual(await names(cluster, pods), ['default/x']);
  });

  it('takes lists apart, also lists of one kind whose items do not say theirs', async () => {
    const item = (name: string) => ({ metadata: { name, namespace: 'a' } });
    const folder = folderOf({
      'list.json': JSON.stringify({ apiVersion: 'v1', kind: 'PodList', items: [item('one'), item('two')] }),
      'mixed.yaml': `apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: three}}\n`,
    });
    const found = await (await filesCluster([folder])).list(
      pods,
      {},
      (object) => `${object.apiVersion} ${object.kind} ${object.metadata.name}`,
    );
    assert.deepEqual(found, ['v1 Pod one', 'v1 Pod two', 'v1 Pod three']);
  });

  it('gets one object, and tells a missing one from one of another namespace', async () => {
    const cluster = await filesCluster([folderOf({ 'a.yaml': pod('x', '  namespace: shop\n') })]);
    assert.equal((await cluster.get(pods, 'x', { namespace: 'shop' }))?.metadata.name, 'x');
    assert.equal(await cluster.get(pods, 'x', { namespace: 'other' }), undefined);
    assert.equal(await cluster.get(configMaps, 'x', { namespace: 'shop' }), undefined);
  });

  it('keeps objects of the cluster apart from namespaces', async () => {
    const role = 'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: reader\n';
    const cluster = await filesCluster([folderOf({ 'a.yaml': role })]);
    assert.deepEqual(await names(cluster, clusterRoles, { namespace: 'any' }), ['reader']);
    assert.equal((await cluster.get(clusterRoles, 'reader', {}))?.metadata.namespace, undefined);
  });

  const selected: readonly (readonly [selector: string, expected: readonly string[]])[] = [
    ['app=web', ['web1', 'web2']],
    ['app==web,tier!=db', ['web1']],
    ['app in (db, web),!tier', ['web1']],
    ['tier', ['db', 'web2']],
    ['app notin (web)', ['bare', 'db']],
    ['app=', []],
  ];
  for (const [labelSelector, expected] of selected) {
    it(`selects by ${labelSelector}`, async () => {
      const labelled = (name: string, labels: string) => pod(name, `  labels: ${labels}\n`);
      const text = [
        labelled('web1', '{app: web}'),
        labelled('web2', '{app: web, tier: db}'),
        labelled('db', '{app: db, tier: db}'),
        pod('bare'),
      ];
      const cluster = await filesCluster([folderOf({ 'a.yaml': text.join('---\n') })]);
      const found = await cluster.list(pods, { labelSelector }, ({ metadata }) => metadata.name);
      assert.deepEqual(found.toSorted(), expected);
    });
  }

  it('says which version of a known kind it does not understand', async () => {
    const policy = 'apiVersion: security.istio.io/v7\nkind: PeerAuthentication\nmetadata:\n  name: x\n';
    const cluster = await filesCluster([folderOf({ 'a.yaml': policy })]);
    await assert.rejects(
      names(cluster, policies),
      (error) => error instanceof SourceError && error.reason === 'invalid' && /v7/.test(error.message),
    );
    assert.deepEqual(await names(cluster, deployments), []);
  });

  it('never hands out what is in a Secret', async () => {
    const secret =
      'apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n  annotations: {last: canary}\ndata: {a: canary}\nstringData: {b: canary}\n';
    const cluster = await filesCluster([folderOf({ 'a.yaml': secret })]);
    assert.doesNotMatch(JSON.stringify(await cluster.get(secrets, 's', {})), /canary/);
  });

  it('reads a file once, however often it is reached', async () => {
    const folder = folderOf({ 'a.yaml': pod('x') });
    assert.deepEqual(await names(await filesCluster([folder, `${folder}/a.yaml`]), pods), ['default/x']);
  });

  it('takes the same object twice where both are alike', async () => {
    const folder = folderOf({ 'a.yaml': pod('x'), 'b.yaml': pod('x') });
    assert.deepEqual(await names(await filesCluster([folder]), pods), ['default/x']);
  });

  it('stops when its caller gave up', async () => {
    const cluster = await filesCluster([folderOf({ 'a.yaml': pod('x') })]);
    await assert.rejects(names(cluster, pods, { signal: AbortSignal.abort() }), { name: 'AbortError' });
  });

  it('reads 2,000 documents in less than two seconds of work', async () => {
    const spec =
      'spec:\n  containers:\n  - name: a\n    image: example/a:1\n    ports:\n    - containerPort: 8080\n    env:\n    - name: A\n      value: "1"\n';
    const text = Array.from({ length: 2000 }, (_, index) =>
      pod(`pod-${index}`, `  labels: {app: a${index}}\n${spec}`),
    ).join('---\n');
    const folder = folderOf({ 'all.yaml': text });
    const before = process.cpuUsage();
    const cluster = await filesCluster([folder]);
    assert.equal((await names(cluster, pods)).length, 2000);
    assert.ok(process.cpuUsage(before).user < 2_000_000);
  });
});

describe('files that cannot be used', () => {
  const broken: readonly (readonly [what: string, files: Readonly<Record<string, string | Buffer>>, says: RegExp])[] = [
    [
      'broken YAML: file, line and column',
      { 'a.yaml': `${pod('x')}---\n${pod('y')}\n  bad: [1,\n` },
      /a\.yaml, line 1\d, column \d+/,
    ],
    [
      'broken JSON: file, line and column',
      { 'a.json': '{\n  "kind": "Pod",\n  oops\n' },
      /a\.json, line \d, column \d+/,
    ],
    ['a key twice', { 'a.yaml': `${pod('x')}kind: Pod\n` }, /a\.yaml, line 5/],
    [
      'a Helm template',
      { 'a.yaml': 'kind: Pod\nmetadata:\n  {{- include "labels" . | nindent 4 }}\n' },
      /helm template/,
    ],
    ['values of a chart', { 'values.yaml': 'replicas: 2\n' }, /helm template/],
    ['a kustomization', { 'kustomization.yaml': 'resources: [a.yaml]\n' }, /kubectl kustomize/],
    [
      'a document without kind',
      { 'a.yaml': `${pod('x')}---\nmetadata: {name: y}\napiVersion: v1\n` },
      /a\.yaml, document 2 \(line 6\) has no kind/,
    ],
    [
      'a document without a name',
      { 'a.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {}\n' },
      /a\.yaml has no metadata\.name/,
    ],
    [
      'an item of a list without a name',
      { 'a.yaml': 'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod}\n' },
      /item 1 has no metadata/,
    ],
    ['a number as name', { 'a.yaml': pod('7') }, /metadata\.name.*"7"/],
    ['a number as label', { 'a.yaml': pod('x', '  labels: {version: 1}\n') }, /metadata\.labels\["version"\].*"1"/],
    ['a text as metadata', { 'a.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: x\n' }, /metadata where a map belongs/],
    ['a document that is a list', { 'a.yaml': '- a\n- b\n' }, /a list, not an object/],
    [
      'two objects of one name',
      { 'a.yaml': pod('x', '  namespace: default\n'), 'b.yaml': pod('x', 'spec: {a: 1}\n') },
      /a\.yaml.*b\.yaml/s,
    ],
    ['no objects', { 'a.yaml': '# nothing\n' }, /no Kubernetes objects/],
    ['no files', { 'notes.txt': 'x' }, /no \.yaml/],
    ['a binary file', { 'a.yaml': Buffer.from([0xff, 0xfe, 0, 1]) }, /not text/],
    ['a text with null bytes', { 'a.yaml': 'kind: Pod\0' }, /not text/],
    ['too many aliases', { 'a.yaml': bomb() }, /aliases/],
  ];
  for (const [what, files, says] of broken) {
    it(`complains about ${what}`, async () => {
      await assert.rejects(filesCluster([folderOf(files)]), (error) => {
        assert.ok(error instanceof UsageError, String(error));
        assert.match(error.message, says);
        return true;
      });
    });
  }

  it('complains about what is too large, not there, or an archive', async () => {
    const folder = folderOf({ 'a.yaml': `# ${'x'.repeat(5000)}\n`, 'g.tar.gz': 'x' });
    const limits = { fileBytes: 4096, totalBytes: 8192, files: 10 };
    await assert.rejects(filesCluster([`${folder}/a.yaml`], { limits }), { name: 'UsageError' });
    await assert.rejects(filesCluster([`${folder}/none.yaml`]), { name: 'UsageError', message: /none\.yaml/ });
    await assert.rejects(filesCluster([`${folder}/g.tar.gz`]), { name: 'UsageError', message: /tar -xf/ });
    await assert.rejects(filesCluster([]), { name: 'UsageError' });
  });

  it('does not follow links in circles', async () => {
    const { symlinkSync } = await import('node:fs');
    const folder = folderOf({ 'a.yaml': pod('x') });
    symlinkSync(folder, `${folder}/again`);
    assert.deepEqual(await names(await filesCluster([folder]), pods), ['default/x']);
    symlinkSync(`${folder}/loop.yaml`, `${folder}/loop.yaml`);
    await assert.rejects(filesCluster([folder]), { name: 'UsageError', message: /loop\.yaml/ });
  });

  it('does not repeat what a broken file holds', async () => {
    const folder = folderOf({
      'a.yaml': 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {a: canary, b: [\n',
    });
    await assert.rejects(
      filesCluster([folder]),
      (error) => error instanceof UsageError && !/canary/.test(error.message),
    );
  });
});

function bomb(): string {
  const levels = Array.from(
    { length: 9 },
    (_, level) => `l${level + 1}: &l${level + 1} [${Array(9).fill(`*l${level}`).join(', ')}]`,
  );
  return ['apiVersion: v1', 'kind: ConfigMap', 'metadata: {name: x}', 'l0: &l0 [x]', ...levels].join('\n');
}
