import assert from 'node:assert/strict';
import { subscribe } from 'node:diagnostics_channel';
import { after, describe, it } from 'node:test';
import { type LiveCluster, liveCluster } from '../../src/clients/kubernetes/live-cluster.ts';
import { podHttp } from '../../src/clients/kubernetes/pod-http.ts';
import { folderOf } from '../clients/files/folder.ts';
import { configMaps, deployments, meshes, names, namespaces, pods, policies } from '../clients/files/resources.ts';
import { stillInMemory } from '../clients/kubernetes/garbage.ts';
import { source } from '../clients/kubernetes/reason.ts';
import { eventually, useCluster } from './cluster.ts';

interface Kubeconfig {
  readonly clusters: readonly { readonly name: string; readonly cluster: Readonly<Record<string, unknown>> }[];
  readonly contexts: readonly { readonly name: string; readonly context: Readonly<Record<string, unknown>> }[];
  readonly users: readonly { readonly name: string; readonly user: Readonly<Record<string, unknown>> }[];
}

const cluster = await useCluster();
const config: Kubeconfig = JSON.parse(await cluster.kubectl('config', 'view', '--raw', '--minify', '-o', 'json'));
const admin = await liveCluster({ kubeconfig: cluster.kubeconfig, pageSize: 2 });
after(() => admin.close());

/** The same cluster with other credentials or settings. */
async function withChanges(user: object | undefined, settings: object = {}): Promise<LiveCluster> {
  const changed = {
    ...config,
    clusters: config.clusters.map((one) => ({ ...one, cluster: { ...one.cluster, ...settings } })),
    users: config.users.map((one) => ({ ...one, user: user ?? one.user })),
  };
  const kubeconfig = `${folderOf({ config: JSON.stringify(changed) })}/config`;
  const client = await liveCluster({ kubeconfig });
  after(() => client.close());
  return client;
}

describe('a real API server', () => {
  it('answers, and says who we are by taking our credentials', async () => {
    await admin.ready();
    await assert.rejects((await withChanges({ token: 'wrong' })).ready(), source('unauthenticated'));
  });

  it('is read page by page', async () => {
    const namespace = await cluster.namespace('pages');
    const made = Array.from({ length: 9 }, (_, index) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `c${index}`, namespace, labels: { made: 'here', parity: index % 2 === 0 ? 'even' : 'odd' } },
    }));
    await cluster.apply(...made);
    const found = await admin.list(configMaps, { namespace, labelSelector: 'made=here' }, (object) => object);
    assert.deepEqual(
      found.map(({ apiVersion, kind, metadata }) => `${apiVersion} ${kind} ${metadata.name}`),
      made.map(({ metadata }) => `v1 ConfigMap ${metadata.name}`),
    );
    const odd = await names(admin, configMaps, { namespace, labelSelector: 'parity notin (even),made' });
    assert.equal(odd.length, 4);
  });

  it('tells what is there, what is not there, and what it does not know', async () => {
    assert.equal((await admin.get(deployments, 'istiod', { namespace: 'istio-system' }))?.apiVersion, 'apps/v1');
    assert.equal(await admin.get(deployments, 'none', { namespace: 'istio-system' }), undefined);
    assert.equal(await admin.get(configMaps, 'none', { namespace: 'none' }), undefined);
    assert.deepEqual(await names(admin, pods, { namespace: 'no-such-namespace' }), []);
    assert.ok((await names(admin, namespaces)).includes('istio-system'));
    await assert.rejects(names(admin, meshes), source('not-installed', /servicemeshcontrolplanes\.maistra\.io/));
    await assert.rejects(admin.get(meshes, 'basic', { namespace: 'istio-system' }), source('not-installed'));
  });

  it('is asked in a version that it serves', async () => {
    const namespace = await cluster.namespace('versions');
    await cluster.apply({
      apiVersion: 'security.istio.io/v1',
      kind: 'PeerAuthentication',
      metadata: { name: 'p', namespace },
    });
    const future = { ...policies, versions: ['v7', 'v1beta1', 'v1'] };
    assert.deepEqual(await admin.list(future, { namespace }, ({ apiVersion }) => apiVersion), [
      'security.istio.io/v1beta1',
    ]);
    await assert.rejects(names(admin, { ...policies, versions: ['v7'] }), source('invalid', /v1/));
  });

  it('refuses those without rights, and we say what they lack', async () => {
    const namespace = await cluster.namespace('rights');
    await cluster.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'nobody', namespace } });
    const token = (await cluster.kubectl('create', 'token', 'nobody', '-n', namespace)).trim();
    const nobody = await withChanges({ token });
    const lists = source(
      'forbidden',
      /list peerauthentications\.security\.istio\.io in namespace istio-system/,
      new RegExp(`system:serviceaccount:${namespace}:nobody`),
      /mesh-reader/,
    );
    await assert.rejects(names(nobody, policies, { namespace: 'istio-system' }), lists);
    await assert.rejects(names(nobody, pods), source('forbidden', /list pods in all namespaces/));
    await assert.rejects(
      nobody.get(configMaps, 'istio', { namespace: 'istio-system' }),
      source('forbidden', /get configmaps istio/),
    );
  });

  it('can be asked as someone else, with several groups', async () => {
    const [user] = config.users;
    const other = await withChanges({ ...user?.user, as: 'ana', 'as-groups': ['nobodies', 'system:masters'] });
    assert.ok((await names(other, namespaces)).length > 0);
    const plain = await withChanges({ ...user?.user, as: 'ana', 'as-groups': ['nobodies'] });
    await assert.rejects(names(plain, namespaces), source('forbidden', /as ana/));
  });

  it('is believed only with the right certificate', async () => {
    const authority = { 'certificate-authority-data': undefined, 'certificate-authority': undefined };
    await assert.rejects(
      (await withChanges(undefined, authority)).ready(),
      source('unreachable', /signed by an authority/),
    );
    await assert.rejects(
      (await withChanges(undefined, { 'tls-server-name': 'other.example' })).ready(),
      source('unreachable', /another name/),
    );
    await (await withChanges(undefined, { ...authority, 'insecure-skip-tls-verify': true })).ready();
  });

  it('is given up when time is over or the caller wants nothing any more', async () => {
    await assert.rejects(names(admin, pods, { signal: AbortSignal.timeout(1) }), source('timeout'));
    await assert.rejects(names(admin, pods, { signal: AbortSignal.abort(new Error('cancelled')) }), {
      message: 'cancelled',
    });
    const hasty = await liveCluster({ kubeconfig: cluster.kubeconfig, deadlineMs: 1 });
    after(() => hasty.close());
    await assert.rejects(names(hasty, pods), source('timeout'));
  });

  it('gives many pods over few connections, and no page of them stays in memory', async () => {
    const namespace = await cluster.namespace('many');
    const containers = [{ name: 'a', image: 'example/a:1', env: [{ name: 'FILL', value: 'x'.repeat(4_000) }] }];
    const path = `/api/v1/namespaces/${namespace}/pods`;
    const pod = (name: string) => ({ metadata: { name }, spec: { schedulerName: 'none', containers } });
    let connections = 0;
    const client = await liveCluster({ kubeconfig: cluster.kubeconfig, pageSize: 25 });
    after(() => client.close());
    subscribe('undici:client:connected', () => (connections += 1));
    const made = await Promise.all(
      Array.from({ length: 300 }, (_, index) =>
        client.connection.request({ method: 'POST', path, body: pod(`p${index}`) }),
      ),
    );
    assert.deepEqual([...new Set(made.map(({ status }) => status))], [201]);
    const lists = await Promise.all(Array.from({ length: 12 }, () => names(client, pods, { namespace })));
    assert.deepEqual(new Set(lists.map((one) => one.length)), new Set([300]));
    assert.ok(connections > 0 && connections <= 10, `${connections} connections`);

    const seen: WeakRef<object>[] = [];
    let alive = 0;
    await client.list(pods, { namespace }, (object) => {
      if (seen.push(new WeakRef(object)) === 300) alive = stillInMemory(seen);
      return undefined;
    });
    assert.ok(alive > 0 && alive <= 50, `${alive} of 300 pods are still in memory`);
  });
});

describe('servers inside pods', () => {
  const envoy = async () => {
    const [name = ''] = await admin.list(
      pods,
      { namespace: 'bookinfo', labelSelector: 'app=productpage' },
      ({ metadata }) => metadata.name,
    );
    return { namespace: 'bookinfo', name };
  };
  const http = podHttp(admin.connection);

  it('are read through the API server', async () => {
    const pod = await envoy();
    const info = await http.get(pod, 15000, '/server_info');
    assert.equal(info.status, 200);
    assert.equal(JSON.parse(info.body).state, 'LIVE');
    const dump = await http.get(pod, 15000, '/config_dump');
    assert.ok(JSON.parse(dump.body).configs.length > 3);
    assert.notEqual((await http.get(pod, 15000, '/config_dump?resource=nonsense')).status, 200);
  });

  it('are asked for much at once', async () => {
    const pod = await envoy();
    const answers = await Promise.all(Array.from({ length: 20 }, () => http.get(pod, 15000, '/clusters?format=json')));
    assert.ok(answers.every(({ body }) => Array.isArray(JSON.parse(body).cluster_statuses)));
  });

  it('are never asked to change anything', async () => {
    const pod = await envoy();
    for (const path of ['/quitquitquit', '/logging?level=debug', '/stats/../quitquitquit', '/ready HTTP/1.1\r\nx: y']) {
      await assert.rejects(http.get(pod, 15000, path), /not on the list/);
    }
  });

  it('may be closed, gone, too slow or too large', async () => {
    const pod = await envoy();
    await assert.rejects(http.get(pod, 1, '/ready'), source('unreachable', /kubelet/));
    await assert.rejects(http.get({ ...pod, name: 'none' }, 15000, '/ready'), source('unreachable', /none/));
    await assert.rejects(http.get(pod, 15000, '/config_dump', { timeoutMs: 2 }), source('timeout'));
    await assert.rejects(http.get(pod, 15000, '/config_dump', { maxBytes: 1_000 }), source('partial'));
    const cancelled = AbortSignal.abort(new Error('cancelled'));
    await assert.rejects(http.get(pod, 15000, '/ready', { signal: cancelled }), { message: 'cancelled' });
  });

  it('need a right of their own', async () => {
    const pod = await envoy();
    const namespace = await cluster.namespace('forward');
    const subject = { kind: 'ServiceAccount', name: 'reader', namespace };
    await cluster.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'reader', namespace } });
    const token = (await cluster.kubectl('create', 'token', 'reader', '-n', namespace)).trim();
    const reader = podHttp((await withChanges({ token })).connection);
    const account = new RegExp(`system:serviceaccount:${namespace}:reader`);
    await assert.rejects(
      reader.get(pod, 15000, '/ready'),
      source('forbidden', /pods\/portforward/, /bookinfo/, account),
    );
    const rule = { apiGroups: [''], resources: ['pods/portforward'], verbs: ['get', 'create'] };
    const api = 'rbac.authorization.k8s.io';
    await cluster.apply(
      { apiVersion: `${api}/v1`, kind: 'Role', metadata: { name: namespace, namespace: 'bookinfo' }, rules: [rule] },
      {
        apiVersion: `${api}/v1`,
        kind: 'RoleBinding',
        metadata: { name: namespace, namespace: 'bookinfo' },
        roleRef: { apiGroup: api, kind: 'Role', name: namespace },
        subjects: [subject],
      },
    );
    const allowed = await eventually(
      () => reader.get(pod, 15000, '/ready').catch(String),
      (answer) => typeof answer !== 'string',
    );
    assert.notEqual(typeof allowed, 'string');
  });

  it('are read as someone else, with several groups', async () => {
    const [user] = config.users;
    const other = await withChanges({ ...user?.user, as: 'ana', 'as-groups': ['nobodies', 'system:masters'] });
    assert.equal((await podHttp(other.connection).get(await envoy(), 15000, '/ready')).status, 200);
  });
});
