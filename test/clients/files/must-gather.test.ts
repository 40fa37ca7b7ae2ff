import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileSource } from '../../../src/clients/files/file-source.ts';
import { SourceError, UsageError } from '../../../src/model/sources.ts';
import { folderOf } from './folder.ts';
import { configMaps, deployments, meshes, names, namespaces, pods, policies, rules, secrets } from './resources.ts';

const object = (apiVersion: string, kind: string, namespace: string | undefined, name: string, more = '') =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: ${name}\n${namespace === undefined ? '' : `  namespace: ${namespace}\n`}${more}`;
const list = (apiVersion: string, kind: string, ...items: readonly string[]) =>
  `apiVersion: ${apiVersion}\nkind: ${kind}List\nitems:${items.length === 0 ? ' []' : ''}\n${items.join('')}`;
const item = (namespace: string, name: string) => `- metadata:\n    name: ${name}\n    namespace: ${namespace}\n`;

/** Two images: the default one and that of the service mesh, which gathers little of namespaces beside the mesh's objects. */
const root = 'quay-io-openshift-release';
const mesh = 'registry-service-mesh';
const folder = folderOf({
  timestamp: '2026-03-01 10:18:56.083171 +0100 CET m=+1.2\n',
  [`${root}/cluster-scoped-resources/core/nodes/n1.yaml`]: object('v1', 'Node', undefined, 'n1'),
  [`${root}/namespaces/shop/shop.yaml`]: object('v1', 'Namespace', undefined, 'shop'),
  [`${root}/namespaces/shop/core/pods.yaml`]: list('v1', 'Pod', item('shop', 'web'), item('shop', 'db')),
  [`${root}/namespaces/shop/core/secrets.yaml`]: list('v1', 'Secret', item('shop', 's')),
  [`${root}/namespaces/shop/core/configmaps.yaml`]: list('v1', 'ConfigMap'),
  [`${root}/namespaces/shop/pods/web/web.yaml`]: object('v1', 'Pod', 'shop', 'web', '  resourceVersion: "9"\n'),
  [`${root}/namespaces/shop/pods/web/web/logs/current.log`]: 'not yaml: [',
  [`${root}/namespaces/shop/apps/deployments.yaml`]: list('apps/v1', 'Deployment', item('shop', 'web')),
  [`${root}/namespaces/broken/broken.yaml`]: object('v1', 'Namespace', undefined, 'broken'),
  [`${root}/namespaces/broken/apps/deployments.yaml`]:
    'apiVersion: v1\nkind: DeploymentList\nitems:\n- metadata: {name: [\n',
  [`${mesh}/namespaces/shop/security.istio.io/peerauthentications/default.yaml`]: object(
    'security.istio.io/v1',
    'PeerAuthentication',
    'shop',
    'default',
  ),
  [`${mesh}/namespaces/bank/networking.istio.io/destinationrules/x.yaml`]: object(
    'networking.istio.io/v1',
    'DestinationRule',
    'bank',
    'x',
  ),
});

const reason = (expected: string, next?: RegExp) => (error: unknown) => {
  assert.ok(error instanceof SourceError, String(error));
  assert.equal(error.reason, expected);
  if (next) assert.match(error.next ?? '', next);
  return true;
};

describe('a must-gather', () => {
  it('is recognised, below folders of several images', async () => {
    const cluster = await fileSource([folder]);
    assert.equal(cluster.kind, 'must-gather');
    assert.match(cluster.source, /3 namespaces, gathered 2026-03-01 10:18 \+0100/);
  });

  it('is not what any folder named namespaces makes', async () => {
    const plain = folderOf({ 'namespaces/shop/pod.yaml': object('v1', 'Pod', 'shop', 'web') });
    assert.equal((await fileSource([plain])).kind, 'files');
  });

  it('gives the objects of list files and of single files, each once, the newest', async () => {
    const cluster = await fileSource([folder]);
    assert.deepEqual(await names(cluster, pods, { namespace: 'shop' }), ['shop/web', 'shop/db']);
    assert.equal((await cluster.get(pods, 'web', { namespace: 'shop' }))?.metadata.resourceVersion, '9');
    assert.deepEqual(await names(cluster, policies), ['shop/default']);
    assert.deepEqual(await names(cluster, namespaces), ['broken', 'shop']);
  });

  it('knows that there are none where they were gathered', async () => {
    const cluster = await fileSource([folder]);
    assert.deepEqual(await names(cluster, configMaps, { namespace: 'shop' }), []);
    assert.deepEqual(await names(cluster, rules, { namespace: 'shop' }), []);
    assert.equal(await cluster.get(configMaps, 'istio', { namespace: 'shop' }), undefined);
  });

  it('does not know what was not gathered', async () => {
    const cluster = await fileSource([folder]);
    await assert.rejects(
      names(cluster, pods, { namespace: 'elsewhere' }),
      reason('not-in-source', /inspect ns\/elsewhere/),
    );
    await assert.rejects(names(cluster, pods, { namespace: 'bank' }), reason('not-in-source', /inspect ns\/bank/));
    await assert.rejects(
      names(cluster, meshes),
      reason('not-in-source', /inspect servicemeshcontrolplanes\.maistra\.io -A/),
    );
    await assert.rejects(cluster.get(configMaps, 'istio', { namespace: 'bank' }), reason('not-in-source'));
  });

  it('never reads Secrets', async () => {
    await assert.rejects(names(await fileSource([folder]), secrets), reason('not-in-source'));
  });

  it('loses only one kind to a damaged file', async () => {
    const cluster = await fileSource([folder]);
    await assert.rejects(names(cluster, deployments), reason('invalid'));
    assert.deepEqual(await names(cluster, deployments, { namespace: 'shop' }), ['shop/web']);
  });

  it('is what oc adm inspect writes, too', async () => {
    const inspected = folderOf({
      'namespaces/shop/shop.yaml': object('v1', 'Namespace', undefined, 'shop'),
      'namespaces/shop/pods/web/web.yaml': object('v1', 'Pod', 'shop', 'web'),
      'namespaces/quiet/quiet.yaml': object('v1', 'Namespace', undefined, 'quiet'),
    });
    const cluster = await fileSource([inspected]);
    assert.deepEqual(await names(cluster, pods), ['shop/web']);
    assert.deepEqual(await names(cluster, pods, { namespace: 'quiet' }), []);
  });

  it('stands alone', async () => {
    await assert.rejects(fileSource([folder, folder]), UsageError);
  });
});
